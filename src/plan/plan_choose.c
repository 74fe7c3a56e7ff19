/*-------------------------------------------------------------------------
 *
 * plan_choose.c
 *	  Which way to search: the choices made while it runs.
 *
 * There are four ways with conditions, of which the cheapest is wanted:
 *
 *	  the exact way: compute the distances of all rows that match
 *	  looking: search as if there were no conditions, until enough rows of
 *	  those found match
 *	  a walk that asks rows whether they match
 *	  a walk that asks a list of those that do, made of other indexes
 *
 * What they cost depends on how many rows match, of which there is a guess
 * before, and something is learned on the way: from a list all there is, from
 * rows asked their share.  Each choice is made anew when more is known.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "plan/plan_cost.h"
#include "plan/plan_scan.h"
#include "utils/float.h"

/* Visits before hnsw.debug_prefilter = switch does so */
#define FORCED_SWITCH_VISITS	20

/*
 * Give a walk up, before it has cost as much, when so few of the rows asked
 * match that all of it would cost so many times the exact way: not before this
 * part of the exact way's cost was spent.  Without a list what counts is spent
 * on asking, for who asks among others at first may still come to those that
 * match.
 */
#define HOPELESS_FACTOR			4.0
#define HOPELESS_SPENT			0.25

/* No match among n rows: most likely less than this / n of all match */
#define HOPELESS_ROWS			3

/* Rows asked that tell what share of all matches */
#define MIN_ASKED				50

/*
 * Rows near the query may match so many times as often as others: who looks
 * for something mostly asks for the kind of thing it is.
 */
#define HOPE					2.5

/*
 * How far it takes to look is less certain than what a walk takes: it is to
 * be this part of it at the most.
 */
#define LOOK_MARGIN				0.85

/* Standard errors from what was expected that are no coincidence */
#define SURPRISE				2.0

/* How many rows may be allowed? */
static double
choose_allowed_rows(const PlanScan *scan)
{
	return plan_allow_rows(scan->allow, scan->spec.rows_per_block);
}

/* And how many of them match?  Those asked tell better than a guess. */
static double
choose_allowed_matches(const PlanScan *scan)
{
	if (scan->doubts < MIN_ASKED)
		return plan_filter_rows(scan);
	return choose_allowed_rows(scan) *
		(scan->doubts - scan->doubts_refuted) / scan->doubts;
}

/* plan_ops_exact(), or what it would be at least */
typedef double (*ExactOps) (const PlanSpec *spec, double rows,
							double matches);

/* What fetching them and scoring those that match would cost */
static double
choose_allowed_ops(const PlanScan *scan, ExactOps ops)
{
	return ops(&scan->spec, choose_allowed_rows(scan),
			   choose_allowed_matches(scan));
}

/* The same of a list that is yet to be made, and making it */
static double
choose_bitmap_ops(const PlanScan *scan, ExactOps ops)
{
	const PlanSpec *spec = &scan->spec;

	return spec->bitmap_ops + ops(spec, spec->bitmap_rows,
								  Min(scan->rows, spec->bitmap_rows));
}

/*
 * How many rows match?  The planner's guess may be far too low; those asked
 * tell better.
 */
static double
choose_guess_rows(const PlanScan *scan)
{
	double		rows = scan->rows;

	if (scan->allow)
		return choose_allowed_matches(scan);
	if (scan->phase != PLAN_START && scan->known.members >= MIN_ASKED)
		rows = Max(rows, scan->spec.table_rows * scan->matching.members /
				   scan->known.members);
	return rows;
}

/*
 * What doing without the graph from here on would cost, in operators.
 * Infinite if that cannot be done.
 */
static double
choose_exact_ops(const PlanScan *scan)
{
	const PlanSpec *spec = &scan->spec;
	double		ops;

	if (!spec->filtered && !scan->questions.bound.exists)
		return get_float8_infinity();
	ops = plan_ops_table(spec, choose_guess_rows(scan));
	if (scan->allow)
		ops = Min(ops, choose_allowed_ops(scan, plan_ops_exact));
	else if (spec->bitmap_rows > 0)
		ops = Min(ops, choose_bitmap_ops(scan, plan_ops_exact));
	return ops;
}

/* Will the walk cost far more than the exact way, by what is known by now? */
static bool
choose_is_hopeless(const PlanScan *scan, double exact_ops)
{
	const PlanSpec *spec = &scan->spec;
	double		rows = spec->index_rows;
	double		asked = scan->known.members;
	double		matching = scan->matching.members;
	double		spent = plan_visits_in(plan_ops_asked(spec, scan->asked));

	if (scan->allow)
	{
		rows = choose_allowed_rows(scan);
		asked = scan->doubts;
		matching = scan->doubts - scan->doubts_refuted;
		spent += scan->stream->search.visits;
	}
	if (spent < HOPELESS_SPENT * plan_visits_in(exact_ops))
		return false;
	return plan_ops_walk(spec, rows * (matching + HOPELESS_ROWS) /
						 Max(asked, HOPELESS_ROWS), rows) >
		HOPELESS_FACTOR * exact_ops;
}

/*
 * Let the walk take as long as the exact way would (or up to twice as long, if
 * it is nearly through by then: am_walk.c sees to that).  So a guess costs
 * about twice what the other way would have, at the most.  To be called again
 * whenever rows have been asked.
 */
void
plan_choose_budget(PlanScan *scan)
{
	double		exact_ops = choose_exact_ops(scan);
	double		visits;

	scan->stream->max_visits = PG_INT64_MAX;
	if (plan_force == FORCE_SWITCH)
		scan->stream->max_visits = FORCED_SWITCH_VISITS;
	if (plan_force != FORCE_NOTHING)
		return;
	visits = plan_visits_in(exact_ops -
							plan_ops_asked(&scan->spec, scan->asked));
	if (choose_is_hopeless(scan, exact_ops))
		visits = 0;
	if (visits < 1e15)
		scan->stream->max_visits = (int64) Max(visits, 0);
}

/* Is it better to know the rows that match from the beginning? */
bool
plan_choose_bitmap(const PlanScan *scan)
{
	const PlanSpec *spec = &scan->spec;

	if (scan->css.custom_ps == NIL || scan->allow)
		return false;
	if (plan_force != FORCE_NOTHING)
		return plan_force == FORCE_EXACT || plan_force == FORCE_BITMAP;
	return plan_wants_bitmap(spec, 1) &&
		plan_ops_table(spec, scan->rows) >
		Min(choose_bitmap_ops(scan, plan_ops_exact),
			spec->bitmap_ops + plan_ops_walk(spec, scan->rows, 0));
}

/*
 * Are more rows wanted than a search can find, or so many that it would leave
 * out some of the last?  (All rows of a partial index may be few, and those
 * within a bound.)
 */
static bool
choose_is_in_vain(const PlanScan *scan)
{
	double		wanted = scan->wanted;

	if (scan->iterative == ITERATIVE_SCAN_OFF || scan->questions.bound.exists)
		return false;
	if (scan->spec.partial)
		return !am_is_within_reach(Min(wanted, scan->spec.index_rows));
	return !am_is_within_reach(wanted) ||
		wanted >= Max(scan->spec.table_rows, PLAN_MAX_HOLD + 1);
}

/* Is it better not to walk at all? */
bool
plan_choose_exact(const PlanScan *scan)
{
	const PlanSpec *spec = &scan->spec;

	if (plan_force != FORCE_NOTHING)
		return plan_force == FORCE_EXACT;

	/* a bound on another distance: it is neither an end nor asked of rows */
	if (scan->bound && !scan->questions.bound.exists)
		return true;
	if (choose_is_in_vain(scan))
		return true;
	if (!spec->filtered)
		return false;

	/*
	 * Without a bitmap the number of rows that match is a guess: walk, and
	 * see, unless to look at all rows of the table is cheaper than the walk
	 * would be if all matched.
	 */
	if (scan->allow == NULL)
		return plan_ops_table(spec, spec->table_rows) <
			plan_ops_walk(spec, spec->index_rows, spec->index_rows);
	return choose_exact_ops(scan) <
		plan_ops_walk(spec, plan_filter_rows(scan), 0);
}

/* Will the exact way look at the allowed rows, rather than at all? */
bool
plan_choose_allowed(PlanScan *scan)
{
	const PlanSpec *spec = &scan->spec;
	double		table = plan_ops_table(spec, choose_guess_rows(scan));

	if (scan->css.custom_ps == NIL)
		return false;
	if (scan->allow == NULL)
	{
		if (plan_force == FORCE_NOTHING &&
			choose_bitmap_ops(scan, plan_ops_exact_least) > table)
			return false;
		plan_filter_build(scan);
	}
	return plan_force != FORCE_NOTHING ||
		choose_allowed_ops(scan, plan_ops_exact_least) < table;
}

/*
 * Is the exact way to ask the index how far rows are?  There must be room to
 * remember them.  Rows of which all are known to match are asked for before
 * they are fetched, if that is cheaper.  Of others that depends on how many
 * match: they are fetched, and the index is asked of those that do.
 */
bool
plan_choose_estimates(const PlanScan *scan)
{
	const PlanExact *exact = &scan->exact;
	PlanSpec	spec = scan->spec;
	double		rows = choose_guess_rows(scan);

	if (!exact->fetches_first)
		rows = choose_allowed_rows(scan);
	if (!spec.estimates || rows > exact->max_estimates)
		return false;
	spec.wanted = scan->wanted;
	return am_debug_rowmap || exact->fetches_first ||
		plan_is_estimated(&spec, rows);
}

/* What share of the rows match, as far as is known? */
static double
choose_share(const PlanScan *scan)
{
	return plan_share(&scan->spec, plan_filter_rows(scan));
}

/*
 * AmFilter.sampled: better than the planner's guess, who knows nothing of
 * conditions that no index and no statistics are for.  If none match, there
 * may still be as few as it says.
 */
void
plan_choose_sampled(void *arg, int asked, int found)
{
	PlanScan   *scan = arg;
	double		share = Max(found, 1) / (double) Max(asked, 1);

	scan->sampled = true;
	scan->rows = scan->spec.index_rows * share;
	if (found == 0)
		scan->rows = Min(scan->rows, scan->spec.rows);
}

/* What the cheaper walk costs, with a list or without */
static double
choose_walk_ops(const PlanScan *scan)
{
	const PlanSpec *spec = &scan->spec;
	double		rows = plan_filter_rows(scan);
	double		listed;

	if (scan->allow)
		return plan_ops_walk(spec, rows, 0);
	if (scan->css.custom_ps == NIL)
		return plan_ops_walk(spec, rows, spec->index_rows);
	listed = spec->bitmap_ops + plan_ops_walk(spec, rows, 0);
	return Min(listed, plan_ops_walk(spec, rows, spec->index_rows));
}

/* Is looking on, from so many nodes held, the cheapest way, surely? */
static bool
choose_look(const PlanScan *scan, double share, int held)
{
	return plan_ops_look(&scan->spec, share, held) < LOOK_MARGIN *
		Min(choose_exact_ops(scan), choose_walk_ops(scan));
}

/*
 * Is it better not to mind the conditions at first?  It may be, and a glance
 * will tell; also if nobody knows how many rows match.
 */
bool
plan_choose_look(const PlanScan *scan)
{
	if (plan_force != FORCE_NOTHING)
		return plan_force == FORCE_LOOK;
	return scan->css.custom_ps == NIL ||
		choose_look(scan, Min(HOPE * choose_share(scan), 1), 0);
}

/*
 * AmFilter.looks_on.  The share of those that match tells how far we would
 * have to look.  But few have been asked: as long as it could be chance that
 * they are fewer than in the whole table, its share is what counts.
 */
bool
plan_choose_look_on(void *arg, int held, int asked, int found)
{
	PlanScan   *scan = arg;
	double		usual = choose_share(scan);
	double		expected = usual * asked;
	double		share = (found + 1.0) / (asked + 1.0);
	bool		guessing = scan->filter.is_guess && !scan->sampled;

	if (plan_force != FORCE_NOTHING || (guessing && held < am_ef_search))
		return true;
	if (!guessing &&
		found >= expected - SURPRISE * sqrt(expected * (1 - usual)))
		share = Max(share, usual);
	return choose_look(scan, share, held);
}

/* AmFilter.walks: hardly any of the rows near the query match. */
void
plan_choose_walk(void *arg)
{
	PlanScan   *scan = arg;

	plan_filter_go_astray(scan);
	if (choose_exact_ops(scan) < choose_walk_ops(scan))
		scan->stream->max_visits = 0;
}
