/*-------------------------------------------------------------------------
 *
 * plan_exact.h
 *	  The exact way: the distances of all rows that match.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_EXACT_H
#define PLAN_EXACT_H

#include "am/am_scan.h"
#include "plan/plan_allow.h"
#include "plan/plan_exact_sort.h"

typedef struct PlanExact
{
	MemoryContext context;
	PlanRow    *row;			/* where rows are looked at */
	PlanAllow  *allow;			/* rows to look at, or NULL: all */
	AmRows	   *estimates;		/* what the index knows of them, or NULL */
	bool		fetches_first;	/* it is asked of rows that are found to match
								 * only ... */
	double		score_first;	/* ... when so many have been scored */
	bool		order_only;		/* distances will do that are not quite right,
								 * as long as the order is */
	const PlanTidSet *except;	/* but not these, or NULL */
	bool		has_floor;		/* nor those nearer than this */
	PlanDistance floor;
	double		wanted;			/* rows that will be taken; 0: not known */

	PlanExactRow *rows;			/* min-heap; max-heap while overfull */
	int64		nrows;
	int64		size;
	int64		max_rows;		/* that fit in memory */
	int64		max_estimates;	/* likewise */
	bool		overfull;		/* there are more, beyond those kept */
	PlanExactSort *sort;		/* has the rows that do not fit, or NULL */
	bool		again;			/* they are gone through once more */
	PlanExactRow last;			/* the last one taken */

	int64		estimated;		/* rows of which the index told a bound */
	int64		scored;			/* rows whose distance was computed */
	int64		removed;		/* rows that did not match */
} PlanExact;

extern void plan_exact_init(PlanExact *exact, MemoryContext context,
							PlanRow *row);
extern void plan_exact_run(PlanExact *exact);
extern bool plan_exact_next(PlanExact *exact, PlanExactRow *row);
extern void plan_exact_end(PlanExact *exact);

#endif							/* PLAN_EXACT_H */
