#!/usr/bin/python3
"""Writes a small made-up data set: make_data.py DIR NAME [ROWS [DIM]].

Bytes around a few centres, fixed by the seed: enough to see that the
benchmarks run, no measure of anything.
"""
import os
import random
import struct
import sys


def write(path, rows):
    with open(path, "wb") as f:
        f.write(struct.pack("<II", len(rows), len(rows[0])))
        for row in rows:
            f.write(bytes(row))


def main():
    folder, name = sys.argv[1:3]
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    dim = int(sys.argv[4]) if len(sys.argv) > 4 else 32
    rng = random.Random(1)
    centres = [[rng.randrange(40, 216) for _ in range(dim)]
               for _ in range(20)]

    def rows(count):
        return [[c + rng.randrange(-40, 40) for c in rng.choice(centres)]
                for _ in range(count)]

    path = os.path.join(folder, name)
    write(path + ".base.u8bin", rows(n))
    write(path + ".query.u8bin", rows(40))
    with open(path + ".base_meta.csv", "w") as f:
        f.write("kind,weight\n")
        for _ in range(n):
            f.write("%d,%.3f\n" % (rng.randrange(10), rng.random()))


if __name__ == "__main__":
    main()
