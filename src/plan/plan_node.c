/*-------------------------------------------------------------------------
 *
 * plan_node.c
 *	  The executor's node HnswScan: its life.
 *
 * The server's ExecScan() runs it: it checks the conditions of each row that
 * the search returns, projects, and knows EvalPlanQual.  So whatever the
 * search believes about a row, no row is returned that does not match.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "plan/plan_scan.h"
#include "utils/memutils.h"
#include "utils/rel.h"

static CustomExecMethods node_methods;

/* CreateCustomScanState */
static Node *
node_create(CustomScan *plan)
{
	PlanScan   *scan = (PlanScan *) newNode(sizeof(PlanScan),
											T_CustomScanState);

	scan->css.methods = &node_methods;
	plan_spec_load(&scan->spec, plan->custom_private);
	return (Node *) scan;
}

/*
 * The server takes the scan tuple of a custom scan for a virtual one.  Ours is
 * the table's row; whatever was compiled before must be so again.
 */
static void
node_use_table_rows(PlanScan *scan)
{
	ScanState  *ss = &scan->css.ss;
	CustomScan *plan = (CustomScan *) ss->ps.plan;
	Relation	table = ss->ss_currentRelation;

	ss->ps.subPlan = NIL;
	ExecInitScanTupleSlot(ss->ps.state, ss, RelationGetDescr(table),
						  table_slot_callbacks(table));
	ExecAssignScanProjectionInfoWithVarno(ss, plan->scan.scanrelid);
	ss->ps.qual = ExecInitQual(plan->scan.plan.qual, &ss->ps);
	scan->out.stored = ss->ss_ScanTupleSlot;
	scan->out.shown = ss->ss_ScanTupleSlot;
	scan->look.stored = table_slot_create(table,
										  &ss->ps.state->es_tupleTable);
	scan->look.shown = scan->look.stored;
}

/* The scan tuple is what custom_scan_tlist says, with the distance. */
static void
node_use_scan_columns(PlanScan *scan)
{
	ScanState  *ss = &scan->css.ss;
	CustomScan *plan = (CustomScan *) ss->ps.plan;
	Relation	table = ss->ss_currentRelation;
	List	  **slots = &ss->ps.state->es_tupleTable;
	TupleDesc	desc = ss->ss_ScanTupleSlot->tts_tupleDescriptor;
	int			n = list_length(plan->custom_scan_tlist) - 1;
	AttrNumber *columns = palloc(sizeof(AttrNumber) * (n + 1));

	scan->questions.nscan_columns = n;
	scan->questions.scan_columns = columns;
	for (int i = 0; i < n; i++)
	{
		TargetEntry *entry = list_nth(plan->custom_scan_tlist, i);

		columns[i] = castNode(Var, entry->expr)->varattno;
		scan->questions.last_column = Max(scan->questions.last_column,
										  columns[i]);
	}
	scan->out.stored = table_slot_create(table, slots);
	scan->out.shown = ss->ss_ScanTupleSlot;
	scan->look.stored = table_slot_create(table, slots);
	scan->look.shown = ExecAllocTableSlot(slots, desc, &TTSOpsVirtual);
}

/*
 * The conditions that rows are asked: not from the first volatile one on, and
 * not the one that ends the search.
 */
static ExprState *
node_init_quals(const PlanSpec *spec, List *quals, PlanState *parent)
{
	List	   *asked = NIL;

	if (spec->nstable == list_length(quals) && spec->bound < 0)
		return parent->qual;
	for (int i = 0; i < spec->nstable; i++)
	{
		if (i != spec->bound)
			asked = lappend(asked, list_nth(quals, i));
	}
	return ExecInitQual(asked, parent);
}

/* What the search needs of the condition that ends it */
static void
node_init_bound(PlanScan *scan, const List *quals, PlanState *parent)
{
	const PlanSpec *spec = &scan->spec;
	OpExpr	   *bound;
	OpExpr	   *distance;

	if (spec->bound < 0)
		return;
	bound = list_nth_node(OpExpr, quals, spec->bound);
	scan->bound = ExecInitExpr(list_nth(bound->args, spec->bound_arg), parent);
	distance = list_nth_node(OpExpr, bound->args, 1 - spec->bound_arg);
	if (spec->bound_query >= 0)
		scan->bound_query = ExecInitExpr(list_nth(distance->args,
												  spec->bound_query), parent);
}

static void
node_init_questions(PlanScan *scan)
{
	CustomScan *plan = (CustomScan *) scan->css.ss.ps.plan;
	PlanQuestions *questions = &scan->questions;
	PlanState  *parent = &scan->css.ss.ps;
	List	   *quals = plan->scan.plan.qual;

	questions->quals = node_init_quals(&scan->spec, quals, parent);
	node_init_bound(scan, quals, parent);
	questions->column = ExecInitExpr(list_nth(plan->custom_exprs,
											  PLAN_EXPR_COLUMN), parent);
	scan->query = ExecInitExpr(list_nth(plan->custom_exprs,
										PLAN_EXPR_QUERY), parent);
	scan->limit = ExecInitExprList(list_copy_tail(plan->custom_exprs,
												  PLAN_EXPR_LIMIT), parent);
	fmgr_info(scan->spec.function, &questions->function);
	questions->collation = scan->spec.collation;
}

static void
node_init_row(PlanScan *scan, PlanRow *row)
{
	EState	   *estate = scan->css.ss.ps.state;

	row->questions = &scan->questions;
	row->table = scan->css.ss.ss_currentRelation;
	row->snapshot = estate->es_snapshot;
	row->fetch = table_index_fetch_begin(row->table);
	row->context = CreateExprContext(estate);
	row->asked_for = InvalidBlockNumber;
}

/* BeginCustomScan */
static void
node_begin(CustomScanState *css, EState *estate, int eflags)
{
	PlanScan   *scan = (PlanScan *) css;
	CustomScan *plan = (CustomScan *) css->ss.ps.plan;
	LOCKMODE	lock;

	if (plan->custom_plans != NIL)
		css->custom_ps = list_make1(ExecInitNode(linitial(plan->custom_plans),
												 estate, eflags));
	if (scan->spec.supplies)
		node_use_scan_columns(scan);
	else
		node_use_table_rows(scan);
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;

	lock = exec_rt_fetch(plan->scan.scanrelid, estate)->rellockmode;
	scan->index = index_open(scan->spec.index, lock);
	scan->stream = am_stream_create(scan->index);
	scan->stream->table = css->ss.ss_currentRelation;
	scan->spec.estimates = am_has_rows(scan->stream);
	node_init_questions(scan);
	node_init_row(scan, &scan->out);
	node_init_row(scan, &scan->look);
	scan->search_context = AllocSetContextCreate(estate->es_query_cxt,
												 "hnsw search",
												 ALLOCSET_DEFAULT_SIZES);
	scan->allow_context = AllocSetContextCreate(estate->es_query_cxt,
												"hnsw allowed rows",
												ALLOCSET_DEFAULT_SIZES);
	plan_search_reset(scan);
}

/* ExecScan's recheck: all conditions are among those it checks itself. */
static bool
node_recheck(ScanState *ss, TupleTableSlot *slot)
{
	return true;
}

/* ExecCustomScan */
static TupleTableSlot *
node_next(CustomScanState *css)
{
	return ExecScan(&css->ss, plan_search_next, node_recheck);
}

/* ReScanCustomScan */
static void
node_rescan(CustomScanState *css)
{
	PlanScan   *scan = (PlanScan *) css;

	if (css->custom_ps != NIL)
	{
		PlanState  *child = linitial(css->custom_ps);

		if (css->ss.ps.chgParam != NULL)
			UpdateChangedParamSet(child, css->ss.ps.chgParam);

		/* the list of allowed rows is as good as it was, if nothing changed */
		if (child->chgParam != NULL)
		{
			MemoryContextReset(scan->allow_context);
			scan->allow = NULL;
		}
	}
	ExecScanReScan(&css->ss);
	plan_search_reset(scan);
}

/* EndCustomScan */
static void
node_end(CustomScanState *css)
{
	PlanScan   *scan = (PlanScan *) css;

	if (css->custom_ps != NIL)
		ExecEndNode(linitial(css->custom_ps));
	if (scan->index == NULL)
		return;
	plan_exact_end(&scan->exact);
	plan_row_end(&scan->out);
	plan_row_end(&scan->look);
	am_stream_free(scan->stream);
	index_close(scan->index, NoLock);
}

static CustomExecMethods node_methods = {
	.CustomName = "HnswScan",
	.BeginCustomScan = node_begin,
	.ExecCustomScan = node_next,
	.EndCustomScan = node_end,
	.ReScanCustomScan = node_rescan,
	.ExplainCustomScan = plan_explain,
};

const CustomScanMethods plan_scan_methods = {
	.CustomName = "HnswScan",
	.CreateCustomScanState = node_create,
};
