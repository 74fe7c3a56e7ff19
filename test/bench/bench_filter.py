#!/usr/bin/python3
"""Filtered nearest-neighbour search: recall, rows, buffers and time.

Parts (--parts):
  shares      three kinds of filter at nine shares of the table, each a range
              on a btree-indexed int column:
                independent  a random column
                correlated   the rank of the row's projection on the data's
                             main direction, a window around the query's own
                anti         that column's far end, seen from the query
  real        the attributes that the data set comes with
  spellings   the same rows selected in different ways, indexed and not
  mixed       the far rows of anti, or any of .3 % of the table: most matches
              are far, the nearest are strewn about
  two         two conditions, of which an index serves one: a tenth of the
              table, far or near, and of that a share drawn by lot; or a
              share drawn by lot and of that those on the far side

Recall is against exact search over the matching rows. "short" counts the
queries that gave fewer rows than the ten, or all the matching, there are.
Time includes planning (custom plans: a generic plan knows no share). x base
is against the same system's unfiltered query. With --ways the same is
measured for our own server with the pre-filter off: streaming through the
index, and an exact sort of what the column's index finds.
"""
import argparse
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dataset                                              # noqa: E402
from bench import (K, Output, Table, arguments, have_index, index_name,  # noqa
                   note, numbers, open_sets, open_systems, plan_of,
                   rows_binary)
from dataset import np                                      # noqa: E402
from libpq import PgError, int4, param_arrays, vector       # noqa: E402

SHARES = [50, 20, 10, 5, 2, 1, 0.5, 0.1, 0.01]


class Columns:
    """The filter columns of a data set, and where each query stands."""

    def __init__(self, ds, queries):
        n = len(ds.base)
        rng = np.random.default_rng(1)
        self.rows = n
        self.ind = rng.permutation(n).astype(np.int32)
        direction, mean = main_direction(ds)
        p = (ds.base.astype(np.float32) - mean) @ direction
        order = np.argsort(p, kind="stable")
        self.dir = np.empty(n, np.int32)
        self.dir[order] = np.arange(n)
        q = (ds.query[:queries].astype(np.float32) - mean) @ direction
        self.query_dir = np.searchsorted(p[order], q)
        self.query_ind = rng.integers(0, n, len(q))

    def range(self, kind, query, share):
        """The column and the half-open range that a filter selects."""
        width = max(1, round(self.rows * share / 100))
        if kind == "independent":
            low = self.query_ind[query] - width // 2
        else:
            low = self.query_dir[query] - width // 2
        low = min(max(0, low), self.rows - width)
        if kind == "anti":
            low = 0 if self.query_dir[query] > self.rows // 2 \
                else self.rows - width
        return ("ind" if kind == "independent" else "dir",
                int(low), int(low + width))

    def selected(self, chosen):
        """Which rows such a range selects."""
        column, low, high = chosen
        values = getattr(self, column)
        return (values >= low) & (values < high)


def main_direction(ds):
    """(unit vector, mean) of the greatest variance, by power iteration."""
    sample = ds.base[::max(1, len(ds.base) // 20000)].astype(np.float64)
    mean = sample.mean(0)
    sample = sample - mean
    v = np.ones(ds.dim)
    for _ in range(50):
        v = sample.T @ (sample @ v)
        v /= np.linalg.norm(v)
    return v.astype(np.float32), mean.astype(np.float32)


def load(system, ds, columns):
    """The table with filter columns, indexes and all, unless it is there."""
    c = system.connect()
    attributes = ds.attributes()
    if c.value("SELECT obj_description(to_regclass('%s'))"
               % ds.table) == "clean":
        if not (have_index(system, ds) and system.args.keep_index):
            build_index(c, system, ds)
        c.close()
        return
    start = time.time()
    t = ds.table
    c.execute("DROP TABLE IF EXISTS %s, %s_v, %s_a" % (t, t, t))
    c.execute("CREATE TABLE %s_v (id int, v vector(%d))" % (t, ds.dim))
    c.copy_binary("COPY %s_v FROM STDIN (FORMAT binary)" % t,
                  rows_binary(range(len(ds.base)), ds.base))
    c.execute("CREATE TABLE %s_a (id int, ind int, dir int%s)" % (
        t, "".join(", %s float4" % a for a in attributes)))
    text = "\n".join("\t".join(str(x) for x in row) for row in zip(
        range(len(ds.base)), columns.ind, columns.dir, *attributes.values()))
    c.copy_text("COPY %s_a FROM STDIN" % t, text.encode() + b"\n")
    c.execute("CREATE TABLE %s (id int PRIMARY KEY, ind int, dir int, "
              "bucket int, flag bool, doc jsonb%s, v vector(%d)) "
              "WITH (autovacuum_enabled = off)" % (
                  t, "".join(", %s float4" % a for a in attributes), ds.dim))
    c.execute("INSERT INTO {0} SELECT id, ind, dir, ind / {1}, ind % 2 = 0, "
              "jsonb_build_object('b', ind / {1}){2}, v "
              "FROM {0}_v JOIN {0}_a USING (id) ORDER BY id".format(
                  t, len(ds.base) // 50,
                  "".join(", " + a for a in attributes)))
    c.execute("DROP TABLE %s_v, %s_a" % (t, t))
    for column in ["ind", "dir", "bucket", "flag"] + list(attributes):
        c.execute("CREATE INDEX ON %s (%s)" % (t, column))
    c.execute("CREATE INDEX ON %s USING gin (doc jsonb_path_ops)" % t)
    c.execute("VACUUM (ANALYZE) " + t)
    c.execute("COMMENT ON TABLE %s IS 'clean'" % t)
    note("%s: loaded %d rows in %.1f s" % (
        system.label, len(ds.base), time.time() - start))
    build_index(c, system, ds)
    c.close()


def build_index(c, system, ds):
    start = time.time()
    c.execute("DROP INDEX IF EXISTS " + index_name(ds))
    c.execute("SET maintenance_work_mem = '2GB'")
    c.execute("SET max_parallel_maintenance_workers = 1")
    c.execute("CREATE INDEX %s ON %s USING hnsw (v %s) WITH (%s)" % (
        index_name(ds), ds.table, dataset.METRICS[ds.metric][1],
        system.options()))
    note("%s: built the index in %.1f s" % (system.label,
                                            time.time() - start))


class Session:
    """A system with settings that force one way of answering, or none."""

    def __init__(self, system, label, settings=()):
        self.system, self.label = system, label
        self.version, self.options = system.version, system.options
        self.c = system.connect()
        self.c.execute("RESET enable_seqscan")
        self.c.execute("SET plan_cache_mode = force_custom_plan")
        for s in settings:
            self.c.execute("SET " + s)
        self.base = None


def sessions(systems, args):
    out = []
    for s in systems:
        plain = ["hnsw.iterative_scan = strict_order"] \
            if s.extension == "vector" else []
        if args.ef:
            plain.append("hnsw.ef_search = %d" % args.ef)
        out.append(Session(s, s.label, plain))
        if s.extension == "hnsw" and args.ways:
            off = plain + ["hnsw.prefilter = off"]
            out.append(Session(s, "streaming", off + [
                "enable_sort = off", "enable_bitmapscan = off"]))
            out.append(Session(s, "exact sort", off + [
                "enable_indexscan = off"]))
    return out


def plan_name(plan):
    """What answered: the scan below Limit, in a word."""
    node = plan
    while True:
        kind = node["Node Type"]
        if kind == "Custom Scan":
            return str(node.get("Strategy", "custom"))[:9]
        if kind == "Index Scan" and "Order By" in node:
            return "stream"
        if kind == "Bitmap Heap Scan":
            return "bitmap"
        if kind in ("Seq Scan", "Index Scan"):
            return kind.split()[0].lower()
        if not node.get("Plans"):
            return kind.lower()[:9]
        node = node["Plans"][0]


def ask(session, ds, where, params, masks, distances):
    """Figures of one filter over all queries.

    where: SQL with $2...; params: per query, its binary parameters;
    masks: per query, boolean array of matching rows (or one for all)."""
    c = session.c
    sql = "SELECT id FROM %s %s ORDER BY v %s $1 LIMIT %d" % (
        ds.table, "WHERE " + where if where else "",
        dataset.METRICS[ds.metric][0], K)
    c.execute("DEALLOCATE ALL")
    c.prepare("q", sql)
    hits = wanted = rows = short = 0
    buffers, times, plans = [], [], {}
    for i, extra in enumerate(params):
        p = [vector(ds.query[i])] + extra
        a = param_arrays(p)
        ids = c.run_ids(b"q", a)
        runs = []
        for _ in range(2):
            start = time.perf_counter_ns()
            c.run_ids(b"q", a)
            runs.append((time.perf_counter_ns() - start) / 1e6)
        times.append(min(runs))
        b, plan = plan_of(c, sql, p)
        buffers.append(b)
        name = plan_name(plan)
        plans[name] = plans.get(name, 0) + 1
        mask = masks[i] if isinstance(masks, list) else masks
        d = distances[i] if mask is None else distances[i][mask]
        exist = min(K, len(d))
        rows += len(ids)
        short += len(ids) < exist
        wanted += exist
        if exist:
            limit = np.partition(d, exist - 1)[exist - 1]
            wrong = [j for j in ids if mask is not None and not mask[j]]
            if wrong or len(set(ids)) < len(ids):
                note("WRONG ROWS: query %d, filter %s: %s" % (i, where, ids))
            hits += ds.hits(ds.query[i], ids, limit)
    return {"recall": hits / max(1, wanted), "rows": rows / len(params),
            "short": short, "buffers": statistics.mean(buffers),
            "ms": statistics.median(times), "ms_mean": statistics.mean(times),
            "plan": max(plans, key=plans.get)}


def report(table, keys, all_sessions, ds, out, part, where, params, masks,
           distances):
    cells = []
    for s in all_sessions:
        try:
            m = ask(s, ds, where, params, masks, distances)
        except PgError as e:
            note("%s: %s" % (s.label, e))
            cells.append(["-"] * 7)
            continue
        if s.base is None:
            s.base = m["buffers"]
        cells.append(["%.3f" % m["recall"], "%.1f" % m["rows"], m["short"],
                      "%.0f" % m["buffers"],
                      "%.1f" % (m["buffers"] / s.base),
                      "%.2f" % m["ms"], m["plan"]])
        out.record(s, ds, part, filter=" ".join(str(k) for k in keys), **m)
    table.row(keys, cells)


COLUMNS = ["recall", "rows", "short", "buffers", "x base", "ms", "plan"]


def part_shares(all_sessions, ds, columns, out, distances):
    table = Table("shares", ["filter", "share %"], all_sessions, COLUMNS)
    n = out.args.queries
    report(table, ["none", 100], all_sessions, ds, out, "shares", "",
           [[] for _ in range(n)], None, distances)
    for kind in out.args.kinds:
        for share in out.args.shares:
            ranges = [columns.range(kind, i, share) for i in range(n)]
            report(table, [kind, share], all_sessions, ds, out, "shares",
                   "%s >= $2 AND %s < $3" % (ranges[0][0], ranges[0][0]),
                   [[int4(low), int4(high)] for _, low, high in ranges],
                   [columns.selected(r) for r in ranges], distances)


def part_real(all_sessions, ds, columns, out, distances):
    attributes = ds.attributes()
    if not attributes:
        note("no attributes beside %s" % ds.name)
        return
    table = Table("real attributes", ["filter", "share %"], all_sessions,
                  COLUMNS)
    n = out.args.queries
    rng = np.random.default_rng(2)
    none = [[] for _ in range(n)]
    for name, values in attributes.items():
        distinct = np.unique(values)
        if len(distinct) <= 1000 and (values % 1 == 0).all():
            chosen = rng.choice(distinct, n)
            # A literal, as most programs write it: one query per value.
            share = 100 * np.mean([(values == x).mean() for x in chosen])
            report(table, [name + " = x", "%.2g" % share], all_sessions, ds,
                   out, "real", "%s = $2::int" % name,
                   [[int4(x)] for x in chosen],
                   [values == x for x in chosen], distances)
        else:
            for share in (50, 10, 1):
                cut = float(np.float32(np.quantile(values, 1 - share / 100)))
                mask = values.astype(np.float32) >= np.float32(cut)
                report(table, [name + " >= x", share], all_sessions, ds, out,
                       "real", "%s >= %r::float4" % (name, cut), none, mask,
                       distances)


def part_spellings(all_sessions, ds, columns, out, distances):
    per = len(ds.base) // 50
    table = Table("spellings (2 % or 1 % of the rows)", ["filter"],
                  all_sessions, COLUMNS)
    n = out.args.queries
    none = [[] for _ in range(n)]
    b = 17
    mask = columns.ind // per == b
    low, high = b * per, (b + 1) * per
    for label, where, m in (
            ("=", "bucket = %d" % b, mask),
            ("IN", "bucket IN (%d, -1, -2)" % b, mask),
            ("= ANY", "bucket = ANY ('{%d,-1}')" % b, mask),
            ("OR", "(bucket = %d OR ind = -1)" % b, mask),
            ("range", "ind >= %d AND ind < %d" % (low, high), mask),
            ("BETWEEN", "ind BETWEEN %d AND %d" % (low, high - 1), mask),
            ("jsonb @>", "doc @> '{\"b\": %d}'" % b, mask),
            ("two columns", "bucket = %d AND flag" % b,
             mask & (columns.ind % 2 == 0)),
            ("one, and most", "bucket = %d AND id > 3000" % b,
             mask & (np.arange(len(mask)) >= 3000)),
            ("one indexed", "bucket = %d AND ind %% 2 = 0" % b,
             mask & (columns.ind % 2 == 0)),
            ("no index", "bucket + 0 = %d" % b, mask),
            ("a function", "abs(bucket) = %d" % b, mask),
            ("half, no index", "ind %% 2 = 0", columns.ind % 2 == 0)):
        report(table, [label], all_sessions, ds, out, "spellings",
               where.replace("%%", "%"), none, m, distances)


def part_mixed(all_sessions, ds, columns, out, distances):
    """The far rows of `anti` and, besides, .3 % of all, drawn by lot."""
    table = Table("mixed: far ones or any .3 %", ["filter", "share %"],
                  all_sessions, COLUMNS)
    n = out.args.queries
    for share in (50, 10, 1):
        far = [columns.range("anti", i, share) for i in range(n)]
        any_ = [columns.range("independent", i, .3) for i in range(n)]
        report(table, ["mixed", share], all_sessions, ds, out, "mixed",
               "(dir >= $2 AND dir < $3 OR ind >= $4 AND ind < $5)",
               [[int4(x) for x in f[1:] + a[1:]] for f, a in zip(far, any_)],
               [columns.selected(f) | columns.selected(a)
                for f, a in zip(far, any_)], distances)


def part_two(all_sessions, ds, columns, out, distances):
    """Two conditions of which an index serves the first."""
    table = Table("two conditions, one indexed", ["filter", "share %"],
                  all_sessions, COLUMNS)
    n = out.args.queries
    for kind, other, label in (("anti", "independent", "far, by lot"),
                               ("correlated", "independent", "near, by lot"),
                               ("independent", "anti", "lot, far half")):
        for share in (4, 2, 1):
            shares = (10, share * 10) if other == "independent" \
                else (share * 2, 50)
            first = [columns.range(kind, i, shares[0]) for i in range(n)]
            second = [columns.range(other, i, shares[1]) for i in range(n)]
            one, two = first[0][0], second[0][0]
            report(table, [label, share], all_sessions, ds, out, "two",
                   "%s >= $2 AND %s < $3 AND abs(%s + 0 - $4) <= $5"
                   % (one, one, two),
                   [[int4(x) for x in f[1:] + ((s[1] + s[2]) // 2,
                                               (s[2] - s[1]) // 2)]
                    for f, s in zip(first, second)],
                   [columns.selected(f) &
                    (np.abs(getattr(columns, s[0]) - (s[1] + s[2]) // 2) <=
                     (s[2] - s[1]) // 2)
                    for f, s in zip(first, second)], distances)


PARTS = {"shares": part_shares, "real": part_real,
         "spellings": part_spellings, "mixed": part_mixed,
         "two": part_two}


def main():
    p = arguments(argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter))
    p.set_defaults(queries=100)
    p.add_argument("--parts", default=" ".join(PARTS))
    p.add_argument("--shares", type=numbers(float), default=SHARES)
    p.add_argument("--kinds", type=numbers(str),
                   default=["independent", "correlated", "anti"])
    p.add_argument("--ef", type=int, help="hnsw.ef_search, else default")
    p.add_argument("--ways", action="store_true",
                   help="also measure our server's other ways")
    args = p.parse_args()
    out = Output(args)
    systems = open_systems(args)
    for ds in open_sets(args):
        ds.table += "_filter"
        args.queries = min(args.queries, len(ds.query))
        print("\n==== %s: %d rows of %d dimensions, %s; %d queries; %s" % (
            ds.name, len(ds.base), ds.dim, ds.metric, args.queries,
            ", ".join("%s %s" % (s.label, s.version) for s in systems)))
        columns = Columns(ds, args.queries)
        distances = ds.distances(ds.query[:args.queries])
        for s in systems:
            load(s, ds, columns)
        all_sessions = sessions(systems, args)
        for part in args.parts.replace(",", " ").split():
            PARTS[part](all_sessions, ds, columns, out, distances)
        for s in all_sessions:
            s.c.close()


if __name__ == "__main__":
    try:
        main()
    except PgError as e:
        sys.exit("server: %s" % e)
