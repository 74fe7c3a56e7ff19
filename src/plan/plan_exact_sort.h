/*-------------------------------------------------------------------------
 *
 * plan_exact_sort.h
 *	  Rows in the order of their distances, beyond memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_EXACT_SORT_H
#define PLAN_EXACT_SORT_H

#include "plan/plan_row.h"

/* What is known of a row's distance */
typedef enum PlanExactState
{
	EXACT_SCORED,				/* it was computed, or its place is certain */
	EXACT_ESTIMATED,			/* a lower bound: the row was not looked at */
	EXACT_REFINED				/* a better one */
} PlanExactState;

/* Packed: there may be many */
typedef struct PlanExactRow
{
	double		value;			/* the distance, or a lower bound of it ... */
	uint32		visit;			/* ... and who told, see am_rows.c */
	ItemPointerData tid;		/* of the version that the snapshot sees; of
								 * a row not looked at, as indexes have it */
	bool		isnull;			/* the distance is NULL */
	uint8		state;			/* PlanExactState */
	float		width;			/* EXACT_REFINED: the distance is at most so
								 * much more than the bound */
} PlanExactRow;

typedef struct PlanExactSort PlanExactSort;

extern PlanExactSort *plan_exact_sort_begin(int memory);
extern void plan_exact_sort_put(PlanExactSort *sort, const PlanExactRow *row);
extern void plan_exact_sort_perform(PlanExactSort *sort);
extern bool plan_exact_sort_next(PlanExactSort *sort, PlanExactRow *row);
extern void plan_exact_sort_end(PlanExactSort *sort);

#endif							/* PLAN_EXACT_SORT_H */
