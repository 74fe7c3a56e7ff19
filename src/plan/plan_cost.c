/*-------------------------------------------------------------------------
 *
 * plan_cost.c
 *	  What the ways of searching cost, for the planner and while it runs.
 *
 * The planner compares this path with others in its own currency, in which
 * pages have to be read.  Between the ways that the node itself can go we
 * choose while it runs, by times measured with all pages in memory: there
 * the numbers of rows are known, where the planner guesses them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "am/am.h"
#include "am/am_scan.h"
#include "catalog/pg_am.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "plan/plan_cost.h"
#include "utils/float.h"
#include "vector/vector.h"

/*
 * Operators' worth of ...  (Measured with 200,000 rows of 128 dimensions on
 * 15,000 pages: a visit with a filter 2.6 us, without 1.6 us, a row by its TID
 * 0.7 us, a row of the exact way 0.4 us and its distance, a row of a btree
 * 0.01 us, a row of a bitmap 0.05 us and 0.25 us its block.)
 */
#define OPS_VISIT			300 /* visiting a node */
#define OPS_LOOK			200 /* the same, without a filter */
#define OPS_ASK				90	/* fetching a row of any block */
#define OPS_FETCH			50	/* fetching a row of the next block */
#define OPS_SCAN			12	/* fetching the next row of the table */
#define OPS_ESTIMATE		100	/* a bound of a row's distance, from its node */
#define OPS_INDEX			1000	/* scanning another index ... */
#define OPS_BTREE_ROW		1	/* ... for a row, if it is a btree */
#define OPS_BITMAP_ROW		7	/* ... for a row of a bitmap */
#define OPS_BITMAP_BLOCK	30	/* ... and for its block */

/*
 * In the choice between a walk and the exact way a block counts for more than
 * the time it takes when it is in memory: who reads fewer is ahead when some
 * are not, and leaves more room for others.
 */
#define OPS_BLOCK			100

/* Blocks of a vector that is too large for its row: index, then chunks */
#define TOAST_BLOCKS		4

/*
 * Where rows have been told apart by bounds of their distances, so many are
 * looked at for each that is wanted
 */
#define ESTIMATE_LOOKS		2

/*
 * Measured as well: where a share of the rows matches that does not depend on
 * their vectors, a walk visits 3 nodes for each row that it finds at once
 * (ef_search mostly), and 0.6 of those that are as near as the rows to be
 * sure of; it asks some 7 * ef_search / share questions.  Among other rows it
 * takes about as long, or is given up.
 */
#define WALK_VISITS			3
#define WALK_SHARE			0.6
#define WALK_QUESTIONS		7

/*
 * And a search that looks for them without regard to the conditions visits 4.5
 * * held ^ 0.83 nodes.
 */
#define LOOK_VISITS			4.5
#define LOOK_POWER			0.83

/* Asking a row during the walk, as a share of a random page */
#define ASK_PAGES			0.1

/*
 * Where the exact way costs the same as a sort, prefer what can change its
 * mind if the planner's guess turns out wrong.
 */
#define EXACT_BONUS			0.97

/* What share of the index's rows so many are */
double
plan_share(const PlanSpec *spec, double rows)
{
	return Min(rows / Max(spec->index_rows, 1), 1);
}

/*
 * Of how many rows will a search be sure at once?  A guess may be far too
 * high: of no more than if there were none (see plan_search.c).
 */
static int
sure_rows(const PlanSpec *spec)
{
	return am_stream_sure_rows(spec->wanted > 0 ? spec->wanted :
							   Min(spec->likely, am_ef_search));
}

/* Nodes that a walk visits, if that share of the rows matches */
static double
walk_visits(const PlanSpec *spec, double share)
{
	int			sure = sure_rows(spec);

	return WALK_VISITS * am_stream_batch_rows(sure) +
		WALK_SHARE * sure / Max(share, 1e-6);
}

/* Questions that it asks */
static double
walk_questions(double share)
{
	return WALK_QUESTIONS * am_ef_search / Max(share, 1e-6);
}

/* Questions asked by a search that only looks */
static double
look_questions(const PlanSpec *spec, double share)
{
	return sure_rows(spec) / Max(share, 1e-6);
}

/* Is a walk that asks so many times the usual better off with a bitmap? */
bool
plan_wants_bitmap(const PlanSpec *spec, double factor)
{
	double		share = plan_share(spec, spec->rows);
	double		questions = Min(walk_questions(share), spec->index_rows);

	return spec->bitmap_ops < factor * plan_ops_asked(spec, questions);
}

/* Blocks of the table that hold so many rows, spread over all of it */
static double
blocks_of(const PlanSpec *spec, double rows)
{
	double		blocks = Max(spec->table_rows / spec->rows_per_block, 1);

	return blocks * (1 - exp(-rows / blocks));
}

/* Fetching that many rows, in the order of the table, and their conditions */
static double
ops_fetched(const PlanSpec *spec, double rows)
{
	return rows * (OPS_FETCH + spec->qual_ops) +
		blocks_of(spec, rows) * OPS_BLOCK;
}

/* Rows whose distances are computed when bounds tell the nearest */
double
plan_rows_scored(double wanted)
{
	return ESTIMATE_LOOKS * (wanted > 0 ? wanted : am_ef_search);
}

/*
 * Telling the nearest of that many rows by bounds, and looking at these;
 * infinite if the index cannot tell
 */
static double
ops_estimated(const PlanSpec *spec, double rows)
{
	double		scored = Min(rows, plan_rows_scored(spec->wanted));

	if (!spec->estimates)
		return get_float8_infinity();
	return rows * (OPS_ESTIMATE + OPS_BLOCK) + ops_fetched(spec, scored) +
		scored * spec->distance_ops;
}

/* The nearest of that many rows that have been fetched */
static double
ops_nearest(const PlanSpec *spec, double rows)
{
	return Min(ops_estimated(spec, rows), rows * spec->distance_ops);
}

/* Are rows that are known to match told apart by bounds, unseen? */
bool
plan_is_estimated(const PlanSpec *spec, double rows)
{
	return ops_estimated(spec, rows) <
		ops_fetched(spec, rows) + rows * spec->distance_ops;
}

/* The nearest of that many rows that a list has, of which so many match */
double
plan_ops_exact(const PlanSpec *spec, double rows, double matches)
{
	if (!spec->residual && plan_is_estimated(spec, rows))
		return ops_estimated(spec, rows);
	return ops_fetched(spec, rows) + ops_nearest(spec, matches);
}

/*
 * What that takes at least: of a dense list, where rows of a block that are not
 * its first take as long as those of a scan.
 */
double
plan_ops_exact_least(const PlanSpec *spec, double rows, double matches)
{
	double		ops = plan_ops_exact(spec, rows, matches);
	double		further = rows - Min(rows, blocks_of(spec, rows));

	if (!spec->residual && plan_is_estimated(spec, rows))
		return ops;				/* hardly any is fetched */
	return ops - further * (OPS_FETCH - OPS_SCAN);
}

/* The nearest of all rows of the table, of which so many match */
double
plan_ops_table(const PlanSpec *spec, double matches)
{
	return spec->table_rows * (OPS_SCAN + OPS_BLOCK / spec->rows_per_block +
							   spec->qual_ops) +
		ops_nearest(spec, matches);
}

/* What does a distance cost, to a column that is out of line or not? */
double
plan_cost_distance(const QualCost *cost, bool out_of_line)
{
	return cost->per_tuple / cpu_operator_cost +
		(out_of_line ? TOAST_BLOCKS * OPS_BLOCK : 0);
}

static double ops_btrees(const PlanSpec *spec, Path *bitmapqual);

/* The same of the parts of an OR or an AND */
static double
ops_btrees_of(const PlanSpec *spec, List *bitmapquals)
{
	double		ops = 0;
	ListCell   *lc;

	foreach(lc, bitmapquals)
		ops += ops_btrees(spec, lfirst(lc));
	return ops;
}

/* Reading all btrees of a bitmap's tree; infinite if there are others */
static double
ops_btrees(const PlanSpec *spec, Path *bitmapqual)
{
	Cost		cost;
	Selectivity selectivity;

	if (IsA(bitmapqual, BitmapOrPath))
		return ops_btrees_of(spec, ((BitmapOrPath *) bitmapqual)->bitmapquals);
	if (IsA(bitmapqual, BitmapAndPath))
		return ops_btrees_of(spec,
							 ((BitmapAndPath *) bitmapqual)->bitmapquals);
	if (((IndexPath *) bitmapqual)->indexinfo->relam != BTREE_AM_OID)
		return get_float8_infinity();
	cost_bitmap_tree_node(bitmapqual, &cost, &selectivity);
	return OPS_INDEX + OPS_BTREE_ROW * selectivity * spec->table_rows;
}

/* What will asking the other indexes cost? */
double
plan_cost_bitmap(const PlanSpec *spec, Path *bitmapqual)
{
	double		btrees = ops_btrees(spec, bitmapqual);

	if (!isinf(btrees))
		return btrees;
	return OPS_INDEX + OPS_BITMAP_ROW * spec->bitmap_rows +
		OPS_BITMAP_BLOCK * blocks_of(spec, spec->bitmap_rows);
}

/* Asking that many rows whether they match */
double
plan_ops_asked(const PlanSpec *spec, double rows)
{
	return rows * (OPS_ASK + OPS_BLOCK + spec->qual_ops);
}

/*
 * A walk to that many rows that match.  Of all rows `doubtful` are asked when
 * it meets them: those that a list does not decide on.
 */
double
plan_ops_walk(const PlanSpec *spec, double rows, double doubtful)
{
	double		share = plan_share(spec, rows);
	double		questions = Min(walk_questions(share) / spec->index_rows, 1);

	return (OPS_VISIT + OPS_BLOCK) * Min(walk_visits(spec, share),
										 spec->index_rows) +
		plan_ops_asked(spec, questions * doubtful);
}

/*
 * Looking on, from so many nodes held, among rows of which this share
 * matches
 */
double
plan_ops_look(const PlanSpec *spec, double share, double held)
{
	double		asked = look_questions(spec, share);
	double		needed = Max(AM_LOOK_HELD * asked,
							 AM_NODES_FOR_EF * am_ef_search);

	if (needed > spec->index_rows)
		return get_float8_infinity();
	return (OPS_LOOK + OPS_BLOCK) * LOOK_VISITS *
		(pow(Max(needed, held), LOOK_POWER) - pow(held, LOOK_POWER)) +
		plan_ops_asked(spec, asked);
}

/* How many visits cost that much? */
double
plan_visits_in(double ops)
{
	return ops / (OPS_VISIT + OPS_BLOCK);
}

/*
 * The plain scan's costs.  It takes it that who wants all rows wants the whole
 * table, and has to go through it for the few that meet a condition; a bound
 * ends the search before.
 */
static void
cost_search(PlannerInfo *root, PlanCandidate *candidate)
{
	const IndexPath *order = candidate->order;

	candidate->startup = order->path.startup_cost;
	candidate->run = order->path.total_cost - order->path.startup_cost;
	if (candidate->bound == NULL)
		return;
	candidate->startup -= am_cost_beyond_reach(root, order->indexinfo);
	candidate->run *= Min(candidate->near_rows / candidate->spec.index_rows,
						  1);
}

/* The distances of rows that match, or what is known of them */
static Cost
cost_distances(const PlanCandidate *candidate)
{
	const PlanSpec *spec = &candidate->spec;
	double		rows = candidate->rows;

	if (!plan_is_estimated(spec, rows))
		return rows * candidate->distance.per_tuple;
	return rows * OPS_ESTIMATE * cpu_operator_cost +
		Min(rows, plan_rows_scored(spec->wanted)) *
		candidate->distance.per_tuple;
}

/* All matching rows by other indexes, or by a scan of the table */
static Cost
cost_exact(const PlanCandidate *candidate)
{
	RelOptInfo *rel = candidate->order->path.parent;
	Cost		cost;

	if (candidate->bitmap)
		cost = candidate->bitmap->path.total_cost;
	else
		cost = rel->pages * seq_page_cost +
			rel->tuples * (cpu_tuple_cost + candidate->quals.per_tuple);
	return EXACT_BONUS *
		(cost + candidate->distance.startup + cost_distances(candidate) +
		 candidate->rows * cpu_operator_cost);
}

/* Asking a row */
static Cost
cost_question(const PlanCandidate *candidate)
{
	return random_page_cost * ASK_PAGES + cpu_tuple_cost +
		candidate->quals.per_tuple;
}

/* A search that only looks; the plain scan, if all rows match */
static Cost
cost_look(const PlanCandidate *candidate)
{
	const PlanSpec *spec = &candidate->spec;
	double		share = plan_share(spec, spec->rows);
	double		asked = look_questions(spec, share);

	if (AM_LOOK_HELD * asked > spec->index_rows)
		return get_float8_infinity();
	return candidate->startup *
		pow(Max(asked / am_ef_search, 1), LOOK_POWER) +
		asked * cost_question(candidate);
}

/* The walk to the first batch of rows, whoever answers whether they match */
static Cost
cost_walk(const PlanCandidate *candidate)
{
	const PlanSpec *spec = &candidate->spec;
	double		share = plan_share(spec, spec->rows);
	Cost		walk = candidate->startup *
		walk_visits(spec, share) / walk_visits(spec, 1);
	Cost		asking = Min(walk_questions(share), spec->index_rows) *
		cost_question(candidate);

	if (candidate->bitmap)
	{
		Cost		bitmap;
		Selectivity selectivity;

		cost_bitmap_tree_node(candidate->bitmap->bitmapqual, &bitmap,
							  &selectivity);
		asking = Min(asking, bitmap);
	}
	return walk + asking;
}

/* A search with conditions */
static void
cost_filtered(CustomPath *path, const PlanCandidate *candidate)
{
	double		rows = candidate->near_rows;
	Cost		exact = cost_exact(candidate);
	Cost		walk = Min(cost_walk(candidate), cost_look(candidate));
	Cost		row = cpu_tuple_cost + candidate->quals.per_tuple +
		2 * cpu_operator_cost * log2(Max(rows, 2));
	Cost		run = rows * row;

	/*
	 * Rows of a walk are yet to be read; those of the exact way have been.
	 * It finds the first ef_search rows at once.
	 */
	if (walk < exact && rows > am_ef_search)
		run += Min(exact, rows * random_page_cost +
				   candidate->startup + candidate->run);
	path->path.startup_cost = Min(exact, walk) + candidate->quals.startup;
	path->path.total_cost = path->path.startup_cost + run;
}

/* A search without: the plain scan, but for distances not computed */
static void
cost_unfiltered(CustomPath *path, const PlanCandidate *candidate)
{
	Cost		run = candidate->run;

	if (candidate->spec.supplies)
		run = Max(run - path->path.rows * candidate->distance.per_tuple,
				  run * 0.5);
	path->path.startup_cost = candidate->startup;
	path->path.total_cost = candidate->startup + run;
}

/* Set the path's costs. */
void
plan_cost_path(PlannerInfo *root, CustomPath *path,
			   PlanCandidate *candidate)
{
	path->path.rows = candidate->order->path.parent->rows;
	cost_search(root, candidate);
	if (candidate->spec.filtered)
		cost_filtered(path, candidate);
	else
		cost_unfiltered(path, candidate);
}
