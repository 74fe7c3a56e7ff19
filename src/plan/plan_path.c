/*-------------------------------------------------------------------------
 *
 * plan_path.c
 *	  The planner's side of HnswScan: the path, and the plan made of it.
 *
 * Where the planner found a plain scan of an hnsw index in the order of the
 * query, which is a matter of its own, we put a path in its place that does
 * the same with regard to the conditions, without computing distances nobody
 * looks at, and to the end: a search that comes to a limit of its own goes on
 * the exact way.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/table.h"
#include "catalog/pg_type.h"
#include "hnsw_version.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/restrictinfo.h"
#include "optimizer/tlist.h"
#include "parser/parsetree.h"
#include "plan/plan_path.h"
#include "plan/plan_scan.h"
#include "utils/lsyscache.h"
#include "vector/vector.h"
#include "utils/selfuncs.h"

/* The path's private list */
#define PRIVATE_SPEC		0
#define PRIVATE_ORDER		1	/* the plain scan's path */
#define PRIVATE_DISTANCE	2	/* the sort column nobody looks at, or NULL */
#define PRIVATE_BOUND		3	/* the condition that bounds it, or NULL */

/* The distance that a plain scan orders by */
static OpExpr *
path_order(const IndexPath *order)
{
	return (OpExpr *) linitial(order->indexorderbys);
}

/*
 * How many of the conditions, in the order in which they are checked, come
 * before the first volatile one?  Only these may be checked more than once,
 * or of rows that are not returned.
 */
static int
path_stable_quals(const List *quals)
{
	int			n = 0;
	ListCell   *lc;

	foreach(lc, quals)
	{
		if (contain_volatile_functions(lfirst(lc)))
			break;
		n++;
	}
	return n;
}

/* How many rows meet the conditions without the bound? */
static double
path_rows(PlannerInfo *root, const RelOptInfo *rel,
		  const PlanCandidate *candidate)
{
	if (candidate->bound == NULL)
		return rel->rows;
	return clamp_row_est(rel->tuples *
						 clauselist_selectivity(root, candidate->conditions,
												0, JOIN_INNER, NULL));
}

/* Has the planner nothing to go by but a constant? */
static bool
path_is_guess(const RestrictInfo *condition, Selectivity guess)
{
	return fabs(condition->norm_selec - guess) < 1e-9;
}

/*
 * How many rows match, if the planner is right?  Of an expression it knows
 * nothing, but takes it for 1 in 200 rows, and the node would then do without
 * a walk that finds its rows at once if it is half of them.  Nor need it be
 * half: take the middle, in orders of magnitude.
 */
static double
path_hopeful_rows(const RelOptInfo *rel, const PlanCandidate *candidate)
{
	double		rows = candidate->rows;
	ListCell   *lc;

	foreach(lc, candidate->conditions)
	{
		if (path_is_guess(lfirst(lc), DEFAULT_EQ_SEL))
			rows *= sqrt(1 / DEFAULT_EQ_SEL);
	}
	return Min(rows, Max(rel->tuples, candidate->rows));
}

/*
 * How many rows lie within the bound?  The planner takes it for a third of
 * them.  Who asks for what is near means fewer: again take the middle.
 */
static double
path_near_rows(const RelOptInfo *rel, const PlanCandidate *candidate)
{
	if (candidate->bound &&
		path_is_guess(candidate->bound, DEFAULT_INEQ_SEL))
		return sqrt(rel->rows);
	return rel->rows;
}

/*
 * Can any of the conditions take part in the search, as one to ask rows?
 */
static bool
path_has_stable_qual(const List *conditions, const RestrictInfo *bound)
{
	ListCell   *lc;

	foreach(lc, conditions)
	{
		const RestrictInfo *rinfo = lfirst(lc);

		if (rinfo != bound &&
			!contain_volatile_functions((Node *) rinfo->clause))
			return true;
	}
	return false;
}

/*
 * Has every row a value in what the index is on?  (If that changes, plans that
 * rely on it are made anew.)
 */
static bool
path_is_complete(PlannerInfo *root, const RelOptInfo *rel, const Node *column)
{
	Relation	table;
	bool		complete;

	if (!IsA(column, Var))
		return false;
	table = table_open(planner_rt_fetch(rel->relid, root)->relid, NoLock);
	complete = hnsw_is_not_null(table, ((const Var *) column)->varattno);
	table_close(table, NoLock);
	return complete;
}

static void
path_fill_spec(PlannerInfo *root, RelOptInfo *rel, PlanCandidate *candidate)
{
	PlanSpec   *spec = &candidate->spec;
	const IndexPath *order = candidate->order;
	OpExpr	   *distance = path_order(order);

	candidate->bound = plan_bound_find(root, rel, distance, spec);
	candidate->conditions = list_copy(rel->baserestrictinfo);
	candidate->conditions = list_delete_ptr(candidate->conditions,
											candidate->bound);
	candidate->rows = path_rows(root, rel, candidate);
	candidate->near_rows = path_near_rows(rel, candidate);

	spec->index = order->indexinfo->indexoid;
	spec->operator = distance->opno;
	spec->function = get_opcode(distance->opno);
	spec->collation = distance->inputcollid;
	spec->filtered = path_has_stable_qual(order->indexinfo->indrestrictinfo,
										  candidate->bound);
	spec->complete = path_is_complete(root, rel, linitial(distance->args));
	spec->partial = order->indexinfo->indpred != NIL;
	spec->estimates =
		vector_var_is_out_of_line(root, linitial(distance->args),
								  exprTypmod(linitial(distance->args)));
	spec->wanted = am_rows_wanted(root, rel);
	spec->table_rows = rel->tuples;
	spec->index_rows = Max(order->indexinfo->tuples, 1);
	spec->rows_per_block = rel->tuples > 0 && rel->pages > 0 ?
		rel->tuples / rel->pages : 1;
	spec->rows = path_hopeful_rows(rel, candidate);

	cost_qual_eval(&candidate->quals, candidate->conditions, root);
	cost_qual_eval_node(&candidate->distance, (Node *) distance, root);
	spec->qual_ops = candidate->quals.per_tuple / cpu_operator_cost;
	spec->distance_ops = plan_cost_distance(&candidate->distance,
											spec->estimates);
}

/*
 * What the scan tuple is made of: the columns needed, then the distance.
 * (We are not told the plan's final target list, but the relation's has
 * whatever columns that one can need.)
 */
static List *
path_scan_tlist(const RelOptInfo *rel, List *quals, Expr *distance)
{
	List	   *vars = pull_var_clause((Node *) rel->reltarget->exprs, 0);
	List	   *tlist;

	vars = list_concat(vars, pull_var_clause((Node *) quals, 0));
	vars = list_concat(vars, pull_var_clause((Node *) distance, 0));
	tlist = add_to_flat_tlist(NIL, vars);
	return lappend(tlist, makeTargetEntry(distance, list_length(tlist) + 1,
										  NULL, false));
}

/*
 * The query's LIMIT and OFFSET, for the executor to work out, if they limit
 * this scan and the planner does not know them.  (The server works them out
 * as well: they must not be volatile.)
 */
static List *
path_limit(PlannerInfo *root, RelOptInfo *rel, const PlanSpec *spec)
{
	const Query *parse = root->parse;
	Node	   *offset = parse->limitOffset;

	if (!am_is_whole_query(root, rel) || spec->wanted > 0 ||
		parse->limitCount == NULL ||
		contain_volatile_functions(parse->limitCount) ||
		contain_volatile_functions(offset))
		return NIL;
	if (offset == NULL)
		offset = (Node *) makeConst(INT8OID, -1, InvalidOid, sizeof(int64),
									Int64GetDatum(0), false, FLOAT8PASSBYVAL);
	return list_make2(copyObject(parse->limitCount), copyObject(offset));
}

/*
 * The child's bitmap heap scan, of which we want no more than the bitmap.  A
 * condition that is the same for all rows makes a Result above it, as it does
 * above us.
 */
static BitmapHeapScan *
path_heap_scan(Plan *plan)
{
	if (IsA(plan, Result))
		plan = outerPlan(plan);
	return castNode(BitmapHeapScan, plan);
}

static bool path_decides(const Path *bitmapqual, const Node *clause);

/* Does one of the paths whose rows are ANDed decide on the condition? */
static bool
path_one_decides(const List *bitmapquals, const Node *clause)
{
	ListCell   *lc;

	foreach(lc, bitmapquals)
	{
		if (path_decides(lfirst(lc), clause))
			return true;
	}
	return false;
}

/*
 * Do all rows that the indexes find meet the condition?  The server does not
 * ask like that: it checks `flag` where an index has found `flag = true`.
 */
static bool
path_decides(const Path *bitmapqual, const Node *clause)
{
	ListCell   *lc;

	if (IsA(bitmapqual, BitmapAndPath))
	{
		const BitmapAndPath *and = (const BitmapAndPath *) bitmapqual;

		return path_one_decides(and->bitmapquals, clause);
	}
	if (!IsA(bitmapqual, IndexPath))
		return false;
	foreach(lc, ((const IndexPath *) bitmapqual)->indexclauses)
	{
		const IndexClause *index_clause = lfirst(lc);

		if (!index_clause->lossy &&
			equal(index_clause->rinfo->clause, clause))
			return true;
	}
	return false;
}

/* Does the bitmap leave any condition to be asked of the rows? */
static bool
path_has_residual(const BitmapHeapScan *heap_scan, const Path *bitmapqual,
				  const RestrictInfo *bound)
{
	ListCell   *lc;

	foreach(lc, heap_scan->scan.plan.qual)
	{
		const Node *clause = lfirst(lc);

		if ((bound == NULL || !equal(clause, bound->clause)) &&
			!path_decides(bitmapqual, clause))
			return true;
	}
	return false;
}

/* The place of the bound among the plan's conditions */
static int
path_bound_place(const List *quals, const RestrictInfo *bound)
{
	for (int i = 0; i < list_length(quals); i++)
	{
		if (list_nth(quals, i) == bound->clause)
			return i;
	}
	elog(ERROR, "could not find the condition on the distance");
}

/*
 * How many of the relation's rows make the query's LIMIT, if the planner is
 * right about the joins above?  0 if it cannot know.
 */
static double
path_likely_rows(const PlannerInfo *root, const RelOptInfo *rel)
{
	ListCell   *lc;

	if (root->limit_tuples <= 0)
		return 0;
	foreach(lc, root->join_rel_list)
	{
		const RelOptInfo *joined = lfirst(lc);

		if (bms_is_subset(root->all_baserels, joined->relids))
			return ceil(root->limit_tuples * rel->rows /
						Max(joined->rows, 1));
	}
	return 0;
}

/* PlanCustomPath */
static Plan *
path_make_plan(PlannerInfo *root, RelOptInfo *rel, CustomPath *path,
			   List *tlist, List *clauses, List *custom_plans)
{
	CustomScan *scan = makeNode(CustomScan);
	PlanSpec	spec;
	const IndexPath *order = list_nth(path->custom_private, PRIVATE_ORDER);
	Expr	   *distance = list_nth(path->custom_private, PRIVATE_DISTANCE);
	const RestrictInfo *bound = list_nth(path->custom_private, PRIVATE_BOUND);

	plan_spec_load(&spec, list_nth(path->custom_private, PRIVATE_SPEC));
	scan->methods = &plan_scan_methods;
	scan->flags = path->flags;
	scan->scan.scanrelid = rel->relid;
	scan->scan.plan.targetlist = tlist;
	scan->scan.plan.qual = extract_actual_clauses(clauses, false);
	spec.likely = path_likely_rows(root, rel);
	spec.nstable = path_stable_quals(scan->scan.plan.qual);
	if (bound)
		spec.bound = path_bound_place(scan->scan.plan.qual, bound);

	if (custom_plans != NIL)
	{
		BitmapHeapScan *heap_scan = path_heap_scan(linitial(custom_plans));
		BitmapHeapPath *bitmap = linitial(path->custom_paths);

		scan->custom_plans = list_make1(outerPlan(heap_scan));
		spec.residual = path_has_residual(heap_scan, bitmap->bitmapqual,
											bound);
	}
	scan->custom_exprs = list_concat_copy(path_order(order)->args,
										  path_limit(root, rel, &spec));
	if (distance)
		scan->custom_scan_tlist = path_scan_tlist(rel, scan->scan.plan.qual,
												  distance);
	scan->custom_private = plan_spec_store(&spec);
	return &scan->scan.plan;
}

static const CustomPathMethods path_methods = {
	.CustomName = "HnswScan",
	.PlanCustomPath = path_make_plan,
};

/* A path that does what the plain scan does, but better */
static CustomPath *
path_create(PlannerInfo *root, RelOptInfo *rel, IndexPath *order,
			BitmapHeapPath *bitmap)
{
	CustomPath *path = makeNode(CustomPath);
	PlanCandidate candidate = {.order = order};
	Expr	   *distance;

	path_fill_spec(root, rel, &candidate);
	distance = plan_unseen_distance(root, rel, path_order(order));
	candidate.spec.supplies = distance != NULL;
	if (candidate.spec.filtered && bitmap)
	{
		Cost		cost;
		Selectivity selectivity;

		cost_bitmap_tree_node(bitmap->bitmapqual, &cost, &selectivity);
		candidate.bitmap = bitmap;
		candidate.spec.bitmap_rows = clamp_row_est(selectivity * rel->tuples);
		candidate.spec.bitmap_ops = plan_cost_bitmap(&candidate.spec,
													 bitmap->bitmapqual);
		path->custom_paths = list_make1(bitmap);
	}
	path->path.pathtype = T_CustomScan;
	path->path.parent = rel;
	path->path.pathtarget = rel->reltarget;
	path->path.parallel_safe = rel->consider_parallel;
	path->path.pathkeys = order->path.pathkeys;
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
	path->methods = &path_methods;
	path->custom_private = list_make4(plan_spec_store(&candidate.spec), order,
									  distance, candidate.bound);
	plan_cost_path(root, path, &candidate);
	return path;
}

/* Plain scans of hnsw indexes in the order of the query */
static List *
path_find_orders(RelOptInfo *rel)
{
	List	   *orders = NIL;
	ListCell   *lc;

	foreach(lc, rel->pathlist)
	{
		IndexPath  *path = lfirst(lc);

		if (IsA(path, IndexPath) && path->path.param_info == NULL &&
			list_length(path->indexorderbys) == 1 &&
			(void *) path->indexinfo->amcostestimate ==
			(void *) hnswcostestimate && IsA(path_order(path), OpExpr))
			orders = lappend(orders, path);
	}
	return orders;
}

/*
 * Put our paths in the place of plain scans.
 *
 * Whatever these can do, ours can; and where rows that match lie far from the
 * query, which the planner cannot know, a plain scan takes a hundred times its
 * estimate, or ends before it has found enough.  Do not let it compete.
 */
void
plan_path_add(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte)
{
	List	   *orders;
	BitmapHeapPath *bitmap;
	ListCell   *lc;

	if (!plan_prefilter || !enable_indexscan ||
		rte->rtekind != RTE_RELATION || rte->inh || rte->tablesample)
		return;
	orders = path_find_orders(rel);
	if (orders == NIL)
		return;
	bitmap = plan_bitmap_find(root, rel);
	foreach(lc, orders)
	{
		IndexPath  *order = lfirst(lc);
		CustomPath *path = path_create(root, rel, order, bitmap);

		rel->pathlist = list_delete_ptr(rel->pathlist, order);
		add_path(rel, &path->path);
	}
}
