/*-------------------------------------------------------------------------
 *
 * plan_scan.h
 *	  The executor's node, HnswScan: a search that knows the conditions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_SCAN_H
#define PLAN_SCAN_H

#include "am/am_scan.h"
#include "nodes/extensible.h"
#include "plan/plan_allow.h"
#include "plan/plan_exact.h"
#include "plan/plan_queue.h"
#include "plan/plan_row.h"
#include "plan/plan_spec.h"

typedef enum PlanPhase
{
	PLAN_START,
	PLAN_GRAPH,					/* rows come from the stream */
	PLAN_EXACT,					/* rows come from the exact way */
	PLAN_END
} PlanPhase;

/* How the rows of a search were found */
typedef enum PlanStrategy
{
	STRATEGY_NONE,				/* it has not begun */
	STRATEGY_GRAPH,
	STRATEGY_EXACT,
	STRATEGY_SWITCHED,			/* graph, then exact */
	STRATEGY_MIXED				/* several searches that differ */
} PlanStrategy;

/* What EXPLAIN ANALYZE shows, over all searches of the node */
typedef struct PlanStats
{
	PlanStrategy strategy;
	int64		bitmaps;		/* built */
	int64		allowed;		/* rows in bitmaps */
	int64		allowed_lossy;	/* blocks in bitmaps without their rows */
	int64		visited;		/* nodes */
	int64		asked;			/* rows asked whether they match */
	int64		estimated;		/* rows of the exact way, by their nodes ... */
	int64		scored;			/* ... and by their vectors */
	int64		rechecked;		/* rows whose order was not certain */
} PlanStats;

typedef struct PlanScan
{
	CustomScanState css;		/* must be first */
	PlanSpec	spec;
	Relation	index;
	AmStream   *stream;
	ExprState  *query;
	List	   *limit;			/* of ExprState: LIMIT and OFFSET, or NIL */
	ExprState  *bound;			/* on the distance, or NULL */
	ExprState  *bound_query;	/* its query, if it may be another, or NULL */
	PlanQuestions questions;
	PlanRow		out;			/* the row that is returned */
	PlanRow		look;			/* rows that are only looked at */

	PlanPhase	phase;
	PlanDistance farthest;		/* of what the stream has come to */
	ItemPointerData last;		/* what was returned last */
	double		reached;		/* what was returned is at most this far */
	bool		returned_any;	/* of this search */
	AmIterativeScan iterative;	/* setting when the search began */
	double		wanted;			/* rows the query will take; 0: not known */
	double		rows;			/* guessed to match: the planner's guess,
								 * until a sample tells better */
	bool		sampled;		/* it has */
	int			hold;			/* rows to find before any is returned */
	bool		holding;		/* they have not been found yet */
	bool		drained;		/* the stream is done with */
	bool		changes;		/* and the exact way comes after it */
	PlanStrategy strategy;		/* of this search */
	int64		asked;			/* of this search */
	PlanStats	stats;

	MemoryContext search_context;	/* of this search: all below */
	Datum		query_copy;
	PlanQueue	queue;
	PlanTidSet	known;			/* rows asked, and those that match */
	PlanTidSet	matching;
	PlanTidSet	returned;		/* versions returned */
	PlanExact	exact;
	int64		doubts;			/* rows a bitmap was not certain of */
	int64		doubts_refuted;
	AmFilter	filter;
	BlockNumber table_blocks;	/* when this search began */

	MemoryContext allow_context;	/* kept until the bitmap changes */
	PlanAllow  *allow;			/* or NULL */
} PlanScan;

/* Debugging: ways that hnsw.debug_prefilter can force */
typedef enum PlanForce
{
	FORCE_NOTHING,
	FORCE_EXACT,
	FORCE_LOOK,					/* the graph, without regard to conditions */
	FORCE_BITMAP,				/* the graph, asking a bitmap */
	FORCE_ROWS,					/* the graph, asking rows */
	FORCE_SWITCH				/* the graph at first, then the exact way */
} PlanForce;

extern PGDLLIMPORT bool plan_prefilter;
extern PGDLLIMPORT int plan_force;

/* plan_node.c */
extern const CustomScanMethods plan_scan_methods;

/* plan_search.c */
extern void plan_search_reset(PlanScan *scan);
extern TupleTableSlot *plan_search_next(ScanState *ss);

/* plan_choose.c */
extern bool plan_choose_bitmap(const PlanScan *scan);
extern bool plan_choose_exact(const PlanScan *scan);
extern bool plan_choose_allowed(PlanScan *scan);
extern bool plan_choose_estimates(const PlanScan *scan);
extern bool plan_choose_look(const PlanScan *scan);
extern bool plan_choose_look_on(void *arg, int held, int asked, int found);
extern void plan_choose_walk(void *arg);
extern void plan_choose_sampled(void *arg, int asked, int found);
extern void plan_choose_budget(PlanScan *scan);

/* plan_filter.c */
extern bool plan_filter_list_decides(const PlanScan *scan);
extern void plan_filter_has_list(PlanScan *scan);
extern void plan_filter_go_astray(PlanScan *scan);
extern bool plan_filter_is_refused(const PlanScan *scan,
								   const ItemPointerData *tid);
extern AmAnswer plan_filter_matches(void *arg, const ItemPointerData *row);
extern bool plan_filter_allows(void *arg, const ItemPointerData *row);
extern AmAnswer plan_filter_sees(void *arg, const ItemPointerData *row);
extern void plan_filter_build(PlanScan *scan);
extern double plan_filter_rows(const PlanScan *scan);

/* plan_explain.c */
extern void plan_explain(CustomScanState *css, List *ancestors,
						 struct ExplainState *es);

#endif							/* PLAN_SCAN_H */
