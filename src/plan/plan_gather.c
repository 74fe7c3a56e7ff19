/*-------------------------------------------------------------------------
 *
 * plan_gather.c
 *	  Reading the list of allowed rows from the relation's other indexes.
 *
 * In general the executor makes a TIDBitmap, by one index or several, and the
 * list is made of that.  But a TIDBitmap is sorted before it can be read,
 * which takes longer than reading the index.  So where it comes from one
 * btree we take the rows from the index directly, unless their list would
 * outgrow work_mem: a bitmap knows how to stay within it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "catalog/pg_am.h"
#include "executor/executor.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "plan/plan_allow.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Start the scan of an index over; its keys are known. */
static void
gather_rescan(BitmapIndexScanState *node)
{
	index_rescan(node->biss_ScanDesc, node->biss_ScanKeys,
				 node->biss_NumScanKeys, NULL, 0);
}

/*
 * The same as MultiExecBitmapIndexScan(), for a btree and without a bitmap.
 * Returns false if the list would outgrow work_mem; the scan is then as if it
 * had not begun.
 */
static bool
gather_btree(BitmapIndexScanState *node, Relation table, PlanAllow *allow)
{
	Instrumentation *instrument = node->ss.ps.instrument;
	IndexScanDesc scan = node->biss_ScanDesc;
	bool		complete;

	if (node->ss.ps.chgParam != NULL)
		ExecReScan(&node->ss.ps);
	else if (!node->biss_RuntimeKeysReady && node->biss_NumRuntimeKeys > 0)
		ExecReScan(&node->ss.ps);
	if (instrument)
		InstrStartNode(instrument);

	/* a scan for a bitmap has no table, but one for rows is to have it */
	scan->heapRelation = table;
	complete = plan_btree_rows(scan, allow, work_mem * (Size) 1024);
	scan->heapRelation = NULL;
	if (!complete)
		gather_rescan(node);
	if (instrument)
		InstrStopNode(instrument, complete ? allow->rows.members : 0);
	return complete;
}

/* Is the child the scan of one btree? */
static bool
gather_is_btree(PlanState *child)
{
	BitmapIndexScanState *node = (BitmapIndexScanState *) child;

	return IsA(child, BitmapIndexScanState) && node->biss_NumArrayKeys == 0 &&
		node->biss_RelationDesc->rd_rel->relam == BTREE_AM_OID;
}

/* Make the list of the rows that the child finds. */
PlanAllow *
plan_gather(PlanState *child, Relation table, MemoryContext context)
{
	BlockNumber nblocks = RelationGetNumberOfBlocks(table);
	double		rows = child->plan->plan_rows;
	PlanAllow  *allow = plan_allow_create(context, nblocks, rows);
	Node	   *bitmap;

	if (gather_is_btree(child) &&
		gather_btree((BitmapIndexScanState *) child, table, allow))
		return allow;

	MemoryContextReset(context);
	allow = plan_allow_create(context, nblocks, rows);
	bitmap = MultiExecProcNode(child);
	if (bitmap == NULL || !IsA(bitmap, TIDBitmap))
		elog(ERROR, "unrecognized result from subplan");
	plan_allow_add_bitmap(allow, (TIDBitmap *) bitmap);
	tbm_free((TIDBitmap *) bitmap);
	return allow;
}
