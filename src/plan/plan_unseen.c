/*-------------------------------------------------------------------------
 *
 * plan_unseen.c
 *	  Is the distance a value that nobody looks at?
 *
 * In `SELECT id FROM t ORDER BY v <-> $1 LIMIT 10` the distance is a column
 * of the plan's rows only because a sort might need it.  As an index scan
 * computes it, it reads each vector from the TOAST table: more blocks than
 * the search itself.  The search knows the distance to within some 3e-5, and
 * the order exactly, so that this will do where nothing but that order is
 * wanted.
 *
 * We are certain of that only in a query over one table that does nothing
 * with the rows but return them in this order.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/am.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/tlist.h"
#include "plan/plan_path.h"

static bool
unseen_contains(Node *node, void *expr)
{
	if (node == NULL)
		return false;
	if (equal(node, expr))
		return true;
	return expression_tree_walker(node, unseen_contains, expr);
}

/* Does the query do nothing with its rows but return them in order? */
static bool
unseen_is_plain(const Query *parse)
{
	return parse->commandType == CMD_SELECT &&
		!parse->hasAggs && !parse->hasWindowFuncs && !parse->hasTargetSRFs &&
		!parse->hasDistinctOn && parse->distinctClause == NIL &&
		parse->groupClause == NIL && parse->groupingSets == NIL &&
		parse->havingQual == NULL && parse->setOperations == NULL &&
		parse->rowMarks == NIL &&
		parse->limitOption != LIMIT_OPTION_WITH_TIES &&
		list_length(parse->sortClause) == 1;
}

/* Only ordinary columns are needed of the table's rows? */
static bool
unseen_needs_columns_only(const RelOptInfo *rel)
{
	for (int attno = rel->min_attr; attno <= 0; attno++)
	{
		if (!bms_is_empty(rel->attr_needed[attno - rel->min_attr]))
			return false;
	}
	return true;
}

/*
 * The expression of the query's sort column, if it is the distance that the
 * index orders by and nobody looks at it.  Otherwise NULL.
 */
Expr *
plan_unseen_distance(PlannerInfo *root, RelOptInfo *rel, const OpExpr *order)
{
	const Query *parse = root->parse;
	TargetEntry *sort;
	ListCell   *lc;

	if (!am_is_whole_query(root, rel) || !unseen_is_plain(parse) ||
		!unseen_needs_columns_only(rel))
		return NULL;
	sort = get_sortgroupclause_tle(linitial(parse->sortClause),
								   root->processed_tlist);
	if (!sort->resjunk || !plan_is_order(sort->expr, order))
		return NULL;
	foreach(lc, root->processed_tlist)
	{
		TargetEntry *entry = lfirst(lc);

		if (entry != sort && unseen_contains((Node *) entry->expr, sort->expr))
			return NULL;
	}
	foreach(lc, rel->baserestrictinfo)
	{
		RestrictInfo *rinfo = lfirst(lc);
		List	   *vars = pull_var_clause((Node *) rinfo->clause, 0);
		ListCell   *lv;

		if (unseen_contains((Node *) rinfo->clause, sort->expr))
			return NULL;
		foreach(lv, vars)
		{
			if (lfirst_node(Var, lv)->varattno <= 0)
				return NULL;
		}
	}
	return sort->expr;
}
