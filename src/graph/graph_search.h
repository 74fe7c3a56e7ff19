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

/* What is known of whether a node's row matches the filter */
typedef enum GraphMatch
{
	MATCH_UNKNOWN,				/* not asked yet */
	MATCH_NO,
	MATCH_MAYBE,				/* allowed; to be asked about */
	MATCH_ALMOST,				/* no, but next to it is next to matches */
	MATCH_YES
} GraphMatch;

/* A node some visited node's edge led to */
typedef struct GraphSeen
{
	GraphNode	node;
	uint64		row;			/* hint that came with the edge, or 0 */
	float		estimate;		/* mean of what the edges met so far say */
	uint16		nestimates;		/* how many those are */
	uint8		scored;			/* its distance is known */
	uint8		expanded;		/* its edges have been followed */
	uint8		match;			/* GraphMatch */
	uint8		at_match;		/* an edge of a matching node leads to it */
	uint8		lonely;			/* it matches, and when it was visited no edge
								 * from or to another that does was known */
} GraphSeen;

/* An edge too long to be followed for now */
typedef struct GraphParked
{
	GraphNode	node;
	uint64		row;
	float		estimate;
	uint8		at_match;		/* it is a matching node's */
} GraphParked;

/* A growing array of those */
typedef struct GraphParking
{
	GraphParked *items;
	int			n;
	int			size;
} GraphParking;

/* A growing array of seen nodes */
typedef struct GraphIndexes
{
	uint32	   *items;
	int			n;
	int			size;
} GraphIndexes;

/* Which nodes that do not match may be crossed, to get to others? */
typedef enum GraphCrossing
{
	CROSS_ALL,					/* whatever may lead to a result */
	CROSS_NEARBY,				/* nearer than the results to be sure of */
	CROSS_AT_MATCHES			/* those, and next to a match at that */
} GraphCrossing;

/*
 * A condition the search takes part in.  A node whose row does not match is
 * not left out, it is put back: its estimate counts `penalty` times.
 */
typedef struct GraphFilter
{
	/* Does this row match? */
	GraphMatch	(*matches) (void *arg, uint64 row);
	/* May it match?  Asked at sight, at no cost; or NULL: nobody knows */
	bool		(*allows) (void *arg, uint64 row);
	/* Has the visited node, of which we knew this row, one that matches? */
	bool		(*accepts) (void *arg, uint32 payload, uint64 row);
	void	   *arg;
	bool		asks_at_sight;	/* spares putting nodes back: that is dearer */
	float		doubted;		/* not 0: who is said not to match may do so;
								 * how often its estimate counts then */
	float		penalty;
	float		reach;			/* not 0: matches are of use up to so many
								 * times the distance of those to be sure of */
	int			least;			/* but so many, however far */
	GraphCrossing crossing;
	float		crossing_reach; /* not 0: others are crossed up to so many
								 * times that distance, not just up to it */
	int			max_crossed;	/* crossings in vain that end crossing, or 0 */
	int			sure;			/* results to be sure of, unless CROSS_ALL */
	int			max_dry;		/* expansions in vain that end it, or 0 */
} GraphFilter;

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
	GraphItems	crossings;		/* the same of nodes known not to match */
	GraphParking parked;		/* edges beyond the results when met */
	GraphIndexes aside;			/* seen nodes that are not worth a visit */
	bool		resumable;		/* keep what is parked, aside and spared */
	GraphCandidates results;	/* max-heap: ef nearest visited live nodes */
	GraphCandidates spare;		/* visited live nodes beyond those */
	GraphCandidate dying;		/* nearest visited dying node, if any */
	bool		has_dying;

	const GraphFilter *filter;	/* or NULL */
	GraphCandidates sure;		/* max-heap: its `sure` nearest results */
	GraphCandidates least;		/* the same of its `least` */
	float		nearest;		/* least distance visited: the penalty's zero,
								 * unless distances start at 0 */
	int64		expansions;		/* nodes whose edges were followed */
	int64		last_gain;		/* expansions when the results last improved */
	int64		last_sure;		/* expansions when those to be sure of did */
	int64		crossed;		/* nodes that do not match expanded since one
								 * was found that may be one of those */
	int64		rejected;		/* nodes seen that the filter put back */
	int64		matches;		/* nodes that match, almost at least, whose
								 * edges were followed, */
	int64		match_neighbors;	/* those edges, where not too long, */
	int64		match_edges;	/* and those that lead to such nodes, as far
								 * as is known when they are seen */

	GraphSeen  *seen;
	uint32		nseen;
	uint32		seen_size;
	GraphSeenSlot *slots;
	uint32		slot_mask;
	uint32		generation;

	GraphEdges	edges;			/* of the node being visited */
	uint32	   *mates;			/* those of its mates that were seen */
} GraphSearch;

/* A way that vanishes under our feet is looked for so often */
#define GRAPH_ATTEMPTS	10

/*
 * How many results the layers above the target keep, and the last of them:
 * there a second start, in another place, is worth its two or three visits
 */
#define GRAPH_DESCENT_BEAM	1
#define GRAPH_LAST_BEAM		2

/* Is a search to be resumed with graph_search_widen()? */
typedef enum GraphResume
{
	SEARCH_ONCE,				/* no: forget what is too far */
	SEARCH_RESUMABLE
} GraphResume;

extern void graph_search_create(GraphSearch *search, GraphStore *store,
								GraphResume resume);
extern void graph_search_begin(GraphSearch *search, int layer, int ef);
extern void graph_search_go_down(GraphSearch *search, GraphNode node);
extern void graph_search_seed(GraphSearch *search, GraphNode node);
extern void graph_search_run(GraphSearch *search);
extern void graph_search_widen(GraphSearch *search, int ef);
extern int	graph_search_narrow(GraphSearch *search,
								const GraphFilter *filter, int ef);
extern void graph_search_set_filter(GraphSearch *search,
									const GraphFilter *filter);
extern bool graph_search_is_dry(const GraphSearch *search);
extern bool graph_search_is_tired(const GraphSearch *search);
extern bool graph_search_has_lonely(const GraphSearch *search);
extern bool graph_search_is_connected(const GraphSearch *search);
extern bool graph_search_is_grouped(const GraphSearch *search);
extern int	graph_search_waiting(const GraphSearch *search);
extern bool graph_search_exhausted(const GraphSearch *search);
extern bool graph_search_has_seen(const GraphSearch *search, GraphNode node);

/*
 * Goes on from the layer that a search has come to.  Returns false if the way
 * is lost there, and is called again when there is another.
 */
typedef bool (*GraphArrived) (GraphSearch *search, void *arg);

extern bool graph_search_enter(GraphSearch *search, int target, int ef,
							   GraphArrived arrived, void *arg);
extern bool graph_search_descend(GraphSearch *search, int target, int ef);
extern void graph_search_begin_again(GraphSearch *search, int ef);
extern bool graph_search_find(GraphSearch *search, int ef);
extern bool graph_search_is_lost(const GraphSearch *search);
extern void graph_search_step_down(GraphSearch *search, int ef);

extern void graph_candidates_sort(GraphCandidate *candidates, int n);

#endif							/* GRAPH_SEARCH_H */
