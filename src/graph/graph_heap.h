/*-------------------------------------------------------------------------
 *
 * graph_heap.h
 *	  Binary heaps over arrays of values.
 *
 * The frontier is a min-heap of 8-byte items (key, index into the array of
 * seen nodes); the results are a max-heap of candidates.  Sifting moves a
 * hole instead of swapping.  Room in the array is the caller's business.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRAPH_HEAP_H
#define GRAPH_HEAP_H

#include "graph/graph_store.h"

typedef struct GraphHeapItem
{
	float		key;
	uint32		index;
} GraphHeapItem;

/* Add an item to a min-heap of n items; items[n] must exist. */
static inline void
graph_heap_push(GraphHeapItem *items, int n, GraphHeapItem item)
{
	int			hole = n;

	while (hole > 0)
	{
		int			parent = (hole - 1) / 2;

		if (items[parent].key <= item.key)
			break;
		items[hole] = items[parent];
		hole = parent;
	}
	items[hole] = item;
}

/*
 * Take the least item off a min-heap of n > 0 items, leaving n - 1.  The hole
 * goes down to a leaf, along the lesser children, and the last item up from
 * there: it comes from a leaf and mostly belongs near one, so asking on
 * every level whether it belongs there would be in vain.
 */
static inline GraphHeapItem
graph_heap_pop(GraphHeapItem *items, int n)
{
	GraphHeapItem top = items[0];
	int			hole = 0;
	int			child = 1;

	n--;
	while (child + 1 < n)
	{
		/* no branch: which is the lesser cannot be predicted */
		child += items[child + 1].key < items[child].key;
		items[hole] = items[child];
		hole = child;
		child = 2 * hole + 1;
	}
	if (child < n)
	{
		items[hole] = items[child];
		hole = child;
	}
	graph_heap_push(items, hole, items[n]);
	return top;
}

/* Add a candidate to a max-heap of n candidates; c[n] must exist. */
static inline void
graph_worst_push(GraphCandidate *c, int n, GraphCandidate candidate)
{
	int			hole = n;

	while (hole > 0)
	{
		int			parent = (hole - 1) / 2;

		if (c[parent].distance >= candidate.distance)
			break;
		c[hole] = c[parent];
		hole = parent;
	}
	c[hole] = candidate;
}

/* Put a candidate in the place of the farthest of a max-heap of n > 0. */
static inline void
graph_worst_replace(GraphCandidate *c, int n, GraphCandidate candidate)
{
	int			hole = 0;

	for (;;)
	{
		int			child = 2 * hole + 1;

		if (child >= n)
			break;
		if (child + 1 < n && c[child + 1].distance > c[child].distance)
			child++;
		if (candidate.distance >= c[child].distance)
			break;
		c[hole] = c[child];
		hole = child;
	}
	c[hole] = candidate;
}

#endif							/* GRAPH_HEAP_H */
