"""A minimal PostgreSQL client: libpq by ctypes, binary where it matters.

The benchmarks time prepared statements with a binary vector parameter, as a
good driver sends them, so that neither text conversion nor a Python driver's
own work is in the figures. Every function raises PgError on a server error.
"""
import ctypes
import ctypes.util
import os

_CONNECTION_OK = 0
_RESULT_OK = {0, 1, 2, 3, 4}    # empty, command, tuples, copy out, copy in


class PgError(Exception):
    pass


def _declare(pq):
    for name, kind in {
            "PQconnectdb": ctypes.c_void_p, "PQexec": ctypes.c_void_p,
            "PQexecPrepared": ctypes.c_void_p, "PQexecParams": ctypes.c_void_p,
            "PQprepare": ctypes.c_void_p, "PQgetResult": ctypes.c_void_p,
            "PQerrorMessage": ctypes.c_char_p, "PQgetvalue": ctypes.c_void_p,
            "PQresultErrorMessage": ctypes.c_char_p,
            "PQcmdTuples": ctypes.c_char_p,
            "PQsetNoticeProcessor": ctypes.c_void_p}.items():
        getattr(pq, name).restype = kind
    return pq


def _load():
    """libpq, or None: --help does without."""
    names = [os.environ.get("LIBPQ"), ctypes.util.find_library("pq"),
             "libpq.so.5"]
    for name in names:
        if name:
            try:
                return _declare(ctypes.CDLL(name))
            except OSError:
                pass
    return None


_pq = _load()
_NOTICE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)


class Connection:
    def __init__(self, conninfo):
        if _pq is None:
            raise PgError("libpq is missing: apt-get install libpq5")
        self.conninfo = conninfo
        self._c = ctypes.c_void_p(_pq.PQconnectdb(conninfo.encode()))
        if _pq.PQstatus(self._c) != _CONNECTION_OK:
            raise PgError(_pq.PQerrorMessage(self._c).decode().strip())
        self._quiet = _NOTICE(lambda arg, text: None)
        _pq.PQsetNoticeProcessor(self._c, self._quiet, None)

    def close(self):
        _pq.PQfinish(self._c)

    def _check(self, result):
        result = ctypes.c_void_p(result)
        if _pq.PQresultStatus(result) not in _RESULT_OK:
            text = _pq.PQresultErrorMessage(result).decode().strip()
            _pq.PQclear(result)
            raise PgError(text)
        return result

    def _rows(self, result):
        rows = []
        for i in range(_pq.PQntuples(result)):
            row = []
            for j in range(_pq.PQnfields(result)):
                if _pq.PQgetisnull(result, i, j):
                    row.append(None)
                else:
                    row.append(ctypes.string_at(
                        _pq.PQgetvalue(result, i, j)).decode())
            rows.append(row)
        _pq.PQclear(result)
        return rows

    def query(self, sql):
        """Rows of text values."""
        return self._rows(self._check(_pq.PQexec(self._c, sql.encode())))

    def value(self, sql):
        return self.query(sql)[0][0]

    def execute(self, sql):
        """Number of rows the command touched (0 if it does not say)."""
        result = self._check(_pq.PQexec(self._c, sql.encode()))
        n = _pq.PQcmdTuples(result)
        _pq.PQclear(result)
        return int(n or 0)

    def query_binary(self, sql, params):
        """Rows of text values; params are bytes in binary format."""
        n, values, lengths, formats = _arrays(params)
        return self._rows(self._check(_pq.PQexecParams(
            self._c, sql.encode(), n, None, values, lengths, formats, 0)))

    def prepare(self, name, sql):
        _pq.PQclear(self._check(_pq.PQprepare(
            self._c, name.encode(), sql.encode(), 0, None)))

    def run_ids(self, name, arrays):
        """Executes a prepared statement; its first column, int4, as a list.

        arrays: what param_arrays() made of the parameters."""
        n, values, lengths, formats = arrays
        result = self._check(_pq.PQexecPrepared(
            self._c, name, n, values, lengths, formats, 1))
        ids = [int.from_bytes(ctypes.string_at(
            _pq.PQgetvalue(result, i, 0), 4), "big", signed=True)
            for i in range(_pq.PQntuples(result))]
        _pq.PQclear(result)
        return ids

    def copy_binary(self, sql, chunks):
        """COPY ... FROM STDIN (FORMAT binary); chunks: rows as bytes."""
        _pq.PQclear(self._check(_pq.PQexec(self._c, sql.encode())))
        header = b"PGCOPY\n\xff\r\n\0" + bytes(8)
        self._put(header)
        for chunk in chunks:
            self._put(chunk)
        self._put(b"\xff\xff")
        self._end_copy()

    def copy_text(self, sql, data):
        """COPY ... FROM STDIN in text format."""
        _pq.PQclear(self._check(_pq.PQexec(self._c, sql.encode())))
        self._put(data)
        self._end_copy()

    def _end_copy(self):
        _pq.PQputCopyEnd(self._c, None)
        _pq.PQclear(self._check(_pq.PQgetResult(self._c)))
        while True:
            result = _pq.PQgetResult(self._c)
            if not result:
                break
            _pq.PQclear(ctypes.c_void_p(result))

    def _put(self, data):
        if _pq.PQputCopyData(self._c, data, len(data)) != 1:
            raise PgError(_pq.PQerrorMessage(self._c).decode().strip())


def _arrays(params):
    n = len(params)
    return (n, (ctypes.c_char_p * n)(*params),
            (ctypes.c_int * n)(*[len(p) for p in params]),
            (ctypes.c_int * n)(*[1] * n))


def param_arrays(params):
    """Binary parameters in the form that run_ids() wants them."""
    return _arrays(params)


def int4(value):
    return int(value).to_bytes(4, "big", signed=True)


def vector(row):
    """A vector value in its binary format: int16 dim, int16 0, float4..."""
    return (len(row).to_bytes(2, "big") + b"\0\0"
            + row.astype(">f4").tobytes())
