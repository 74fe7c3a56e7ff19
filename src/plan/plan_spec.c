/*-------------------------------------------------------------------------
 *
 * plan_spec.c
 *	  What the planner tells the executor about a search.
 *
 * A plan is copied, cached and sent to parallel workers, so that all a
 * custom scan has to say must be in nodes: here lists of OIDs, integers and
 * floats.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "nodes/value.h"
#include "plan/plan_spec.h"

/* With an exponent, or a whole number would be read back as an Integer. */
static List *
append_number(List *numbers, double number)
{
	return lappend(numbers, makeFloat(psprintf("%.17e", number)));
}

static double
number_at(const List *numbers, int n)
{
	return floatVal(list_nth(numbers, n));
}

List *
plan_spec_store(const PlanSpec *spec)
{
	List	   *oids = list_make4_oid(spec->index, spec->operator,
									  spec->function, spec->collation);
	List	   *flags = list_make5_int(spec->filtered, spec->supplies,
									   spec->residual, spec->nstable,
									   spec->partial);
	List	   *more_flags = list_make5_int(spec->complete, spec->bound,
											spec->bound_arg,
											spec->bound_query,
											spec->bound_inclusive);
	List	   *numbers = NIL;

	more_flags = lappend_int(more_flags, spec->estimates);
	numbers = append_number(numbers, spec->wanted);
	numbers = append_number(numbers, spec->table_rows);
	numbers = append_number(numbers, spec->index_rows);
	numbers = append_number(numbers, spec->rows_per_block);
	numbers = append_number(numbers, spec->rows);
	numbers = append_number(numbers, spec->bitmap_rows);
	numbers = append_number(numbers, spec->bitmap_ops);
	numbers = append_number(numbers, spec->qual_ops);
	numbers = append_number(numbers, spec->distance_ops);
	numbers = append_number(numbers, spec->likely);
	return list_make3(oids, list_concat(flags, more_flags), numbers);
}

void
plan_spec_load(PlanSpec *spec, const List *stored)
{
	const List *oids = linitial(stored);
	const List *flags = lsecond(stored);
	const List *numbers = lthird(stored);

	spec->index = list_nth_oid(oids, 0);
	spec->operator = list_nth_oid(oids, 1);
	spec->function = list_nth_oid(oids, 2);
	spec->collation = list_nth_oid(oids, 3);
	spec->filtered = list_nth_int(flags, 0);
	spec->supplies = list_nth_int(flags, 1);
	spec->residual = list_nth_int(flags, 2);
	spec->nstable = list_nth_int(flags, 3);
	spec->partial = list_nth_int(flags, 4);
	spec->complete = list_nth_int(flags, 5);
	spec->bound = list_nth_int(flags, 6);
	spec->bound_arg = list_nth_int(flags, 7);
	spec->bound_query = list_nth_int(flags, 8);
	spec->bound_inclusive = list_nth_int(flags, 9);
	spec->estimates = list_nth_int(flags, 10);
	spec->wanted = number_at(numbers, 0);
	spec->table_rows = number_at(numbers, 1);
	spec->index_rows = number_at(numbers, 2);
	spec->rows_per_block = number_at(numbers, 3);
	spec->rows = number_at(numbers, 4);
	spec->bitmap_rows = number_at(numbers, 5);
	spec->bitmap_ops = number_at(numbers, 6);
	spec->qual_ops = number_at(numbers, 7);
	spec->distance_ops = number_at(numbers, 8);
	spec->likely = number_at(numbers, 9);
}
