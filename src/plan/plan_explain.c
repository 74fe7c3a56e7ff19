/*-------------------------------------------------------------------------
 *
 * plan_explain.c
 *	  What EXPLAIN says about a search.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/explain.h"
#include "hnsw_version.h"
#include "nodes/makefuncs.h"
#include "plan/plan_scan.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

static const char *const strategy_names[] = {
	[STRATEGY_NONE] = "none",
	[STRATEGY_GRAPH] = "graph",
	[STRATEGY_EXACT] = "exact",
	[STRATEGY_SWITCHED] = "switched",
	[STRATEGY_MIXED] = "mixed",
};

/* The name of an index, of one that exists only for a planner's tool too */
static const char *
explain_index(Oid index)
{
	const char *name = NULL;

	if (explain_get_index_name_hook)
		name = explain_get_index_name_hook(index);
	if (name == NULL)
		name = get_rel_name(index);
	if (name == NULL)
		elog(ERROR, "cache lookup failed for index %u", index);
	return name;
}

/* One of the plan's expressions */
static void
explain_expression(const char *label, const PlanScan *scan, Expr *expression,
				   List *ancestors, ExplainState *es)
{
	List	   *context;
	bool		prefix = list_length(es->rtable) > 1 || es->verbose;

	context = set_deparse_context_plan(es->deparse_cxt,
									   scan->css.ss.ps.plan, ancestors);
	ExplainPropertyText(label,
						deparse_expression((Node *) expression, context,
										   prefix, false), es);
}

static void
explain_order(const PlanScan *scan, List *ancestors, ExplainState *es)
{
	CustomScan *plan = (CustomScan *) scan->css.ss.ps.plan;
	Expr	   *order;

	order = make_opclause(scan->spec.operator, FLOAT8OID, false,
						  list_nth(plan->custom_exprs, PLAN_EXPR_COLUMN),
						  list_nth(plan->custom_exprs, PLAN_EXPR_QUERY),
						  InvalidOid, scan->spec.collation);
	explain_expression("Order By", scan, order, ancestors, es);
}

/* The condition that ends the search, if there is one */
static void
explain_bound(const PlanScan *scan, List *ancestors, ExplainState *es)
{
	Plan	   *plan = scan->css.ss.ps.plan;

	if (scan->spec.bound >= 0)
		explain_expression("Threshold", scan,
						   list_nth(plan->qual, scan->spec.bound),
						   ancestors, es);
}

/* A count over all searches, as the average of one */
static void
explain_count(const char *label, int64 count, double loops, ExplainState *es)
{
	if (count > 0 || es->format != EXPLAIN_FORMAT_TEXT)
		ExplainPropertyFloat(label, NULL, count / Max(loops, 1), 0, es);
}

/* ExplainCustomScan */
void
plan_explain(CustomScanState *css, List *ancestors, ExplainState *es)
{
	PlanScan   *scan = (PlanScan *) css;
	const PlanStats *stats = &scan->stats;
	double		loops;

	ExplainPropertyText("Index", explain_index(scan->spec.index), es);
	explain_order(scan, ancestors, es);
	explain_bound(scan, ancestors, es);
	if (!es->analyze || scan->index == NULL || css->ss.ps.instrument == NULL)
		return;

	/* if it ran in a parallel worker, that one knows */
	plan_search_reset(scan);
	if (stats->strategy == STRATEGY_NONE)
		return;
	loops = css->ss.ps.instrument->nloops;
	ExplainPropertyText("Strategy", strategy_names[stats->strategy], es);
	if (stats->bitmaps > 0 || es->format != EXPLAIN_FORMAT_TEXT)
	{
		explain_count("Rows Allowed", stats->allowed, stats->bitmaps, es);
		explain_count("Lossy Blocks Allowed", stats->allowed_lossy,
					  stats->bitmaps, es);
	}
	explain_count("Nodes Visited", stats->visited, loops, es);
	explain_count("Rows Asked", stats->asked, loops, es);
	explain_count("Rows Estimated", stats->estimated, loops, es);
	explain_count("Rows Scored", stats->scored, loops, es);
	explain_count("Rows Rechecked", stats->rechecked, loops, es);
}
