/*-------------------------------------------------------------------------
 *
 * plan_queue.c
 *	  Rows that wait for their turn.
 *
 * The same as the reorder queue of the server's index scans: copies of rows
 * that came before it was certain that nothing nearer comes after them.
 * What these take beyond work_mem is not copied, but fetched again.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "plan/plan_queue.h"
#include "utils/rel.h"

typedef struct QueueRow
{
	pairingheap_node node;
	PlanDistance distance;		/* lower bound, by which they are ordered */
	double		upper;			/* upper bound */
	ItemPointerData tid;		/* of the version that the snapshot sees */
	HeapTuple	tuple;			/* a copy, or NULL */
} QueueRow;

/* A pairing heap has the greatest on top: the nearest has to be it. */
static int
queue_compare(const pairingheap_node *a, const pairingheap_node *b, void *arg)
{
	return plan_distance_compare(((const QueueRow *) b)->distance,
								 ((const QueueRow *) a)->distance);
}

void
plan_queue_init(PlanQueue *queue, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);

	queue->context = context;
	queue->heap = pairingheap_allocate(queue_compare, NULL);
	queue->n = 0;
	queue->room = work_mem * INT64CONST(1024);
	MemoryContextSwitchTo(old);
}

/* Add a row, whose distance lies between these bounds. */
void
plan_queue_push(PlanQueue *queue, PlanRow *row, PlanDistance distance,
				double upper)
{
	MemoryContext old = MemoryContextSwitchTo(queue->context);
	QueueRow   *item = palloc(sizeof(QueueRow));

	item->distance = distance;
	item->upper = upper;
	item->tid = row->stored->tts_tid;
	item->tuple = NULL;
	if (queue->room > 0)
	{
		item->tuple = ExecCopySlotHeapTuple(row->stored);
		queue->room -= item->tuple->t_len;
	}
	pairingheap_add(queue->heap, &item->node);
	queue->n++;
	MemoryContextSwitchTo(old);
}

/* Distance of the nearest; the queue must not be empty. */
PlanDistance
plan_queue_first(const PlanQueue *queue)
{
	return ((QueueRow *) pairingheap_first(queue->heap))->distance;
}

static QueueRow *
queue_remove(PlanQueue *queue)
{
	queue->n--;
	return (QueueRow *) pairingheap_remove_first(queue->heap);
}

/* Take the nearest; the queue must not be empty. */
PlanDistance
plan_queue_pop(PlanQueue *queue, PlanRow *row, double *upper)
{
	QueueRow   *item = queue_remove(queue);
	PlanDistance distance = item->distance;

	*upper = item->upper;
	if (item->tuple)
	{
		queue->room += item->tuple->t_len;
		ExecForceStoreHeapTuple(item->tuple, row->stored, true);

		/* this does not say which row it is, in some versions of the server */
		row->stored->tts_tid = item->tid;
		row->stored->tts_tableOid = RelationGetRelid(row->table);
	}
	else if (!plan_row_fetch_version(row, &item->tid))
		elog(ERROR, "could not fetch a row again");
	plan_row_show(row, distance);
	pfree(item);
	return distance;
}

void
plan_queue_clear(PlanQueue *queue)
{
	while (queue->n > 0)
	{
		QueueRow   *item = queue_remove(queue);

		if (item->tuple)
			heap_freetuple(item->tuple);
		pfree(item);
	}
}
