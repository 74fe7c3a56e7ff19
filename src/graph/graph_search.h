/*-------------------------------------------------------------------------
 *
 * graph_search.h
 *	  Best-first search over one layer, resumable.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRAPH_SEARCH_H
#define GRAPH_SEARCH_H

#include "graph/graph_heap.h"
#include "graph/graph_store.h"

/* A node some visited node's edge led to */
typedef struct GraphSeen
{
	GraphNode	node;
	uint64		row;			/* hint that came with the edge */
	float		estimate;		/* best so far */
	uint8		scored;			/* its distance is known */
	uint8		expanded;		/* its edges have been followed */
} GraphSeen;

/* One slot of the table node -> index of GraphSeen */
typedef struct GraphSeenSlot
{
	GraphNode	node;
	uint32		index;
	uint32		generation;		/* slot is in use if equal to the search's */
} GraphSeenSlot;

/* A growing array of candidates */
typedef struct GraphCandidates
{
	GraphCandidate *items;
	int			n;
	int			size;
} GraphCandidates;

/* A growing array of heap items */
typedef struct GraphItems
{
	GraphHeapItem *items;
	int			n;
	int			size;
} GraphItems;

typedef struct GraphSearch
{
	GraphStore *store;
	int			layer;
	int			ef;				/* results to hold */
	int64		visits;			/* nodes visited since graph_search_create */
	int64		max_visits;		/* stop there; the caller may raise it */

	GraphItems	frontier;		/* min-heap by estimate */
	GraphItems	parked;			/* beyond the results when they were seen */
	GraphCandidates results;	/* max-heap: the ef nearest visited live nodes */
	GraphCandidates spare;		/* visited live nodes beyond those */
	GraphCandidate dying;		/* nearest visited dying node, if any */
	bool		has_dying;

	GraphSeen  *seen;
	uint32		nseen;
	uint32		seen_size;
	GraphSeenSlot *slots;
	uint32		slot_mask;
	uint32		generation;

	GraphEdges	edges;			/* of the node being visited */
} GraphSearch;

/* How many results a layer above the target keeps */
#define GRAPH_DESCENT_BEAM	1

extern void graph_search_create(GraphSearch *search, GraphStore *store);
extern void graph_search_begin(GraphSearch *search, int layer, int ef);
extern void graph_search_seed(GraphSearch *search, GraphNode node);
extern void graph_search_run(GraphSearch *search);
extern void graph_search_widen(GraphSearch *search, int ef);
extern bool graph_search_exhausted(const GraphSearch *search);
extern bool graph_search_has_seen(const GraphSearch *search, GraphNode node);

extern bool graph_search_descend(GraphSearch *search, int target, int ef);
extern void graph_search_step_down(GraphSearch *search, int ef);

extern void graph_candidates_sort(GraphCandidate *candidates, int n);

#endif							/* GRAPH_SEARCH_H */
