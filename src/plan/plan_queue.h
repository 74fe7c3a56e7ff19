/*-------------------------------------------------------------------------
 *
 * plan_queue.h
 *	  Rows that wait for their turn.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_QUEUE_H
#define PLAN_QUEUE_H

#include "lib/pairingheap.h"
#include "plan/plan_row.h"

typedef struct PlanQueue
{
	MemoryContext context;
	pairingheap *heap;			/* nearest first */
	int			n;
	int64		room;			/* for copies of rows, in bytes */
} PlanQueue;

extern void plan_queue_init(PlanQueue *queue, MemoryContext context);
extern void plan_queue_push(PlanQueue *queue, PlanRow *row,
							PlanDistance distance, double upper);
extern PlanDistance plan_queue_first(const PlanQueue *queue);
extern PlanDistance plan_queue_pop(PlanQueue *queue, PlanRow *row,
								   double *upper);
extern void plan_queue_clear(PlanQueue *queue);

#endif							/* PLAN_QUEUE_H */
