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

typedef struct PlanExactRow
{
	PlanDistance distance;
	ItemPointerData tid;		/* of the version that the snapshot sees */
} PlanExactRow;

typedef struct PlanExactSort PlanExactSort;

extern PlanExactSort *plan_exact_sort_begin(int memory);
extern void plan_exact_sort_put(PlanExactSort *sort, const PlanExactRow *row);
extern void plan_exact_sort_perform(PlanExactSort *sort);
extern bool plan_exact_sort_next(PlanExactSort *sort, PlanExactRow *row);
extern void plan_exact_sort_end(PlanExactSort *sort);

#endif							/* PLAN_EXACT_SORT_H */
