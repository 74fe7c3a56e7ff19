/*-------------------------------------------------------------------------
 *
 * plan_filter.c
 *	  Answers to the search's question whether a row matches.
 *
 * Two can answer: a bitmap of the relation's other indexes, and the row
 * itself.  The bitmap costs in proportion to the rows that match, the row a
 * fetch a question.  So rows are asked first where the bitmap would be dear,
 * until that has cost as much as the bitmap; then we have it.
 *
 * Where the bitmap is not certain (a block without its rows, conditions no
 * index covers, conditions to be rechecked), the row is asked as well, until
 * experience says that it hardly ever disagrees.
 *
 * Answers are remembered, as the search asks of a row more than once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "plan/plan_cost.h"
#include "plan/plan_scan.h"

/* After so many doubts, do not ask if less than 1 in so many was justified */
#define DOUBTS_MIN		16
#define DOUBTS_RATIO	8

/* Read the other indexes. */
void
plan_filter_build(PlanScan *scan)
{
	scan->allow = plan_gather(linitial(scan->css.custom_ps),
							  scan->look.table, scan->allow_context);
	scan->stats.bitmaps++;
	scan->stats.allowed += scan->allow->rows.members;
	scan->stats.allowed_lossy += scan->allow->lossy.members;
}

/* How many rows match, as far as is known? */
double
plan_filter_rows(const PlanScan *scan)
{
	const PlanSpec *spec = &scan->spec;
	double		rows;

	if (scan->allow == NULL)
		return spec->rows;
	rows = plan_allow_rows(scan->allow, spec->rows_per_block);
	if (spec->residual && spec->bitmap_rows > 0)
		rows *= Min(spec->rows / spec->bitmap_rows, 1);
	return rows;
}

/* Ask the row, unless it was asked before. */
static bool
filter_ask_row(PlanScan *scan, const ItemPointerData *tid)
{
	bool		matches;

	if (plan_tidset_has_row(&scan->known, tid))
		return plan_tidset_has_row(&scan->matching, tid);
	matches = plan_row_fetch(&scan->look, tid) &&
		plan_row_matches(&scan->look);
	scan->asked++;
	plan_tidset_add_row(&scan->known, tid);
	if (matches)
		plan_tidset_add_row(&scan->matching, tid);
	return matches;
}

/* The bitmap says "maybe". */
static bool
filter_doubt(PlanScan *scan, const ItemPointerData *tid)
{
	bool		matches;

	if (scan->doubts >= DOUBTS_MIN &&
		scan->doubts_refuted * DOUBTS_RATIO < scan->doubts)
		return true;
	matches = filter_ask_row(scan, tid);
	scan->doubts++;
	if (!matches)
		scan->doubts_refuted++;
	return matches;
}

/* Have we asked rows for as much as the bitmap would have cost? */
static bool
filter_wants_bitmap(const PlanScan *scan)
{
	return scan->css.custom_ps != NIL && plan_force == FORCE_NOTHING &&
		plan_ops_asked(&scan->spec, scan->asked) >
		scan->spec.bitmap_ops;
}

/* AmFilter.matches */
bool
plan_filter_matches(void *arg, const ItemPointerData *tid)
{
	PlanScan   *scan = arg;

	if (scan->allow == NULL)
	{
		bool		matches = filter_ask_row(scan, tid);

		if (filter_wants_bitmap(scan))
			plan_filter_build(scan);
		plan_search_set_budget(scan);
		return matches;
	}
	switch (plan_allow_ask(scan->allow, tid))
	{
		case ANSWER_NO:
			return false;
		case ANSWER_MAYBE:
			return filter_doubt(scan, tid);
		case ANSWER_YES:
			return !scan->spec.residual || filter_doubt(scan, tid);
	}
	return false;
}
