/*-------------------------------------------------------------------------
 *
 * plan_row.c
 *	  Fetching a row, and what is asked of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "plan/plan_row.h"
#include "storage/bufmgr.h"
#include "utils/float.h"

/*
 * Fetch the version that the snapshot sees of a row named by an index's
 * TID.  Returns false if there is none.
 */
bool
plan_row_fetch(PlanRow *row, const ItemPointerData *tid)
{
	ItemPointerData copy = *tid;
	bool		call_again = false;

	/* an MVCC snapshot sees one version of a row at the most */
	if (!table_index_fetch_tuple(row->fetch, &copy, row->snapshot,
								 row->stored, &call_again, NULL))
		return false;
	plan_row_show(row, (PlanDistance) {0, true});
	return true;
}

/* The row will be fetched soon: have its block read meanwhile. */
void
plan_row_ask_for(PlanRow *row, const ItemPointerData *tid)
{
	BlockNumber block = ItemPointerGetBlockNumber(tid);

	if (block == row->asked_for)
		return;
	row->asked_for = block;
	PrefetchBuffer(row->table, MAIN_FORKNUM, block);
}

/* Fetch a row again by the TID of the very version (stored->tts_tid). */
bool
plan_row_fetch_version(PlanRow *row, ItemPointerData *tid)
{
	return table_tuple_fetch_row_version(row->table, tid, row->snapshot,
										 row->stored);
}

/* Make the scan tuple of the row that is stored. */
void
plan_row_show(PlanRow *row, PlanDistance distance)
{
	const PlanQuestions *questions = row->questions;
	TupleTableSlot *stored = row->stored;
	TupleTableSlot *shown = row->shown;
	int			n = questions->nscan_columns;

	if (shown == stored)
		return;
	ExecClearTuple(shown);
	slot_getsomeattrs(stored, questions->last_column);
	for (int i = 0; i < n; i++)
	{
		int			column = questions->scan_columns[i] - 1;

		shown->tts_values[i] = stored->tts_values[column];
		shown->tts_isnull[i] = stored->tts_isnull[column];
	}
	shown->tts_values[n] = Float8GetDatum(distance.value);
	shown->tts_isnull[n] = distance.isnull;
	ExecStoreVirtualTuple(shown);

	/* what WHERE CURRENT OF looks at */
	shown->tts_tid = stored->tts_tid;
	shown->tts_tableOid = stored->tts_tableOid;
}

/* Does the row meet the conditions? */
bool
plan_row_matches(PlanRow *row)
{
	row->context->ecxt_scantuple = row->shown;
	return ExecQualAndReset(row->questions->quals, row->context);
}

/* The distance that SQL computes. */
PlanDistance
plan_row_distance(PlanRow *row)
{
	const PlanQuestions *questions = row->questions;
	ExprContext *context = row->context;
	MemoryContext old;
	PlanDistance distance = {0, true};
	Datum		value;
	bool		isnull;

	if (questions->query_isnull)
		return distance;
	context->ecxt_scantuple = row->shown;
	old = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
	value = ExecEvalExpr(questions->column, context, &isnull);
	if (!isnull)
	{
		FmgrInfo   *function = unconstify(FmgrInfo *, &questions->function);

		distance.value = DatumGetFloat8(FunctionCall2Coll(function,
														  questions->collation,
														  value,
														  questions->query));
		distance.isnull = false;
	}
	MemoryContextSwitchTo(old);
	ResetExprContext(context);
	return distance;
}

/*
 * Are rows at this distance, and all that are farther, beyond the bound?  As
 * SQL's comparison has it, where NaN is the greatest number.
 */
bool
plan_row_is_beyond(const PlanRow *row, PlanDistance distance)
{
	const PlanBound *bound = &row->questions->bound;

	if (!bound->exists)
		return false;
	if (distance.isnull)
		return true;
	return bound->inclusive ? float8_gt(distance.value, bound->value) :
		float8_ge(distance.value, bound->value);
}

/* Let go of the row. */
void
plan_row_reset(PlanRow *row)
{
	if (row->shown != row->stored)
		ExecClearTuple(row->shown);
	ExecClearTuple(row->stored);
	table_index_fetch_reset(row->fetch);
}

void
plan_row_end(PlanRow *row)
{
	plan_row_reset(row);
	table_index_fetch_end(row->fetch);
}

/* Order of distances: numbers, NaN, NULL. */
int
plan_distance_compare(PlanDistance a, PlanDistance b)
{
	if (a.isnull || b.isnull)
		return (int) a.isnull - (int) b.isnull;
	return float8_cmp_internal(a.value, b.value);
}
