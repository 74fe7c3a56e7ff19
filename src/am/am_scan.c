/*-------------------------------------------------------------------------
 *
 * am_scan.c
 *	  Index scans: ORDER BY column <operator> value.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relscan.h"
#include "am/am_scan.h"
#include "pgstat.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* A scan's private state */
typedef struct AmScan
{
	AmStream   *stream;
	bool		started;
} AmScan;

IndexScanDesc
hnswbeginscan(Relation index, int nkeys, int norderbys)
{
	IndexScanDesc scan = RelationGetIndexScan(index, nkeys, norderbys);
	AmScan	   *state = palloc0(sizeof(AmScan));

	state->stream = am_stream_create(index);
	scan->opaque = state;
	if (norderbys > 0)
	{
		scan->xs_orderbyvals = palloc0(sizeof(Datum) * norderbys);
		scan->xs_orderbynulls = palloc0(sizeof(bool) * norderbys);
	}
	return scan;
}

void
hnswrescan(IndexScanDesc scan, ScanKey keys, int nkeys, ScanKey orderbys,
		   int norderbys)
{
	AmScan	   *state = scan->opaque;

	if (keys && scan->numberOfKeys > 0)
		memmove(scan->keyData, keys, scan->numberOfKeys * sizeof(ScanKeyData));
	if (orderbys && scan->numberOfOrderBys > 0)
		memmove(scan->orderByData, orderbys,
				scan->numberOfOrderBys * sizeof(ScanKeyData));
	state->started = false;
}

static void
scan_start(IndexScanDesc scan)
{
	AmScan	   *state = scan->opaque;

	if (scan->numberOfOrderBys == 0)
		elog(ERROR, "cannot scan hnsw index without order");

	/* nothing is pinned between calls: rows may be vacuumed at any time */
	if (!IsMVCCSnapshot(scan->xs_snapshot))
		elog(ERROR, "non-MVCC snapshots are not supported with hnsw");
	pgstat_count_index_scan(scan->indexRelation);
	state->stream->table = scan->heapRelation;
	am_stream_start(state->stream, scan->orderByData->sk_argument,
					(scan->orderByData->sk_flags & SK_ISNULL) != 0);
	state->started = true;
}

bool
hnswgettuple(IndexScanDesc scan, ScanDirection dir)
{
	AmScan	   *state = scan->opaque;
	AmStreamRow row;

	Assert(ScanDirectionIsForward(dir));
	if (!state->started)
		scan_start(scan);
	if (am_stream_next(state->stream, &row) != STREAM_ROW)
		return false;
	scan->xs_heaptid = row.tid;
	scan->xs_recheck = false;
	scan->xs_recheckorderby = row.recheck;
	scan->xs_orderbyvals[0] = Float8GetDatum(row.distance);
	scan->xs_orderbynulls[0] = row.is_null;
	return true;
}

void
hnswendscan(IndexScanDesc scan)
{
	AmScan	   *state = scan->opaque;

	am_stream_free(state->stream);
	pfree(state);
	scan->opaque = NULL;
}
