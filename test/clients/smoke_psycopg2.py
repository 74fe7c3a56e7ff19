#!/usr/bin/python3
"""Vectors through a real driver: as text, by COPY and in binary form.

The binary format is what drivers rely on: dimensions and a zero, 2 bytes
each, then 4-byte floats, all in network order.

usage: smoke_psycopg2.py CONNINFO
"""
import io
import struct
import sys

import psycopg2

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
END = struct.pack("!h", -1)


def binary_row(number, values, dims=None):
    """A row of COPY in binary form; dims: to claim other dimensions."""
    vector = struct.pack(f"!hh{len(values)}f",
                         len(values) if dims is None else dims, 0, *values)
    return (struct.pack("!hii", 2, 4, number)
            + struct.pack("!i", len(vector)) + vector)


def read_rows(data):
    """The rows of a COPY in binary form: (number, values)."""
    assert data.startswith(SIGNATURE)
    at = len(SIGNATURE)
    while True:
        (columns,) = struct.unpack_from("!h", data, at)
        if columns == -1:
            return
        assert columns == 2
        length, number, size, dims, zero = struct.unpack_from(
            "!iiihh", data, at + 2)
        assert (length, zero, size) == (4, 0, 4 + 4 * dims)
        yield number, list(struct.unpack_from(f"!{dims}f", data, at + 18))
        at += 18 + 4 * dims


def main():
    connection = psycopg2.connect(sys.argv[1])
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE t (id int, v vector(3))")
    cursor.execute("CREATE INDEX ON t USING hnsw (v vector_l2_ops)")

    # in binary form, as parameters, as text; out again in binary form
    rows = [(i, [float(i % 7), i / 4, -1.5 * i]) for i in range(1, 201)]
    cursor.copy_expert("COPY t FROM STDIN (FORMAT binary)", io.BytesIO(
        SIGNATURE + b"".join(binary_row(*row) for row in rows[:100]) + END))
    for number, values in rows[100:150]:
        cursor.execute("INSERT INTO t VALUES (%s, %s)", (number, str(values)))
    cursor.copy_expert("COPY t FROM STDIN", io.StringIO(
        "".join(f"{n}\t{v}\n" for n, v in rows[150:])))
    out = io.BytesIO()
    cursor.copy_expert(
        "COPY (SELECT * FROM t ORDER BY id) TO STDOUT (FORMAT binary)", out)
    assert list(read_rows(out.getvalue())) == rows

    # the nearest, with the vector as a parameter
    cursor.execute("SET LOCAL enable_seqscan = off")
    query = rows[42][1]
    cursor.execute("SELECT id, v, v <-> %s::vector FROM t "
                   "ORDER BY v <-> %s LIMIT 5", (str(query), str(query)))
    found = cursor.fetchall()
    assert found[0] == (43, "[1,10.75,-64.5]", 0.0), found[0]
    exact = sorted(rows, key=lambda row: sum(
        (a - b) ** 2 for a, b in zip(row[1], query)))
    assert {row[0] for row in found} == {row[0] for row in exact[:5]}, found

    # an array parameter, cast; and a server-side cursor
    cursor.execute("SELECT %s::real[]::vector", ([1.0, 2.5],))
    assert cursor.fetchone() == ("[1,2.5]",)
    named = connection.cursor("named")
    named.itersize = 7
    named.execute("SELECT id FROM t ORDER BY v <-> %s", (str(query),))
    assert sorted(row[0] for row in named) == [row[0] for row in rows]
    named.close()
    connection.commit()

    # bad input gives a clear error, and the connection goes on
    for bad in (binary_row(1, [1.0], dims=2),
                binary_row(1, [1.0, float("nan"), 2.0]),
                binary_row(1, [], dims=-1)):
        try:
            cursor.copy_expert("COPY t FROM STDIN (FORMAT binary)",
                               io.BytesIO(SIGNATURE + bad + END))
        except psycopg2.Error as error:
            connection.rollback()
            assert error.pgcode[:2] in ("22", "08", "54"), error.pgcode
        else:
            raise AssertionError("bad binary input was accepted")
    cursor.execute("SELECT count(*) FROM t")
    assert cursor.fetchone() == (200,)
    connection.close()
    print("ok")


if __name__ == "__main__":
    main()
