/*-------------------------------------------------------------------------
 *
 * plan_gather.c
 *	  Reading the list of allowed rows from the relation's other indexes.
 *
 * In general the executor makes a TIDBitmap, by one index or several, and the
 * list is made of that.  But a TIDBitmap is sorted before it can be read,
 * which takes longer than reading the index.  So where btrees are all that it
 * comes from we take the rows from them directly:
 *
 *	  of an OR all scans put their rows into the same set;
 *	  of an AND each but the first puts those into a set that the one before
 *	  has found, too.
 *
 * Unless these sets would outgrow work_mem: a bitmap knows how to stay within
 * it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relscan.h"
#include "catalog/pg_am.h"
#include "executor/executor.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "plan/plan_gather.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* What all scans of a list have in common */
typedef struct Gathering
{
	Relation	table;
	BlockNumber nblocks;
	MemoryContext scratch;		/* of sets that are no part of the list */
} Gathering;

static bool gather_tree(Gathering *gathering, PlanState *child,
						PlanTidSet *rows, const PlanTidSet *among);

/* Is there another than a btree among the scans? */
static bool
gather_has_other(PlanState *child, void *unused)
{
	BitmapIndexScanState *node = (BitmapIndexScanState *) child;

	if (!IsA(child, BitmapIndexScanState))
		return planstate_tree_walker(child, gather_has_other, unused);
	return node->biss_NumArrayKeys != 0 ||
		node->biss_RelationDesc->rd_rel->relam != BTREE_AM_OID;
}

/* Have all scans be as if they had not begun; the keys stay. */
static bool
gather_restart(PlanState *child, void *unused)
{
	BitmapIndexScanState *node = (BitmapIndexScanState *) child;

	if (!IsA(child, BitmapIndexScanState))
		return planstate_tree_walker(child, gather_restart, unused);

	/* of one that did not get its turn keys may not be known yet */
	if (node->biss_RuntimeKeysReady || node->biss_NumRuntimeKeys == 0)
		index_rescan(node->biss_ScanDesc, node->biss_ScanKeys,
					 node->biss_NumScanKeys, NULL, 0);
	return false;
}

/*
 * How much memory may one more set take, beside that of the rows that it is
 * compared with?
 */
static Size
gather_room(const PlanTidSet *among)
{
	Size		room = work_mem * (Size) 1024;
	Size		taken = among ? plan_tidset_memory(among) : 0;

	return room - Min(taken, room);
}

/* The same as MultiExecBitmapIndexScan(), for a btree and without a bitmap. */
static bool
gather_btree(Gathering *gathering, BitmapIndexScanState *node,
			 PlanTidSet *rows, const PlanTidSet *among)
{
	IndexScanDesc scan = node->biss_ScanDesc;
	PlanGathered into = {rows, among, gather_room(among), 0};
	bool		complete;

	if (!node->biss_RuntimeKeysReady && node->biss_NumRuntimeKeys > 0)
		ExecReScan(&node->ss.ps);
	if (node->ss.ps.instrument)
		InstrStartNode(node->ss.ps.instrument);

	/* a scan for a bitmap has no table, but one for rows is to have it */
	scan->heapRelation = gathering->table;
	complete = plan_btree_rows(scan, &into);
	scan->heapRelation = NULL;
	if (node->ss.ps.instrument)
		InstrStopNode(node->ss.ps.instrument, complete ? into.found : 0);
	return complete;
}

/* The same as MultiExecBitmapOr() */
static bool
gather_or(Gathering *gathering, BitmapOrState *node, PlanTidSet *rows,
		  const PlanTidSet *among)
{
	for (int i = 0; i < node->nplans; i++)
	{
		if (!gather_tree(gathering, node->bitmapplans[i], rows, among))
			return false;
	}
	return true;
}

/* An empty set for the rows that a scan finds */
static PlanTidSet *
gather_scratch(const Gathering *gathering, const PlanState *child)
{
	PlanTidSet *set = MemoryContextAlloc(gathering->scratch,
										 sizeof(PlanTidSet));

	plan_tidset_init(set, gathering->scratch);
	plan_tidset_limit(set, gathering->nblocks, child->plan->plan_rows);
	return set;
}

/* The same as MultiExecBitmapAnd() */
static bool
gather_and(Gathering *gathering, BitmapAndState *node, PlanTidSet *rows,
		   const PlanTidSet *among)
{
	for (int i = 0; i < node->nplans; i++)
	{
		PlanState  *child = node->bitmapplans[i];
		bool		is_last = i == node->nplans - 1;
		PlanTidSet *found = is_last ? rows : gather_scratch(gathering, child);

		if (!gather_tree(gathering, child, found, among))
			return false;
		if (found->members == 0)
			break;
		among = found;
	}
	return true;
}

/*
 * Put the rows that a tree of btrees' scans finds into a set; if `among` is
 * not NULL, those of them that are in that.  Returns false if there is not
 * enough memory.
 */
static bool
gather_tree(Gathering *gathering, PlanState *child, PlanTidSet *rows,
			const PlanTidSet *among)
{
	bool		complete;

	if (child->chgParam != NULL)
		ExecReScan(child);
	if (IsA(child, BitmapIndexScanState))
		return gather_btree(gathering, (BitmapIndexScanState *) child, rows,
							among);
	if (child->instrument)
		InstrStartNode(child->instrument);
	if (IsA(child, BitmapOrState))
		complete = gather_or(gathering, (BitmapOrState *) child, rows, among);
	else
		complete = gather_and(gathering, (BitmapAndState *) child, rows,
							  among);
	if (child->instrument)
		InstrStopNode(child->instrument, 0);
	return complete;
}

/*
 * Make the list directly, from btrees.  Returns false if that would take more
 * than work_mem; the scans are then as if they had not begun.
 */
static bool
gather_directly(PlanState *child, Relation table, BlockNumber nblocks,
				PlanAllow *allow)
{
	Gathering	gathering;
	bool		complete;

	gathering.table = table;
	gathering.nblocks = nblocks;
	gathering.scratch = AllocSetContextCreate(allow->rows.context,
											  "hnsw rows of an AND",
											  ALLOCSET_DEFAULT_SIZES);
	complete = gather_tree(&gathering, child, &allow->rows, NULL);
	MemoryContextDelete(gathering.scratch);
	if (!complete)
		gather_restart(child, NULL);
	return complete;
}

/* Make the list of the rows that the child finds. */
PlanAllow *
plan_gather(PlanState *child, Relation table, MemoryContext context)
{
	BlockNumber nblocks = RelationGetNumberOfBlocks(table);
	double		rows = child->plan->plan_rows;
	PlanAllow  *allow = plan_allow_create(context, nblocks, rows);
	Node	   *bitmap;

	if (!gather_has_other(child, NULL) &&
		gather_directly(child, table, nblocks, allow))
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
