/*-------------------------------------------------------------------------
 *
 * plan_filter.c
 *	  Answers to the search's question whether a row matches.
 *
 * Two can answer: a bitmap of the relation's other indexes, and the row
 * itself.  The bitmap costs in proportion to the rows that match, the row a
 * fetch a question.  So rows are asked first where the bitmap would be dear,
 * until that has cost as much as the bitmap, or bids fair to: where the search
 * meets few matches.  Then we have it.
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
#include "plan/plan_gather.h"
#include "plan/plan_scan.h"

/* After so many doubts, do not ask if less than 1 in so many was justified */
#define DOUBTS_MIN		16
#define DOUBTS_RATIO	8

/*
 * After so many rows asked, a search is astray if less than this part of the
 * matches has been met that chance would have brought: then it will ask so
 * many times as many questions as one that is not.
 */
#define ASTRAY_MIN		50
#define ASTRAY_SHARE	0.7
#define ASTRAY_FACTOR	4

/* Is there a list, and does it decide whether a row matches? */
bool
plan_filter_list_decides(const PlanScan *scan)
{
	return scan->allow != NULL && !scan->spec.residual &&
		!plan_allow_is_doubtful(scan->allow);
}

/* Tell the search whether there is a list, and one that answers alone. */
void
plan_filter_has_list(PlanScan *scan)
{
	scan->filter.is_cheap = scan->allow != NULL;
	scan->filter.is_certain = plan_filter_list_decides(scan);
}

/* Read the other indexes. */
void
plan_filter_build(PlanScan *scan)
{
	scan->allow = plan_gather(linitial(scan->css.custom_ps),
							  scan->look.table, scan->allow_context);
	scan->stats.bitmaps++;
	scan->stats.allowed += scan->allow->rows.members;
	scan->stats.allowed_lossy += scan->allow->lossy.members;
	plan_filter_has_list(scan);
}

/* How many rows match, as far as is known? */
double
plan_filter_rows(const PlanScan *scan)
{
	const PlanSpec *spec = &scan->spec;
	double		rows;

	if (scan->allow == NULL)
		return scan->rows;
	rows = plan_allow_rows(scan->allow, spec->rows_per_block);
	if (spec->residual && spec->bitmap_rows > 0)
		rows *= Min(spec->rows / spec->bitmap_rows, 1);
	return rows;
}

/*
 * Ask the row, unless it was asked before.  Edges may name rows that vacuum
 * has since removed, with the end of the table they were in; nothing that our
 * snapshot sees was added there since the search began.
 */
static AmAnswer
filter_ask_row(PlanScan *scan, const ItemPointerData *tid)
{
	AmAnswer	answer = ANSWERED_NO;

	if (ItemPointerGetBlockNumber(tid) >= scan->table_blocks)
		return ANSWERED_GONE;
	if (plan_tidset_has_row(&scan->known, tid))
		return plan_tidset_has_row(&scan->matching, tid) ?
			ANSWERED_YES : ANSWERED_NO;
	if (!plan_row_fetch(&scan->look, tid))
		answer = ANSWERED_GONE;
	else if (plan_row_matches(&scan->look))
		answer = ANSWERED_YES;
	scan->asked++;
	plan_tidset_add_row(&scan->known, tid);
	if (answer == ANSWERED_YES)
		plan_tidset_add_row(&scan->matching, tid);
	return answer;
}

/* Do rows hardly ever disagree with the bitmap? */
static bool
filter_is_trusted(const PlanScan *scan)
{
	return scan->doubts >= DOUBTS_MIN &&
		scan->doubts_refuted * DOUBTS_RATIO < scan->doubts;
}

/*
 * The bitmap says "maybe".  A row that it allows, and that does not match, is
 * among those that may do so all the same.
 */
static AmAnswer
filter_doubt(PlanScan *scan, const ItemPointerData *tid)
{
	AmAnswer	answer;

	if (filter_is_trusted(scan))
		return ANSWERED_YES;
	answer = filter_ask_row(scan, tid);
	scan->doubts++;
	if (answer != ANSWERED_YES)
		scan->doubts_refuted++;
	scan->filter.is_certain = filter_is_trusted(scan);
	return answer == ANSWERED_NO ? ANSWERED_ALMOST : answer;
}

/*
 * Do so few of the rows asked match that the search must be among others?
 * Then it will ask many more before it gets to those that do.
 */
static bool
filter_is_astray(const PlanScan *scan)
{
	double		share = scan->rows / Max(scan->spec.table_rows, 1);

	return scan->known.members >= ASTRAY_MIN &&
		scan->matching.members < ASTRAY_SHARE * share * scan->known.members;
}

/*
 * Have we asked rows for as much as the bitmap would have cost, or are we
 * going to?  (A search that only looks asks few, and ends when that is dear.)
 */
static bool
filter_wants_bitmap(const PlanScan *scan)
{
	const PlanSpec *spec = &scan->spec;

	if (scan->css.custom_ps == NIL || plan_force != FORCE_NOTHING ||
		scan->stream->walk.phase == WALK_LOOKING)
		return false;
	return plan_ops_asked(spec, scan->asked) > spec->bitmap_ops ||
		(filter_is_astray(scan) && plan_wants_bitmap(spec, ASTRAY_FACTOR));
}

/*
 * The search looks where hardly any rows match, and will walk.  It will ask
 * many until it gets to those that do.
 */
void
plan_filter_go_astray(PlanScan *scan)
{
	if (scan->css.custom_ps != NIL && scan->allow == NULL &&
		plan_wants_bitmap(&scan->spec, ASTRAY_FACTOR))
		plan_filter_build(scan);
	plan_choose_budget(scan);
}

/* Is the row known not to match? */
bool
plan_filter_is_refused(const PlanScan *scan, const ItemPointerData *tid)
{
	return plan_tidset_has_row(&scan->known, tid) &&
		!plan_tidset_has_row(&scan->matching, tid);
}

static AmAnswer
filter_answer(PlanScan *scan, const ItemPointerData *tid)
{
	if (scan->allow == NULL)
	{
		AmAnswer	answer = filter_ask_row(scan, tid);

		if (filter_wants_bitmap(scan))
			plan_filter_build(scan);
		return answer;
	}
	switch (plan_allow_ask(scan->allow, tid))
	{
		case ANSWER_NO:
			break;
		case ANSWER_MAYBE:
			return filter_doubt(scan, tid);
		case ANSWER_YES:
			return scan->spec.residual ? filter_doubt(scan, tid) :
				ANSWERED_YES;
	}
	return ANSWERED_NO;
}

/* Have one of these answer; what that costs is on account of the walk. */
static AmAnswer
filter_charge(PlanScan *scan, const ItemPointerData *tid,
			  AmAnswer (*answers) (PlanScan *, const ItemPointerData *))
{
	int64		asked = scan->asked;
	AmAnswer	answer = answers(scan, tid);

	if (scan->asked > asked)
		plan_choose_budget(scan);
	return answer;
}

/* AmFilter.matches */
AmAnswer
plan_filter_matches(void *arg, const ItemPointerData *tid)
{
	return filter_charge(arg, tid, filter_answer);
}

/* AmFilter.allows */
bool
plan_filter_allows(void *arg, const ItemPointerData *tid)
{
	const PlanScan *scan = arg;

	return plan_allow_ask(scan->allow, tid) != ANSWER_NO;
}

/* AmFilter.sees */
AmAnswer
plan_filter_sees(void *arg, const ItemPointerData *tid)
{
	return filter_charge(arg, tid, filter_ask_row);
}
