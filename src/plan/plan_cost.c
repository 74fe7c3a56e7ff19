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
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "plan/plan_cost.h"

/*
 * Operators' worth of ...  (Measured with 200,000 rows of 128 dimensions on
 * 15,000 pages: a visit 1.2 us without and 2.5 us with a filter, a row by its
 * TID 0.9 us, a row of the exact way 0.7 us, a row of a bitmap 0.25 us a
 * block and 0.05 us itself.)
 */
#define OPS_VISIT			300 /* visiting a node */
#define OPS_ASK				110 /* fetching a row of any block */
#define OPS_FETCH			80	/* fetching a row of the next block */
#define OPS_SCAN			12	/* fetching the next row of the table */
#define OPS_BITMAP			1000	/* scanning another index ... */
#define OPS_BITMAP_BLOCK	30	/* ... for a block */
#define OPS_BITMAP_ROW		7	/* ... and for each row of it */

/*
 * Measured as well: where a share of the rows matches that does not depend
 * on their vectors, a walk visits (1 + 0.1 / share) ^ 0.7 times as many nodes
 * as one where all match, and asks some 3 * ef_search / share questions.
 * Walks among other rows take less, or are given up.
 */
#define WALK_VISITS			4.0 /* times ef_search, if all match */
#define WALK_SHARE			0.1
#define WALK_POWER			0.7
#define WALK_QUESTIONS		3.0

/* For less than this times the cost of asking rows, ask other indexes */
#define BITMAP_BONUS		1.3

/* Asking a row during the walk, as a share of a random page */
#define ASK_PAGES			0.1

/*
 * Where the exact way costs the same as a sort, prefer what can change its
 * mind if the planner's guess turns out wrong.
 */
#define EXACT_BONUS			0.97

/* How much longer is a walk if only a share of the rows matches? */
static double
walk_factor(double share)
{
	return pow(1 + WALK_SHARE / Max(share, 1e-6), WALK_POWER);
}

/* Nodes that a walk visits, if that share of the rows matches */
static double
walk_visits(double share)
{
	return WALK_VISITS * am_ef_search * walk_factor(share);
}

/* Questions that it asks */
static double
walk_questions(double share)
{
	return WALK_QUESTIONS * am_ef_search / Max(share, 1e-6);
}

/* Is a walk better off with a bitmap from the beginning? */
bool
plan_wants_bitmap(const PlanSpec *spec)
{
	double		share = Min(spec->rows / Max(spec->index_rows, 1), 1);
	double		questions = Min(walk_questions(share), spec->index_rows);

	return plan_ops_bitmap(spec) <
		BITMAP_BONUS * plan_ops_asked(spec, questions);
}

/* Fetching that many rows and computing their distances */
double
plan_ops_exact(const PlanSpec *spec, double rows)
{
	return rows * (OPS_FETCH + spec->qual_ops + spec->distance_ops);
}

/* Scanning the table, and the distances of what matches */
double
plan_ops_table(const PlanSpec *spec, double rows)
{
	return spec->table_rows * (OPS_SCAN + spec->qual_ops) +
		rows * spec->distance_ops;
}

/* Asking the other indexes which rows match */
double
plan_ops_bitmap(const PlanSpec *spec)
{
	double		blocks = Max(spec->table_rows / spec->rows_per_block, 1);
	double		touched = blocks * (1 - exp(-spec->bitmap_rows / blocks));

	return OPS_BITMAP + OPS_BITMAP_BLOCK * touched +
		OPS_BITMAP_ROW * spec->bitmap_rows;
}

/* Asking that many rows whether they match */
double
plan_ops_asked(const PlanSpec *spec, double rows)
{
	return rows * (OPS_ASK + spec->qual_ops);
}

/* A walk, asking rows or, if it has one, a bitmap */
double
plan_ops_walk(const PlanSpec *spec, double rows, bool has_bitmap)
{
	double		share = Min(rows / Max(spec->index_rows, 1), 1);
	double		questions = Min(walk_questions(share), spec->index_rows);

	return OPS_VISIT * Min(walk_visits(share), spec->index_rows) +
		(has_bitmap ? 0 : plan_ops_asked(spec, questions));
}

/* How many visits cost that much? */
double
plan_visits_in(double ops)
{
	return ops / OPS_VISIT;
}

/* All matching rows by other indexes, or by a scan of the table */
static Cost
cost_exact(const PlanCandidate *candidate)
{
	const PlanSpec *spec = &candidate->spec;
	RelOptInfo *rel = candidate->order->path.parent;
	Cost		cost;

	if (candidate->bitmap)
		cost = candidate->bitmap->path.total_cost;
	else
		cost = rel->pages * seq_page_cost +
			rel->tuples * (cpu_tuple_cost + candidate->quals.per_tuple);
	return EXACT_BONUS *
		(cost + candidate->distance.startup +
		 spec->rows * (candidate->distance.per_tuple + cpu_operator_cost));
}

/* The walk to the first batch of rows, whoever answers whether they match */
static Cost
cost_walk(const PlanCandidate *candidate)
{
	const PlanSpec *spec = &candidate->spec;
	double		share = Min(spec->rows / Max(spec->index_rows, 1), 1);
	Cost		walk = candidate->order->path.startup_cost *
		walk_factor(share);
	Cost		asking = Min(walk_questions(share), spec->index_rows) *
		(random_page_cost * ASK_PAGES + cpu_tuple_cost +
		 candidate->quals.per_tuple);

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
	double		rows = clamp_row_est(candidate->spec.rows);
	Cost		exact = cost_exact(candidate);
	Cost		walk = cost_walk(candidate);
	Cost		row = cpu_tuple_cost + candidate->quals.per_tuple +
		2 * cpu_operator_cost * log2(Max(rows, 2));
	Cost		run = rows * row;

	/* rows of a walk are yet to be read; those of the exact way have been */
	if (walk < exact)
		run += Min(exact, rows * random_page_cost +
				   candidate->order->path.total_cost);
	path->path.startup_cost = Min(exact, walk) + candidate->quals.startup;
	path->path.total_cost = path->path.startup_cost + run;
}

/* A search without: the plain scan, but for the distances not computed */
static void
cost_unfiltered(CustomPath *path, const PlanCandidate *candidate)
{
	const Path *plain = &candidate->order->path;
	Cost		run = plain->total_cost - plain->startup_cost;

	path->path.startup_cost = plain->startup_cost;
	path->path.total_cost = plain->startup_cost +
		Max(run - plain->rows * candidate->distance.per_tuple, run * 0.5);
}

/* Set the path's costs. */
void
plan_cost_path(PlannerInfo *root, CustomPath *path,
			   const PlanCandidate *candidate)
{
	path->path.rows = candidate->order->path.parent->rows;
	if (candidate->spec.filtered)
		cost_filtered(path, candidate);
	else
		cost_unfiltered(path, candidate);
}
