/*-------------------------------------------------------------------------
 *
 * plan_exact_sort.c
 *	  Rows in the order of their distances, beyond memory.
 *
 * The server's sort, with temporary files, of tuples of distance and TID.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "executor/tuptable.h"
#include "plan/plan_exact_sort.h"
#include "utils/tuplesort.h"

#define NKEYS	2				/* distance; TID where these are equal */

struct PlanExactSort
{
	Tuplesortstate *state;
	TupleTableSlot *in;
	TupleTableSlot *out;
};

/*
 * Begin a sort within this much memory, in kB, of the current context.  It
 * may have files: end it before the context is reset.  (If the transaction
 * fails the server closes them.)
 */
PlanExactSort *
plan_exact_sort_begin(int memory)
{
	PlanExactSort *sort = palloc(sizeof(PlanExactSort));
	TupleDesc	desc = CreateTemplateTupleDesc(NKEYS);
	AttrNumber	columns[NKEYS] = {1, 2};
	Oid			operators[NKEYS] = {Float8LessOperator, TIDLessOperator};
	Oid			collations[NKEYS] = {InvalidOid, InvalidOid};
	bool		nulls_first[NKEYS] = {false, false};

	TupleDescInitEntry(desc, 1, "distance", FLOAT8OID, -1, 0);
	TupleDescInitEntry(desc, 2, "tid", TIDOID, -1, 0);
	sort->in = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	sort->out = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	sort->state = tuplesort_begin_heap(desc, NKEYS, columns, operators,
									   collations, nulls_first, memory, NULL,
									   TUPLESORT_NONE);
	return sort;
}

void
plan_exact_sort_put(PlanExactSort *sort, const PlanExactRow *row)
{
	TupleTableSlot *slot = sort->in;

	ExecClearTuple(slot);
	slot->tts_values[0] = Float8GetDatum(row->value);
	slot->tts_isnull[0] = row->isnull;
	slot->tts_values[1] = PointerGetDatum(&row->tid);
	slot->tts_isnull[1] = false;
	ExecStoreVirtualTuple(slot);
	tuplesort_puttupleslot(sort->state, slot);
}

/* All rows have been put in: sort them. */
void
plan_exact_sort_perform(PlanExactSort *sort)
{
	tuplesort_performsort(sort->state);
}

/* The next row, nearest first.  Returns false if there is none. */
bool
plan_exact_sort_next(PlanExactSort *sort, PlanExactRow *row)
{
	TupleTableSlot *slot = sort->out;

	if (!tuplesort_gettupleslot(sort->state, true, false, slot, NULL))
		return false;
	slot_getallattrs(slot);
	row->isnull = slot->tts_isnull[0];
	row->value = row->isnull ? 0 :
		DatumGetFloat8(slot->tts_values[0]);
	row->state = EXACT_SCORED;
	row->tid = *(ItemPointer) DatumGetPointer(slot->tts_values[1]);
	return true;
}

void
plan_exact_sort_end(PlanExactSort *sort)
{
	tuplesort_end(sort->state);
}
