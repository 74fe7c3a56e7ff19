"""Data sets on disk and their exact answers.

NAME.base.u8bin and NAME.query.u8bin (or .fbin): little-endian uint32 n,
uint32 dim, then n x dim unsigned bytes (or float32). The row number is the
id. NAME.base_*.csv: attributes, one line per row after a header line.
"""
import csv
import glob
import os

try:
    import numpy as np
except ImportError:     # --help does without
    np = None

METRICS = {     # operator, operator class
    "l2": ("<->", "vector_l2_ops"),
    "ip": ("<#>", "vector_ip_ops"),
    "cosine": ("<=>", "vector_cosine_ops"),
    "l1": ("<+>", "vector_l1_ops"),
}


def names(folder):
    found = set()
    for ext in ("u8bin", "fbin"):
        for path in glob.glob(os.path.join(folder, "*.base." + ext)):
            found.add(os.path.basename(path)[:-len(".base." + ext)])
    if not found:
        raise SystemExit("%s: no *.base.u8bin or *.base.fbin there" % folder)
    return sorted(found)


def _read(folder, name, part, limit):
    for ext, dtype in (("u8bin", np.uint8), ("fbin", np.float32)):
        path = os.path.join(folder, "%s.%s.%s" % (name, part, ext))
        if os.path.exists(path):
            n, dim = np.fromfile(path, "<u4", 2)
            rows = np.memmap(path, dtype, "r", 8, (int(n), int(dim)))
            return np.asarray(rows[:limit])
    raise SystemExit("%s: no %s.%s.u8bin" % (folder, name, part))


class Dataset:
    def __init__(self, folder, name, metric="l2", rows=None, queries=None,
                 cache="."):
        if np is None:
            raise SystemExit("numpy is missing: apt-get install python3-numpy")
        self.name, self.metric, self.folder = name, metric, folder
        self.base = _read(folder, name, "base", rows)
        self.query = _read(folder, name, "query", queries)
        self.dim = self.base.shape[1]
        self.cache = cache
        self.table = "bench_" + name.replace("-", "_").replace(".", "_")
        if rows:
            self.table += "_%d" % len(self.base)

    def distances(self, queries, subset=slice(None)):
        """Exact distances, queries x rows. Comparable, not in SQL's unit:
        L2 is squared (an exact integer for bytes)."""
        q = np.asarray(queries, np.float64)
        x = np.asarray(self.base[subset], np.float64)
        if self.metric == "l1":
            return np.stack([np.abs(x - row).sum(1) for row in q])
        dot = q @ x.T
        if self.metric == "ip":
            return -dot
        xx = np.einsum("ij,ij->i", x, x)
        qq = np.einsum("ij,ij->i", q, q)
        if self.metric == "cosine":
            with np.errstate(invalid="ignore", divide="ignore"):
                return 1 - dot / np.sqrt(qq[:, None] * xx[None, :])
        return qq[:, None] + xx[None, :] - 2 * dot

    def truth(self, k=100):
        """(ids, distances) of the k nearest rows of each query, cached."""
        path = os.path.join(self.cache, "truth-%s-%s-%d-%d.npz" % (
            self.name, self.metric, len(self.base), len(self.query)))
        if os.path.exists(path):
            found = np.load(path)
            return found["ids"], found["distances"]
        ids, distances = [], []
        for start in range(0, len(self.query), 100):
            d = self.distances(self.query[start:start + 100])
            near = np.argpartition(d, k, axis=1)[:, :k]
            near_d = np.take_along_axis(d, near, 1)
            order = np.argsort(near_d, axis=1, kind="stable")
            ids.append(np.take_along_axis(near, order, 1))
            distances.append(np.take_along_axis(near_d, order, 1))
        ids, distances = np.vstack(ids), np.vstack(distances)
        np.savez(path, ids=ids, distances=distances)
        return ids, distances

    def distance_to(self, query, ids):
        """Exact distances of one query to some rows, as in truth()."""
        return self.distances(query[None, :], np.asarray(ids, int))[0]

    def hits(self, query, ids, limit_distance, k=10):
        """How many of ids are among the k nearest: as near as the k-th."""
        if not ids:
            return 0
        d = self.distance_to(query, ids[:k])
        slack = abs(limit_distance) * 1e-9
        return int((d <= limit_distance + slack).sum())

    def attributes(self):
        """{column: array} of the csv files beside the data."""
        columns = {}
        for path in sorted(glob.glob(os.path.join(
                self.folder, self.name + ".base_*.csv"))):
            with open(path, newline="") as f:
                reader = csv.reader(f)
                head = next(reader)
                rows = list(reader)[:len(self.base)]
            for i, column in enumerate(head):
                columns[column] = np.array([float(r[i]) for r in rows])
        return columns
