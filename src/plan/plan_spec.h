/*-------------------------------------------------------------------------
 *
 * plan_spec.h
 *	  What the planner tells the executor about a search.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_SPEC_H
#define PLAN_SPEC_H

#include "nodes/pg_list.h"

typedef struct PlanSpec
{
	Oid			index;
	Oid			operator;		/* the column's distance to the query ... */
	Oid			function;		/* ... and its function */
	Oid			collation;

	int			filtered;		/* are there conditions to search by? */
	int			partial;		/* is the index a partial one? */
	int			supplies;		/* the distance is in custom_scan_tlist */
	int			residual;		/* the bitmap does not cover all conditions */
	int			nstable;		/* leading conditions that are not volatile */
	int			complete;		/* the indexed column is never NULL */
	int			estimates;		/* the index can tell bounds of given rows'
								 * distances */

	int			bound;			/* the condition that bounds the distance from
								 * above, its place in the plan; or -1 */
	int			bound_arg;		/* which of its arguments the bound is */
	int			bound_query;	/* which of the distance's arguments is the
								 * query, if it may be another than the
								 * order's; or -1 */
	int			bound_inclusive;	/* it allows for a distance equal to it */

	double		wanted;			/* rows the query will take; 0: not known */
	double		likely;			/* if so: the planner's guess, or 0 */
	double		table_rows;
	double		index_rows;
	double		rows_per_block;
	double		rows;			/* to meet the conditions that the search is to
								 * know of, hopefully */
	double		bitmap_rows;	/* expected in the bitmap; 0: no bitmap */
	double		bitmap_ops;		/* cost of the bitmap */
	double		qual_ops;		/* cost of the conditions, see plan_cost.h */
	double		distance_ops;	/* cost of a distance */
} PlanSpec;

/* Places in CustomScan.custom_exprs */
#define PLAN_EXPR_COLUMN	0	/* what the index is on */
#define PLAN_EXPR_QUERY		1	/* what the distance is to */
#define PLAN_EXPR_LIMIT		2	/* LIMIT and OFFSET, as int8, where the ... */
#define PLAN_EXPR_OFFSET	3	/* ... planner does not know them; or absent */

/* Rows to wait for before the first is returned, at the most */
#define PLAN_MAX_HOLD		1000

extern List *plan_spec_store(const PlanSpec *spec);
extern void plan_spec_load(PlanSpec *spec, const List *stored);

#endif							/* PLAN_SPEC_H */
