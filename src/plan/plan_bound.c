/*-------------------------------------------------------------------------
 *
 * plan_bound.c
 *	  A condition that bounds the distance the query orders by.
 *
 * `WHERE v <-> $1 < 0.3 ORDER BY v <-> $1` wants what lies within a distance,
 * and the search need not go on beyond that.  As a condition among others it
 * would be a bad one to search by: it asks rows what the search knows of
 * their nodes, and where fewer rows pass than the query has room for, all of
 * the table is read for nothing.
 *
 * So it is taken out of those that rows are asked, and ends the search: what
 * comes from the stream comes with a lower bound of its distance, in order.
 * (Of 1 - (v <=> $1) > 0.7 this cannot be said: where the distance is NaN, as
 * to a zero vector, the condition is met.)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "plan/plan_path.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

/* Is it the distance that the index orders by, either way around? */
bool
plan_is_order(const Expr *expr, const OpExpr *order)
{
	const OpExpr *op = (const OpExpr *) expr;

	if (!IsA(expr, OpExpr) || list_length(op->args) != 2)
		return false;
	if (op->opno == order->opno && equal(op->args, order->args))
		return true;
	return op->opno == get_commutator(order->opno) &&
		equal(linitial(op->args), lsecond(order->args)) &&
		equal(lsecond(op->args), linitial(order->args));
}

/* The sub-select that a parameter stands for, or NULL */
static const Query *
bound_subselect(const PlannerInfo *root, const Node *node)
{
	ListCell   *lc;

	if (!IsA(node, Param) || ((const Param *) node)->paramkind != PARAM_EXEC)
		return NULL;
	foreach(lc, root->init_plans)
	{
		const SubPlan *plan = lfirst(lc);

		if (list_member_int(plan->setParam, ((const Param *) node)->paramid))
			return list_nth_node(PlannerInfo, root->glob->subroots,
								 plan->plan_id - 1)->parse;
	}
	return NULL;
}

/*
 * Which argument of the expression is the query, if the expression is the
 * order's but that the query is a sub-select written once more?  -1 if it is
 * not.  The planner takes these for two values; that they are one is for the
 * executor to see.
 */
static int
bound_find_subselect(const PlannerInfo *root, const Expr *expr,
					 const OpExpr *order)
{
	const OpExpr *op = (const OpExpr *) expr;
	const Query *query = bound_subselect(root, lsecond(order->args));

	if (query == NULL || !IsA(expr, OpExpr) || list_length(op->args) != 2)
		return -1;
	for (int i = 0; i < 2; i++)
	{
		Oid			opno = i == 1 ? op->opno : get_commutator(op->opno);

		if (opno == order->opno &&
			equal(list_nth(op->args, 1 - i), linitial(order->args)) &&
			equal(bound_subselect(root, list_nth(op->args, i)), query))
			return i;
	}
	return -1;
}

/*
 * Does a condition bound the distance from above?  Then tell how.
 */
static bool
bound_analyze(const PlannerInfo *root, const Expr *clause,
			  const OpExpr *order, PlanSpec *spec)
{
	const OpExpr *op = (const OpExpr *) clause;
	const Expr *distance;
	Node	   *limit;

	if (!IsA(clause, OpExpr) || list_length(op->args) != 2)
		return false;
	switch (get_opcode(op->opno))
	{
		case F_FLOAT8LT:
		case F_FLOAT8LE:
			spec->bound_arg = 1;
			break;
		case F_FLOAT8GT:
		case F_FLOAT8GE:
			spec->bound_arg = 0;
			break;
		default:
			return false;
	}
	spec->bound_inclusive = get_opcode(op->opno) == F_FLOAT8LE ||
		get_opcode(op->opno) == F_FLOAT8GE;
	limit = list_nth(op->args, spec->bound_arg);
	distance = list_nth(op->args, 1 - spec->bound_arg);
	spec->bound_query = bound_find_subselect(root, distance, order);
	return (spec->bound_query >= 0 || plan_is_order(distance, order)) &&
		!contain_var_clause(limit) && !contain_volatile_functions(limit);
}

/*
 * May other conditions be put to rows that the clause would have refused?
 * Not those that are to see only what a security barrier lets through.
 */
static bool
bound_is_last(const RelOptInfo *rel, const RestrictInfo *clause)
{
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
	{
		RestrictInfo *other = lfirst(lc);

		if (other->security_level > clause->security_level &&
			!other->leakproof)
			return false;
	}
	return true;
}

/*
 * The condition that bounds the distance which the index orders by, or NULL.
 * If there are several one of them will do.  Fills in what the executor has
 * to know of it, but for its place.
 */
RestrictInfo *
plan_bound_find(const PlannerInfo *root, const RelOptInfo *rel,
				const OpExpr *order, PlanSpec *spec)
{
	ListCell   *lc;

	spec->bound = -1;
	foreach(lc, rel->baserestrictinfo)
	{
		RestrictInfo *clause = lfirst(lc);

		if (bound_analyze(root, clause->clause, order, spec) &&
			bound_is_last(rel, clause))
			return clause;
	}
	return NULL;
}
