/*-------------------------------------------------------------------------
 *
 * graph_memory.h
 *	  A GraphStore in memory, that watches over its user.
 *
 * Vectors have integer coordinates, so that distances are exact in float and
 * the same with every compiler.  The rule for link() is that of page_link.c,
 * with exact distances in the place of estimates.  Whatever graph_insert.h
 * and graph_store.h promise about the order of calls and their arguments is
 * checked at each call; what is broken is printed and counted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRAPH_MEMORY_H
#define GRAPH_MEMORY_H

#include "unit.h"

#include "graph/graph_insert.h"

#define MEMORY_DIMENSIONS	8
/* Coordinates lie within +-500: sums of squares are exact in float */
#define MEMORY_COORDINATE	500
/* Most edges a node may have here */
#define MEMORY_EDGES		64

typedef enum MemoryState
{
	MEMORY_LIVE,
	MEMORY_DYING,
	MEMORY_FREE
} MemoryState;

typedef struct MemoryNode
{
	MemoryState state;
	int			layer;
	int			vector;
	int			version;		/* raised when the slot is used again */
	int			nrows;
	GraphNode	down;
	int			nedges;
	GraphNode	edges[MEMORY_EDGES];
	bool		diverse[MEMORY_EDGES];

	/* visits by the query so numbered, for the distance and with edges */
	uint32		query;
	int			scored;
	int			expanded;
} MemoryNode;

/* What payloads name: a copy of what was visited */
typedef struct MemoryPayload
{
	GraphNode	node;
	int			version;
	int			vector;
	int			layer;
	GraphNode	down;
} MemoryPayload;

typedef enum MemoryKeys
{
	KEYS_SQUARED,				/* squared distance */
	KEYS_PRODUCT				/* the negative inner product */
} MemoryKeys;

typedef struct MemoryFlavor
{
	const char *name;
	bool		has_estimates;
	MemoryKeys	keys;			/* of searches; links are always squared */
	float		noise;			/* of estimates: relative to two distances */
	bool		has_places;		/* nodes near each other are in one place */
} MemoryFlavor;

/* Places: so many parts of each of the first so many dimensions */
#define PLACE_PARTS			8
#define PLACE_DIMENSIONS	2
#define PLACE_NONE			(-1)

typedef enum MemoryWriteKind
{
	WRITE_ADD,
	WRITE_LINK,
	WRITE_ADOPT,
	WRITE_PROMOTE,
	WRITE_ATTACH
} MemoryWriteKind;

typedef struct MemoryWrite
{
	MemoryWriteKind kind;
	GraphNode	node;			/* added, linked from, adopted, promoted */
	int			layer;
} MemoryWrite;

typedef struct MemoryGraph
{
	GraphStore	store;			/* first: the methods cast */
	const MemoryFlavor *flavor;

	MemoryNode *nodes;
	int			nnodes;
	int			nodes_size;
	float	  (*vectors)[MEMORY_DIMENSIONS];
	int			nvectors;
	int			vectors_size;
	int			nfree;			/* slots to be used again */
	GraphNode	entry;
	int			entry_layer;

	/* The query: to search, or, if vector >= 0, the vector to link */
	float		query[MEMORY_DIMENSIONS];
	int			vector;
	uint32		nqueries;
	MemoryPayload *payloads;
	int			npayloads;
	int			payloads_size;
	uint32		first_payload;	/* never the same number in two queries */
	int64		visits;
	int			place;			/* at hand since a visit named mates */
	int64		mates;			/* visits of what was at hand */
	int			entries;		/* calls of entry() */

	/* What was written for it */
	MemoryWrite *writes;
	int			nwrites;
	int			writes_size;
	GraphNode	last;			/* node added last, and its layer */
	int			layer;
	int			nchosen;
	GraphChoice chosen[MEMORY_EDGES];
	bool		linked[MEMORY_EDGES];
	GraphNode	orphan;			/* is to be adopted next */
	bool		promoted;

	/* For tests */
	bool		forgetful;		/* a third of the edges has no row */
	int			lost_entries;	/* entry() is to name a ruin so often */
	void		(*on_visit) (struct MemoryGraph *g, GraphNode node);
	float		(*on_estimate) (int from, int to);	/* by their indexes */

	int64		violations;
	int64		blocks;			/* of memory that grow() has given out */
} MemoryGraph;

/* The verdict of a brute force search: live nodes of a layer, nearest first */
typedef struct MemoryTruth
{
	GraphCandidate *items;		/* no payloads */
	int			n;
} MemoryTruth;

/* Names of nodes are not dense, as TIDs are not: three to a block */
static inline GraphNode
memory_name(int index)
{
	return ((GraphNode) (index / 3 + 1) << 16) | (index % 3 + 1);
}

static inline int
memory_index(GraphNode node)
{
	return (int) ((node >> 16) - 1) * 3 + (int) (node & 0xFFFF) - 1;
}

static inline MemoryNode *
memory_node(const MemoryGraph *g, GraphNode node)
{
	return &g->nodes[memory_index(node)];
}

/* Did the query of now visit this node? */
static inline bool
memory_visited(const MemoryGraph *g, const MemoryNode *node)
{
	return node->query == g->nqueries;
}

extern void memory_graph_init(MemoryGraph *g, const MemoryFlavor *flavor,
							  int max_edges);
extern void memory_graph_free(MemoryGraph *g);
extern void memory_search_free(GraphSearch *search);

extern int	memory_vector(MemoryGraph *g, const float *x);
extern void memory_random(float *x);
extern GraphNode memory_node_new(MemoryGraph *g, int layer, int vector);
extern void memory_node_free(MemoryGraph *g, GraphNode node);
extern void memory_edge_new(MemoryGraph *g, GraphNode from, GraphNode to);
extern bool memory_link(MemoryGraph *g, GraphNode from, GraphNode to);
extern float memory_link_distance(const MemoryGraph *g, int a, int b);

extern void memory_query(MemoryGraph *g, const float *query);
extern void memory_query_again(MemoryGraph *g);
extern void memory_link_query(MemoryGraph *g, int vector);
extern float memory_key(const MemoryGraph *g, GraphNode node);
extern int	memory_payload_vector(MemoryGraph *g, uint32 payload);

extern GraphInsertResult memory_insert(MemoryGraph *g, GraphSearch *search,
									   int vector, const GraphInsert *insert);
extern void memory_build(MemoryGraph *g, GraphSearch *search, int n);

extern MemoryTruth memory_truth(const MemoryGraph *g, int layer,
								bool (*accepts) (const MemoryNode *node));
extern int	memory_reach(const MemoryGraph *g, GraphNode from,
						 bool *reached);
extern bool memory_sound(const MemoryGraph *g);

#endif							/* GRAPH_MEMORY_H */
