/*-------------------------------------------------------------------------
 *
 * plan_search.c
 *	  A search: by the graph, exactly, or first one and then the other.
 *
 *	  few rows match: compute the distances of all of them
 *	  otherwise walk the graph, which asks rows whether they match;
 *	  when the walk has cost more than the exact way would, change to that
 *
 * so that a wrong guess costs no more than a few times the better way.
 *
 * Rows come from the walk in the order of lower bounds of their distances.
 * Where the order is not certain, the exact distance is computed from the
 * row, which waits in a queue until nothing nearer can come.
 *
 * A walk misses a row now and then.  If the exact way, after a change, finds
 * such a row that belongs before rows already returned, it is too late for
 * it.  So where the query's LIMIT is known, no row is returned before the walk
 * has found as many as that: a walk that does not get there has returned none,
 * and the exact way starts from scratch.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "executor/executor.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "plan/plan_cost.h"
#include "plan/plan_scan.h"
#include "storage/predicate.h"
#include "utils/datum.h"
#include "utils/float.h"
#include "utils/snapmgr.h"

/* Forget the search.  The list of allowed rows is kept. */
void
plan_search_reset(PlanScan *scan)
{
	PlanStats  *stats = &scan->stats;

	if (scan->phase != PLAN_START)
	{
		stats->visited += scan->stream->search.visits;
		stats->asked += scan->asked;
		stats->estimated += scan->exact.estimated;
		stats->scored += scan->exact.scored;
		if (stats->strategy == STRATEGY_NONE)
			stats->strategy = scan->strategy;
		else if (stats->strategy != scan->strategy)
			stats->strategy = STRATEGY_MIXED;
	}
	plan_row_reset(&scan->out);
	plan_row_reset(&scan->look);
	plan_exact_end(&scan->exact);
	MemoryContextReset(scan->search_context);
	scan->stream->search.visits = 0;
	scan->phase = PLAN_START;
	scan->strategy = STRATEGY_NONE;
	scan->asked = 0;
	scan->doubts = 0;
	scan->doubts_refuted = 0;
	scan->exact.estimated = 0;
	scan->exact.scored = 0;
	scan->returned_any = false;
	scan->drained = false;
	scan->farthest.value = -get_float8_infinity();
	scan->farthest.isnull = false;
	scan->reached = -get_float8_infinity();
}

/* Work out a vector, in memory of the search. */
static Datum
search_evaluate_vector(PlanScan *scan, ExprState *vector, bool *isnull)
{
	ExprContext *context = scan->css.ss.ps.ps_ExprContext;
	MemoryContext old;
	Datum		value;

	value = ExecEvalExprSwitchContext(vector, context, isnull);
	old = MemoryContextSwitchTo(scan->search_context);
	if (!*isnull)
		value = PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	MemoryContextSwitchTo(old);
	ResetExprContext(context);
	return *isnull ? (Datum) 0 : value;
}

/* Work out what the distances are to. */
static void
search_evaluate_query(PlanScan *scan)
{
	PlanQuestions *questions = &scan->questions;

	questions->query = search_evaluate_vector(scan, scan->query,
											  &questions->query_isnull);
}

/* Is the distance that is bounded the one to the query? */
static bool
search_bounds_order(PlanScan *scan)
{
	const PlanQuestions *questions = &scan->questions;
	bool		isnull;
	Datum		query;

	if (scan->bound_query == NULL)
		return true;
	query = search_evaluate_vector(scan, scan->bound_query, &isnull);
	if (isnull || questions->query_isnull)
		return isnull && questions->query_isnull;
	return datumIsEqual(query, questions->query, false, -1);
}

/* How far away will rows be taken?  Returns false if there are none at all. */
static bool
search_evaluate_bound(PlanScan *scan)
{
	ExprContext *context = scan->css.ss.ps.ps_ExprContext;
	PlanBound  *bound = &scan->questions.bound;
	bool		isnull;

	if (scan->bound == NULL)
		return true;
	bound->inclusive = scan->spec.bound_inclusive;
	bound->value = DatumGetFloat8(ExecEvalExprSwitchContext(scan->bound,
															context,
															&isnull));
	ResetExprContext(context);
	bound->exists = search_bounds_order(scan);
	return !isnull && !(bound->exists && scan->questions.query_isnull);
}

/* How many rows will be taken?  0 if that is not known. */
static double
search_evaluate_limit(PlanScan *scan)
{
	ExprContext *context = scan->css.ss.ps.ps_ExprContext;
	double		rows = 0;
	ListCell   *lc;

	if (scan->limit == NIL)
		return scan->spec.wanted;
	foreach(lc, scan->limit)
	{
		bool		isnull;
		Datum		value = ExecEvalExprSwitchContext(lfirst(lc), context,
													  &isnull);

		if (!isnull)
			rows += DatumGetInt64(value);
		else if (lc == list_head(scan->limit))
			return AM_ALL_ROWS;
	}
	ResetExprContext(context);
	return Max(rows, 0);
}

/*
 * For how many rows is it good to wait before the first is returned?  (Those
 * of a first batch without conditions come all at once.)  For all, if all that
 * are within a bound are wanted: how many that are nobody knows.
 */
static int
search_hold(const PlanScan *scan)
{
	if (scan->questions.bound.exists && scan->wanted >= AM_ALL_ROWS)
		return PG_INT32_MAX;
	if (!scan->spec.filtered && scan->wanted <= am_ef_search)
		return 0;
	return (int) Min(scan->wanted, PLAN_MAX_HOLD);
}

/*
 * Of how many rows had the search better be sure at once?  Within a bound
 * there may be far less than wanted, which it finds out as it goes on; and so
 * where that is a guess, of no more than if there were none.
 */
static int
search_wanted(const PlanScan *scan)
{
	if (scan->wanted == 0)
		return (int) Min(scan->spec.likely, am_ef_search);
	return (int) Min(scan->wanted, scan->questions.bound.exists ?
					 am_ef_search : PLAN_MAX_HOLD);
}

/* The distance of the row that was returned last, as SQL computes it */
static PlanDistance
search_last_distance(PlanScan *scan)
{
	PlanRow    *row = &scan->look;

	if (!plan_row_fetch_version(row, &scan->last))
		elog(ERROR, "could not fetch a row that was returned");
	plan_row_show(row, (PlanDistance) {0, true});
	return plan_row_distance(row);
}

/* Have the exact way ask the index how far rows are. */
static void
search_use_estimates(PlanScan *scan)
{
	const PlanQuestions *questions = &scan->questions;
	MemoryContext old = MemoryContextSwitchTo(scan->search_context);

	PredicateLockRelation(scan->index, scan->out.snapshot);
	scan->exact.estimates = am_rows_begin(scan->stream, questions->query,
										  questions->query_isnull);
	MemoryContextSwitchTo(old);
}

/* Let EXPLAIN know how many rows the exact way has refused since. */
static void
search_count_removed(PlanScan *scan)
{
	InstrCountFiltered1(&scan->css.ss.ps, scan->exact.removed);
	scan->exact.removed = 0;
}

/* Begin with the exact way, or change to it. */
static void
search_begin_exact(PlanScan *scan)
{
	PlanExact  *exact = &scan->exact;

	scan->strategy = scan->strategy == STRATEGY_GRAPH ?
		STRATEGY_SWITCHED : STRATEGY_EXACT;
	scan->phase = PLAN_EXACT;
	exact->allow = plan_choose_allowed(scan) ? scan->allow : NULL;
	exact->wanted = scan->wanted;
	exact->order_only = scan->spec.supplies;
	exact->score_first = plan_rows_scored(scan->wanted);
	exact->fetches_first = exact->allow == NULL ||
		!plan_filter_list_decides(scan);
	if (scan->returned_any)
	{
		exact->except = &scan->returned;
		if (scan->iterative == ITERATIVE_SCAN_STRICT)
		{
			exact->has_floor = true;
			exact->floor = search_last_distance(scan);
		}
	}
	if (plan_choose_estimates(scan))
		search_use_estimates(scan);
	plan_exact_run(exact);
	search_count_removed(scan);
}

static void
search_begin_graph(PlanScan *scan)
{
	PlanQuestions *questions = &scan->questions;

	if (scan->spec.filtered)
	{
		scan->filter.matches = plan_filter_matches;
		scan->filter.allows = plan_filter_allows;
		scan->filter.sees = plan_filter_sees;
		scan->filter.looks_on = plan_choose_look_on;
		scan->filter.walks = plan_choose_walk;
		scan->filter.sampled = plan_choose_sampled;
		scan->filter.is_guess = scan->css.custom_ps == NIL;
		scan->filter.arg = scan;
		scan->filter.wanted = search_wanted(scan);
		scan->filter.wants_more = scan->wanted == 0;
		scan->table_blocks = RelationGetNumberOfBlocks(scan->out.table);
		plan_filter_has_list(scan);
		am_stream_set_filter(scan->stream, &scan->filter);
	}
	pgstat_count_index_scan(scan->index);
	PredicateLockRelation(scan->index, scan->out.snapshot);
	am_stream_start(scan->stream, questions->query, questions->query_isnull);
	plan_choose_budget(scan);
	if (scan->iterative != ITERATIVE_SCAN_OFF)
		scan->stream->at_limit = LIMIT_STOPS;
	scan->strategy = STRATEGY_GRAPH;
	scan->phase = PLAN_GRAPH;
	scan->hold = search_hold(scan);
	scan->holding = scan->hold > 0;

	/* rows that wait: what is found late can still be put among them */
	if (scan->holding && scan->iterative == ITERATIVE_SCAN_STRICT)
		scan->stream->iterative = ITERATIVE_SCAN_RELAXED;
}

static void
search_begin(PlanScan *scan)
{
	/* nothing is pinned between calls: rows may be vacuumed at any time */
	if (!IsMVCCSnapshot(scan->out.snapshot))
		elog(ERROR, "non-MVCC snapshots are not supported with hnsw");
	search_evaluate_query(scan);
	plan_queue_init(&scan->queue, scan->search_context);
	plan_tidset_init(&scan->known, scan->search_context);
	plan_tidset_init(&scan->matching, scan->search_context);
	plan_tidset_init(&scan->returned, scan->search_context);
	plan_exact_init(&scan->exact, scan->search_context, &scan->look);
	scan->iterative = (AmIterativeScan) am_iterative_scan;
	scan->wanted = search_evaluate_limit(scan);
	if (!search_evaluate_bound(scan))
	{
		scan->phase = PLAN_END;
		return;
	}
	scan->rows = scan->spec.rows;
	scan->sampled = false;
	scan->filter.looks = scan->spec.filtered && plan_choose_look(scan);
	if (scan->spec.filtered && !scan->filter.looks && plan_choose_bitmap(scan))
		plan_filter_build(scan);
	if (plan_choose_exact(scan))
		search_begin_exact(scan);
	else
		search_begin_graph(scan);
}

/*
 * Fetch a row that the stream named.  Returns false if there is nothing to
 * be seen of it, or if it does not match.
 */
static bool
search_fetch(PlanScan *scan, const AmStreamRow *named)
{
	pgstat_count_index_tuples(scan->index, 1);
	if (plan_filter_is_refused(scan, &named->tid) ||
		!plan_row_fetch(&scan->out, &named->tid))
		return false;
	pgstat_count_heap_fetch(scan->index);
	if (scan->holding && !plan_row_matches(&scan->out))
	{
		InstrCountFiltered1(&scan->css.ss.ps, 1);
		return false;
	}
	return true;
}

/*
 * The next row of the stream, if it can be returned at once; otherwise it
 * is queued.
 */
static bool
search_take(PlanScan *scan, const AmStreamRow *named)
{
	PlanDistance distance = {named->distance, named->is_null};

	scan->farthest = distance;
	if (!search_fetch(scan, named))
		return false;
	if (named->recheck)
	{
		distance = plan_row_distance(&scan->out);
		scan->stats.rechecked++;

		/* found too late: its place is before a row returned already */
		if (scan->iterative == ITERATIVE_SCAN_STRICT &&
			!distance.isnull && distance.value < scan->reached)
			return false;
	}
	if (scan->holding || named->recheck ||
		(scan->queue.n > 0 &&
		 plan_distance_compare(plan_queue_first(&scan->queue), distance) < 0))
	{
		plan_queue_push(&scan->queue, &scan->out, distance,
						named->recheck ? distance.value : named->upper);
		return false;
	}
	plan_row_show(&scan->out, distance);
	scan->reached = Max(scan->reached, named->upper);
	return true;
}

/*
 * Return the first of the queue.  Returns false if its order is not certain:
 * what the search found later may overlap with it.  Then it goes back, with
 * its exact distance.
 */
static bool
search_return_queued(PlanScan *scan)
{
	double		upper;
	PlanDistance distance = plan_queue_pop(&scan->queue, &scan->out, &upper);

	if (distance.isnull || isnan(distance.value))
		return true;
	if (upper > distance.value && scan->queue.n > 0 &&
		plan_queue_first(&scan->queue).value <= upper)
	{
		distance = plan_row_distance(&scan->out);
		scan->stats.rechecked++;
		plan_queue_push(&scan->queue, &scan->out, distance, distance.value);
		return false;
	}
	scan->reached = Max(scan->reached, upper);
	return true;
}

/* Can the first of the queue be returned? */
static bool
search_queue_is_ready(const PlanScan *scan)
{
	if (scan->queue.n == 0)
		return false;
	if (scan->drained)
		return true;
	if (scan->holding && scan->queue.n < scan->hold)
		return false;
	return plan_distance_compare(plan_queue_first(&scan->queue),
								 scan->farthest) <= 0;
}

/*
 * The stream has come to rows that are beyond the bound.  All that wait behind
 * are as far at least; to look for nearer ones that the search has missed is
 * as much in vain here as anywhere in the order of rows.
 */
static void
search_end_at_bound(PlanScan *scan)
{
	scan->drained = true;
	scan->holding = false;
	scan->changes = false;
}

/*
 * All that the index has, has been returned.  Can there be rows that it does
 * not have?  Those without a vector and, for cosine, of zero vectors: their
 * distance is NULL or NaN, beyond any bound but NaN.
 */
static bool
search_lacks_rows(const PlanScan *scan)
{
	const PlanBound *bound = &scan->questions.bound;

	if (bound->exists && !isnan(bound->value))
		return false;
	return !scan->spec.complete ||
		scan->stream->space.format->codec.metric == METRIC_COSINE;
}

/*
 * The stream has ended, or its budget is used up.  Even at the end of the
 * index the exact way may find more; but not so many that it were worth
 * reading a table of which the index covers a small part.
 */
static void
search_end_stream(PlanScan *scan, AmStreamResult result)
{
	scan->drained = true;
	scan->holding = false;
	scan->changes = result != STREAM_DONE ||
		(!scan->spec.partial && search_lacks_rows(scan));

	/* if the index has all the rows it is to have them in order */
	if (scan->stream->late > 0 && !scan->returned_any)
		scan->changes = true;

	/* off: ends a search, but not one given up before it found anything */
	if (scan->iterative == ITERATIVE_SCAN_OFF)
		scan->changes = scan->stream->phase == STREAM_START;

	/* the exact way finds these again, and all that belongs before them */
	if (scan->changes)
		plan_queue_clear(&scan->queue);
}

/* The next row by way of the graph.  False if that has come to its end. */
static bool
search_next_in_graph(PlanScan *scan)
{
	for (;;)
	{
		AmStreamRow named;
		AmStreamResult result;

		CHECK_FOR_INTERRUPTS();
		if (search_queue_is_ready(scan))
		{
			scan->holding = false;
			if (search_return_queued(scan))
				return true;
			continue;
		}
		if (scan->drained)
			return false;
		result = am_stream_next(scan->stream, &named);
		if (result != STREAM_ROW)
			search_end_stream(scan, result);
		else if (plan_row_is_beyond(&scan->out,
									(PlanDistance) {named.distance,
													named.is_null}))
			search_end_at_bound(scan);
		else if (search_take(scan, &named))
			return true;
	}
}

/* The next row by the exact way. */
static bool
search_next_exact(PlanScan *scan)
{
	PlanExactRow found;

	while (plan_exact_next(&scan->exact, &found))
	{
		if (!plan_row_fetch_version(&scan->out, &found.tid))
			continue;			/* cannot be: the snapshot sees it */
		plan_row_show(&scan->out,
					  (PlanDistance) {found.value, found.isnull});
		search_count_removed(scan);
		return true;
	}
	search_count_removed(scan);
	return false;
}

/* ExecScan's access method: the next row, which may not match. */
TupleTableSlot *
plan_search_next(ScanState *ss)
{
	PlanScan   *scan = (PlanScan *) ss;

	if (scan->phase == PLAN_START)
		search_begin(scan);
	if (scan->phase == PLAN_GRAPH)
	{
		if (search_next_in_graph(scan))
		{
			scan->returned_any = true;
			scan->last = scan->out.stored->tts_tid;
			plan_tidset_add_row(&scan->returned, &scan->last);
			return scan->out.shown;
		}
		if (scan->changes)
			search_begin_exact(scan);
		else
			scan->phase = PLAN_END;
	}
	if (scan->phase == PLAN_EXACT)
	{
		if (search_next_exact(scan))
			return scan->out.shown;
		scan->phase = PLAN_END;
	}
	return ExecClearTuple(ss->ss_ScanTupleSlot);
}
