/*-------------------------------------------------------------------------
 *
 * graph_store.h
 *	  What the HNSW algorithms need from whoever keeps the graph.
 *
 * The algorithms of this room work on node identifiers, distances and small
 * arrays; they know no page, lock or vector.  A store knows the query (or
 * the vector being inserted), answers what a node's distance is and where
 * its edges lead, and writes nodes and edges.
 *
 * Distances are "keys": floats that order as the metric orders.  A store
 * with estimates gives an estimated key for every neighbor without visiting
 * it; one without makes the search visit each neighbor to learn its key.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRAPH_STORE_H
#define GRAPH_STORE_H

#include "c.h"

/* A vertex at one layer, as the store names it */
typedef uint64 GraphNode;

#define GRAPH_NO_NODE	((GraphNode) 0)

static inline uint32
graph_node_hash(GraphNode node)
{
	return (uint32) ((node * UINT64CONST(0x9E3779B97F4A7C15)) >> 32);
}

/* Levels are drawn from an exponential distribution and cut off here */
#define GRAPH_MAX_LAYER	30

/* A node with its distance; payload is the store's name for its copy of it */
typedef struct GraphCandidate
{
	float		distance;
	uint32		payload;
	GraphNode	node;
} GraphCandidate;

/* Where a node's edges lead; the arrays hold the store's max_edges */
typedef struct GraphEdges
{
	int			n;
	GraphNode  *nodes;
	uint64	   *rows;			/* a row of each neighbor; may be stale */
	float	   *estimates;		/* only from a store with estimates */
	int			nmates;			/* neighbors that are in one place with the
								 * node: to visit these next is cheap */
	int		   *mates;			/* which edges lead there */
} GraphEdges;

typedef enum GraphVisit
{
	VISIT_LIVE,					/* may be returned and linked to */
	VISIT_DYING,				/* being vacuumed away: a way, not a result */
	VISIT_GONE					/* no such node (any more): not even a way */
} GraphVisit;

/* An edge chosen for a new node */
typedef struct GraphChoice
{
	GraphCandidate neighbor;
	bool		diverse;		/* nearer to the new node than to others */
} GraphChoice;

/* What link() is asked to do: add the edge from -> to */
typedef struct GraphLink
{
	GraphCandidate from;		/* distance: between from and to */
	GraphNode	to;
	int			layer;
	bool		must;			/* not to be refused: `from` is the nearest */

	/*
	 * Nodes whose distance to `to` is known, for stores without estimates.
	 */
	int			nknown;
	const GraphCandidate *known;
} GraphLink;

typedef struct GraphStore GraphStore;

typedef struct GraphStoreMethods
{
	/* The entry point; false if the graph is empty */
	bool		(*entry) (GraphStore *store, GraphNode *node, int *layer);

	/*
	 * Visit a node at a layer.  Unless VISIT_GONE, sets the candidate's
	 * distance and payload; payloads stay valid until the store is given
	 * another query.  Where edges is not NULL, copies them out, with estimates
	 * if the store has them; nmates is 0 before.
	 */
	GraphVisit	(*visit) (GraphStore *store, int layer,
						  GraphCandidate *candidate, GraphEdges *edges);

	/* No more mates of the node visited last will be visited now. */
	void		(*leave) (GraphStore *store);

	/* The node will most likely be visited soon: have it at hand */
	void		(*prefetch) (GraphStore *store, GraphNode node);

	/* The same vertex one layer below */
	GraphNode	(*down) (GraphStore *store, uint32 payload);

	/* Is the node nearer than limit to one of the n chosen? (link distance) */
	bool		(*crowded) (GraphStore *store, uint32 payload, float limit,
							const GraphChoice *chosen, int n);

	/*
	 * Write the new vector's node at a layer with its edges.  It is not
	 * reachable yet.
	 */
	GraphNode	(*add) (GraphStore *store, int layer, GraphNode down,
						const GraphChoice *chosen, int n);

	/*
	 * Add an edge to the new node, if the rule of the store lets it in.
	 * Returns the node whose edge gave way for it, if one did.
	 */
	GraphNode	(*link) (GraphStore *store, const GraphLink *link);

	/* Let the new node have an edge to one that lost its own to it */
	void		(*adopt) (GraphStore *store, GraphNode self, int layer,
						  GraphNode orphan);

	/* Make the node the entry point */
	void		(*promote) (GraphStore *store, GraphNode node, int layer);

	/* If the node holds exactly the new vector, let it hold the new row too */
	bool		(*attach) (GraphStore *store, uint32 payload);

	/* realloc(): old may be NULL; size 0 frees.  Fails by not returning. */
	void	   *(*grow) (GraphStore *store, void *old, Size size);
} GraphStoreMethods;

struct GraphStore
{
	const GraphStoreMethods *methods;
	int			max_edges;		/* of a node */
	bool		has_estimates;
	bool		is_distance;	/* keys are never negative; 0 is nearest */
	int			ahead;			/* nodes that it likes to know of before their
								 * visit; each visit may change it */
};

#endif							/* GRAPH_STORE_H */
