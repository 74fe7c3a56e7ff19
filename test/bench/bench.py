#!/usr/bin/python3
"""Speed, recall and size of hnsw on real vectors, beside a peer if given.

Parts (--parts, in this order):
  build    CREATE INDEX: serial, two workers, maintenance_work_mem at a tenth
  sweep    recall@10, latency, buffers per query for each hnsw.ef_search
  targets  the smallest ef_search that reaches a recall, and its price
  insert   one row at a time: buffers and WAL bytes
  vacuum   delete 5 % of the rows and VACUUM, against REINDEX

Recall counts a row as found if it is as near as the exact k-th neighbour.
Latency is the median over the queries, of a prepared statement in one
session with a binary parameter, the best of three passes. Buffers are those
of EXPLAIN (ANALYZE, BUFFERS), hit or read, table rows included, planning not.

The tables stay on the server; the next run finds them loaded. An index that
is there is dropped and built anew unless --keep-index is given.
"""
import argparse
import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dataset                                              # noqa: E402
from dataset import np                                      # noqa: E402
from libpq import Connection, PgError, int4, param_arrays, vector  # noqa: E402

K = 10
TARGETS = {"mnist-784": [0.98, 0.995], "sift-128": [0.966, 0.99]}
EFS = {"mnist-784": [10, 20, 40, 80, 160], "sift-128": [20, 40, 80, 160, 320]}


class System:
    """One server with one extension: ours, or the peer's."""

    def __init__(self, label, extension, conninfo, args):
        self.label, self.extension = label, extension
        self.conninfo, self.args = conninfo, args
        admin = Connection(conninfo)
        admin.execute("CREATE EXTENSION IF NOT EXISTS " + extension)
        self.version = admin.value(
            "SELECT extversion FROM pg_extension WHERE extname = '%s'"
            % extension)
        admin.close()

    def connect(self):
        c = Connection(self.conninfo)
        # A first look at the type loads the library and its settings.
        c.query("SELECT '[1,2]'::vector")
        c.execute("SET enable_seqscan = off")
        c.execute("SET plan_cache_mode = force_generic_plan")
        c.execute("SET client_min_messages = error")
        for item in self.args.guc:
            try:
                c.execute("SET " + item)
            except PgError:
                if self.extension == "hnsw":
                    raise
        return c

    def options(self):
        """The index's WITH clause."""
        o = ["m = %d" % self.args.m,
             "ef_construction = %d" % self.args.ef_construction]
        if self.extension == "hnsw" and self.args.sketch_bits is not None:
            o.append("sketch_bits = %d" % self.args.sketch_bits)
        return ", ".join(o)


def rows_binary(ids, rows):
    """Rows (id int4, v vector) in COPY's binary format, in chunks."""
    dim = rows.shape[1]
    kind = np.dtype([("n", ">i2"), ("l1", ">i4"), ("id", ">i4"),
                     ("l2", ">i4"), ("dim", ">i2"), ("zero", ">i2"),
                     ("v", ">f4", (dim,))])
    for start in range(0, len(ids), 1000):
        part = rows[start:start + 1000]
        out = np.zeros(len(part), kind)
        out["n"], out["l1"], out["l2"] = 2, 4, 4 + 4 * dim
        out["id"], out["dim"] = ids[start:start + 1000], dim
        out["v"] = part
        yield out.tobytes()


def load(system, ds):
    """The data set as a table, unless it is there, whole and untouched."""
    c = system.connect()
    found = c.value("SELECT obj_description(to_regclass('%s'))" % ds.table)
    if found != "clean":
        c.execute("DROP TABLE IF EXISTS " + ds.table)
        c.execute("CREATE TABLE %s (id int PRIMARY KEY, v vector(%d)) "
                  "WITH (autovacuum_enabled = off, parallel_workers = 2)"
                  % (ds.table, ds.dim))
        start = time.time()
        c.copy_binary("COPY %s FROM STDIN (FORMAT binary)" % ds.table,
                      rows_binary(range(len(ds.base)), ds.base))
        c.execute("VACUUM (ANALYZE) " + ds.table)
        c.execute("COMMENT ON TABLE %s IS 'clean'" % ds.table)
        note("%s: loaded %d rows in %.1f s" % (
            system.label, len(ds.base), time.time() - start))
    c.close()


def touch(c, ds):
    """The table no longer holds the data set: load it anew next time."""
    c.execute("COMMENT ON TABLE %s IS 'changed'" % ds.table)


def index_name(ds):
    return "%s_%s" % (ds.table, ds.metric)


def build(system, ds, workers=0, work_mem="2GB"):
    """Builds the index anew; (seconds, bytes)."""
    c = system.connect()
    c.execute("DROP INDEX IF EXISTS " + index_name(ds))
    c.execute("CHECKPOINT")
    c.execute("SET maintenance_work_mem = '%s'" % work_mem)
    c.execute("SET max_parallel_maintenance_workers = %d" % workers)
    start = time.time()
    c.execute("CREATE INDEX %s ON %s USING hnsw (v %s) WITH (%s)" % (
        index_name(ds), ds.table, dataset.METRICS[ds.metric][1],
        system.options()))
    seconds = time.time() - start
    size = index_size(c, ds)
    c.close()
    return seconds, size


def index_size(c, ds):
    return int(c.value("SELECT pg_relation_size('%s')" % index_name(ds)))


def have_index(system, ds):
    c = system.connect()
    found = c.value("SELECT count(*) FROM pg_index i WHERE i.indisvalid AND "
                    "i.indexrelid = to_regclass('%s')" % index_name(ds))
    c.close()
    return found == "1"


def select_sql(ds):
    return "SELECT id FROM %s ORDER BY v %s $1 LIMIT %d" % (
        ds.table, dataset.METRICS[ds.metric][0], K)


def plan_of(c, sql, params, extra=""):
    """(buffers, plan) of one EXPLAIN (ANALYZE, BUFFERS)."""
    rows = c.query_binary("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON"
                          "%s) %s" % (extra, sql), params)
    plan = json.loads(rows[0][0])[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], plan


def measure(c, ds, ef, queries, alive=None):
    """Recall, latency and buffers at one hnsw.ef_search.

    alive: boolean array of the rows that were not deleted, or None."""
    c.execute("SET hnsw.ef_search = %d" % ef)
    if alive is None:
        limits = ds.truth()[1][:, K - 1]
    else:
        ids, d = ds.truth()
        limits = [row_d[alive[row]][K - 1] for row, row_d in zip(ids, d)]
    params = [vector(q) for q in ds.query[:queries]]
    arrays = [param_arrays([p]) for p in params]
    c.execute("DEALLOCATE ALL")
    c.prepare("q", select_sql(ds))

    passes, found = [], None
    for _ in range(3):
        times, found = [], []
        for a in arrays:
            start = time.perf_counter_ns()
            ids = c.run_ids(b"q", a)
            times.append(time.perf_counter_ns() - start)
            found.append(ids)
        passes.append(statistics.median(times) / 1e6)
    hits = sum(ds.hits(ds.query[i], found[i], limits[i])
               for i in range(len(params)))

    plans = [plan_of(c, select_sql(ds), [p]) for p in params[:200]]
    kind = plans[0][1]["Plans"][0]["Node Type"]
    if kind not in ("Index Scan", "Custom Scan"):
        note("WARNING: the plan is a %s" % kind)
    return {"ef": ef, "recall": hits / (K * len(params)),
            "ms": min(passes), "buffers": statistics.mean(b for b, _ in plans),
            "rows": statistics.mean(len(f) for f in found)}


# ---- the parts -------------------------------------------------------------

def part_build(systems, ds, out):
    kinds = [("serial", 0, "2GB"), ("two workers", 2, "2GB"),
             ("memory / 10", 0, None)]
    if not out.args.all_builds:
        kinds = kinds[:1]
    table = Table("build", ["build"], systems, ["s", "MB"])
    sizes = {}
    for kind, workers, memory in kinds:
        cells = []
        for s in systems:
            mem = memory or "%dkB" % max(1024, sizes[s.label] // 10240)
            seconds, size = build(s, ds, workers, mem)
            sizes[s.label] = size
            cells.append(["%.1f" % seconds, "%.1f" % (size / 2**20)])
            out.record(s, ds, "build", kind=kind, seconds=seconds,
                       bytes=size, maintenance_work_mem=mem)
        table.row([kind], cells)
    if out.args.all_builds:     # search what the undisturbed build made
        for s in systems:
            build(s, ds)


def part_sweep(systems, ds, out):
    table = Table("sweep", ["ef"], systems, ["recall", "ms", "buffers"])
    conns = [s.connect() for s in systems]
    for ef in out.args.ef or EFS.get(ds.name, [10, 20, 40, 80, 160]):
        cells = []
        for s, c in zip(systems, conns):
            m = measure(c, ds, ef, out.args.queries)
            cells.append(["%.4f" % m["recall"], "%.3f" % m["ms"],
                          "%.0f" % m["buffers"]])
            out.record(s, ds, "sweep", **m)
        table.row([ef], cells)
    for c in conns:
        c.close()


def smallest_ef(c, ds, target, queries):
    """The measure at the smallest ef that reaches the recall, or None."""
    low, high, best = 0, 5, None
    while high <= 1000:
        best = measure(c, ds, high, queries)
        if best["recall"] >= target:
            break
        low, high, best = high, high * 2, None
    while best and high - low > max(1, low // 20):
        mid = (low + high) // 2
        m = measure(c, ds, mid, queries)
        if m["recall"] >= target:
            high, best = mid, m
        else:
            low = mid
    return best


def part_targets(systems, ds, out):
    table = Table("equal recall", ["recall"], systems,
                  ["ef", "ms", "buffers"])
    for target in out.args.target or TARGETS.get(ds.name, [0.98, 0.995]):
        cells = []
        for s in systems:
            c = s.connect()
            m = smallest_ef(c, ds, target, out.args.queries)
            c.close()
            if m is None:
                cells.append(["-", "-", "-"])
                continue
            cells.append([m["ef"], "%.3f" % m["ms"], "%.0f" % m["buffers"]])
            out.record(s, ds, "target", target=target, **m)
        table.row([">= %g" % target], cells)


def insert_cost(c, table, ds, count, first_id):
    """Mean (buffers, WAL bytes, ms) of inserting single rows."""
    sql = "INSERT INTO %s VALUES ($1::int, $2)" % table
    buffers, wal, ms = [], [], []
    for i in range(count):
        row = ds.query[i % len(ds.query)]
        b, plan = plan_of(c, sql, [int4(first_id + i), vector(row)], ", WAL")
        buffers.append(b)
        wal.append(plan.get("WAL Bytes", 0))
    c.execute("DEALLOCATE ALL")
    c.prepare("i", sql + " RETURNING 1")
    for i in range(count):
        a = param_arrays([int4(first_id + count + i),
                          vector(ds.query[i % len(ds.query)])])
        start = time.perf_counter_ns()
        c.run_ids(b"i", a)
        ms.append((time.perf_counter_ns() - start) / 1e6)
    return statistics.mean(buffers), statistics.mean(wal), \
        statistics.median(ms)


def set_page_images(c, on):
    """Full-page images after a checkpoint would drown the figures."""
    if on:
        c.execute("ALTER SYSTEM RESET full_page_writes")
    else:
        c.execute("ALTER SYSTEM SET full_page_writes = off")
    c.execute("SELECT pg_reload_conf()")
    time.sleep(1)


def part_insert(systems, ds, out):
    table = Table("insert one row (full_page_writes off)", ["rows"], systems,
                  ["buffers", "WAL bytes", "ms"])
    count = min(200, len(ds.query) // 2)
    whole, bare = [], []
    for s in systems:
        c = s.connect()
        touch(c, ds)
        set_page_images(c, False)
        plain = ds.table + "_plain"
        c.execute("DROP TABLE IF EXISTS " + plain)
        c.execute("CREATE TABLE %s (LIKE %s INCLUDING STORAGE, "
                  "PRIMARY KEY (id))" % (plain, ds.table))
        without = insert_cost(c, plain, ds, count, 10**8)
        total = insert_cost(c, ds.table, ds, count, 10**8)
        c.execute("DROP TABLE " + plain)
        set_page_images(c, True)
        c.close()
        whole.append(["%.0f" % total[0], "%.0f" % total[1],
                      "%.2f" % total[2]])
        bare.append(["%.0f" % without[0], "%.0f" % without[1],
                     "%.2f" % without[2]])
        out.record(s, ds, "insert", buffers=total[0], wal_bytes=total[1],
                   ms=total[2], buffers_without_index=without[0],
                   wal_bytes_without_index=without[1])
    table.row(["with the index"], whole)
    table.row(["without it"], bare)


def part_vacuum(systems, ds, out):
    table = Table("delete 5 %", ["step"], systems, ["s", "recall@40"])
    alive = np.ones(len(ds.base), bool)
    alive[7::20] = False
    lines = {"VACUUM": [], "REINDEX": []}
    for s in systems:
        load(s, ds)
        if not have_index(s, ds):
            build(s, ds)
        c = s.connect()
        touch(c, ds)
        c.execute("SET maintenance_work_mem = '2GB'")
        c.execute("SET max_parallel_maintenance_workers = 0")
        c.execute("DELETE FROM %s WHERE id %% 20 = 7" % ds.table)
        c.execute("CHECKPOINT")
        for step, sql in (
                ("VACUUM", "VACUUM (INDEX_CLEANUP ON) " + ds.table),
                ("REINDEX", "REINDEX INDEX " + index_name(ds))):
            start = time.time()
            c.execute(sql)
            seconds = time.time() - start
            recall = measure(c, ds, 40, out.args.queries, alive)["recall"]
            lines[step].append(["%.1f" % seconds, "%.4f" % recall])
            out.record(s, ds, "vacuum", step=step, seconds=seconds,
                       recall=recall)
        c.close()
    for step, cells in lines.items():
        table.row([step], cells)


PARTS = {"build": part_build, "sweep": part_sweep, "targets": part_targets,
         "insert": part_insert, "vacuum": part_vacuum}


# ---- output ----------------------------------------------------------------

def note(text):
    print("  # " + text, flush=True)


class Table:
    """A table printed row by row, one group of columns per system."""

    def __init__(self, title, keys, systems, columns):
        self.widths = [max(14, len(k)) for k in keys]
        self.columns = columns
        print("\n%s" % title)
        head = "".join("%-*s" % (w, "") for w in self.widths)
        for s in systems:
            head += "  | %-*s" % (11 * len(columns) - 1, s.label)
        print(head)
        line = "".join("%-*s" % (w, k) for w, k in zip(self.widths, keys))
        for s in systems:
            line += "  |" + "".join("%11s" % c for c in columns)
        print(line, flush=True)

    def row(self, keys, cells):
        line = "".join("%-*s" % (w, k) for w, k in zip(self.widths, keys))
        for group in cells:
            line += "  |" + "".join("%11s" % c for c in group)
        print(line, flush=True)


class Output:
    def __init__(self, args):
        self.args = args
        self.file = open(args.json, "a") if args.json else None

    def record(self, system, ds, part, **figures):
        if self.file:
            line = {"time": time.strftime("%Y-%m-%dT%H:%M:%S"),
                    "system": system.label, "version": system.version,
                    "data": ds.name, "rows": len(ds.base), "dim": ds.dim,
                    "metric": ds.metric, "part": part,
                    "options": system.options()}
            line.update(figures)
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()


def numbers(kind):
    return lambda text: [kind(x) for x in text.replace(",", " ").split()]


def arguments(parser=None):
    p = parser or argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", required=True, help="folder with *.base.u8bin")
    p.add_argument("--set", dest="sets", default="",
                   help="names, default: all in the folder")
    p.add_argument("--conninfo", required=True, help="our server")
    p.add_argument("--peer", default="", help="a pgvector server's conninfo")
    p.add_argument("--only-peer", action="store_true")
    p.add_argument("--metric", default="l2", choices=sorted(dataset.METRICS))
    p.add_argument("--rows", type=int, help="only the first rows")
    p.add_argument("--queries", type=int, default=1000)
    p.add_argument("--m", type=int, default=16)
    p.add_argument("--ef-construction", type=int, default=64)
    p.add_argument("--sketch-bits", type=int)
    p.add_argument("--guc", action="append", default=[],
                   help="a setting for the search, name = value")
    p.add_argument("--keep-index", action="store_true",
                   help="search the index that is there, if one is")
    p.add_argument("--cache", default=".", help="folder for exact answers")
    p.add_argument("--json", default="", help="append JSON lines to this file")
    if parser is None:
        p.add_argument("--parts", default=" ".join(PARTS))
        p.add_argument("--ef", type=numbers(int), help="ef_search values")
        p.add_argument("--target", type=numbers(float), help="recalls")
        p.add_argument("--serial-only", dest="all_builds",
                       action="store_false", help="one build, not three")
    return p


def open_systems(args):
    systems = [] if args.only_peer else [
        System("hnsw", "hnsw", args.conninfo, args)]
    if args.peer:
        systems.append(System("pgvector", "vector", args.peer, args))
    return systems


def open_sets(args):
    for name in args.sets.replace(",", " ").split() or \
            dataset.names(args.data):
        yield dataset.Dataset(args.data, name, args.metric, args.rows,
                              None, args.cache)


def main():
    args = arguments().parse_args()
    parts = args.parts.replace(",", " ").split()
    for part in parts:
        if part not in PARTS:
            sys.exit("no part %s: %s" % (part, " ".join(PARTS)))
    out = Output(args)
    systems = open_systems(args)
    for ds in open_sets(args):
        print("\n==== %s: %d rows of %d dimensions, %s; m %d, "
              "ef_construction %d; %s" % (
                  ds.name, len(ds.base), ds.dim, ds.metric, args.m,
                  args.ef_construction, ", ".join(
                      "%s %s" % (s.label, s.version) for s in systems)))
        ds.truth()
        for s in systems:
            load(s, ds)
            if "build" not in parts and not (
                    args.keep_index and have_index(s, ds)):
                seconds, size = build(s, ds)
                note("%s: built in %.1f s, %.1f MB" % (
                    s.label, seconds, size / 2**20))
        for part in PARTS:
            if part in parts:
                PARTS[part](systems, ds, out)


if __name__ == "__main__":
    try:
        main()
    except PgError as e:
        sys.exit("server: %s" % e)
