/*-------------------------------------------------------------------------
 *
 * graph_memory.c
 *	  A GraphStore in memory: nodes, queries, and the methods for reading.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_memory.h"
#include "graph_memory_private.h"

/* In front of each block of memory, to know what realloc() would */
typedef union MemoryBlock
{
	Size		size;
	max_align_t align;
} MemoryBlock;

/* A rule of the interface: is it kept? */
bool
memory_rule(MemoryGraph *g, bool kept, const char *what)
{
	if (!check(kept, "%s: %s", g->flavor->name, what))
		g->violations++;
	return kept;
}

/* Memory for one more than n items; dies if there is none. */
static void *
room_for(void *items, int n, int *size, Size item)
{
	if (n < *size)
		return items;
	*size = Max(*size * 2, 64);
	items = realloc(items, *size * item);
	if (items == NULL)
		abort();
	return items;
}

float
memory_link_distance(const MemoryGraph *g, int a, int b)
{
	const float *x = g->vectors[a];
	const float *y = g->vectors[b];
	float		sum = 0;

	for (int i = 0; i < MEMORY_DIMENSIONS; i++)
		sum += (x[i] - y[i]) * (x[i] - y[i]);
	return sum;
}

/* Squared distance between a vector and the query */
static float
query_distance(const MemoryGraph *g, int vector)
{
	const float *x = g->vectors[vector];
	float		sum = 0;

	for (int i = 0; i < MEMORY_DIMENSIONS; i++)
		sum += (x[i] - g->query[i]) * (x[i] - g->query[i]);
	return sum;
}

static float
vector_key(const MemoryGraph *g, int vector)
{
	const float *x = g->vectors[vector];
	float		sum = 0;

	if (g->vector >= 0 || g->flavor->keys == KEYS_SQUARED)
		return query_distance(g, vector);
	for (int i = 0; i < MEMORY_DIMENSIONS; i++)
		sum -= x[i] * g->query[i];
	return sum;
}

float
memory_key(const MemoryGraph *g, GraphNode node)
{
	return vector_key(g, memory_node(g, node)->vector);
}

/* A number in [-1, 1) that depends on two nodes and the query alone */
static float
edge_noise(const MemoryGraph *g, const MemoryNode *from, const MemoryNode *to)
{
	uint64		z = (uint64) from->vector << 32 ^ to->vector ^
		((uint64) (g->query[0] * 1000 + g->query[1] + 1000000) << 20);

	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return (float) ((int) ((z ^ (z >> 31)) % 2000) - 1000) / 1000;
}

/* What an edge says of its neighbor's key: sketches err just so */
static float
edge_estimate(const MemoryGraph *g, const MemoryNode *from,
			  const MemoryNode *to)
{
	float		key = vector_key(g, to->vector);

	if (g->on_estimate)
		return g->on_estimate(from - g->nodes, to - g->nodes);
	if (g->flavor->noise == 0)
		return key;
	return key + g->flavor->noise * edge_noise(g, from, to) *
		sqrtf(query_distance(g, from->vector) *
			  memory_link_distance(g, from->vector, to->vector));
}

static MemoryPayload *
payload_of(MemoryGraph *g, uint32 payload)
{
	if (!memory_rule(g, payload - g->first_payload < (uint32) g->npayloads,
					 "a payload of this query"))
		abort();
	return &g->payloads[payload - g->first_payload];
}

const MemoryPayload *
memory_payload(GraphStore *store, uint32 payload)
{
	return payload_of((MemoryGraph *) store, payload);
}

int
memory_payload_vector(MemoryGraph *g, uint32 payload)
{
	return payload_of(g, payload)->vector;
}

/*
 * Methods for reading
 */

static bool
memory_entry(GraphStore *store, GraphNode *node, int *layer)
{
	MemoryGraph *g = (MemoryGraph *) store;

	g->entries++;
	if (g->entry == GRAPH_NO_NODE)
		return false;
	*node = g->entry;
	*layer = g->entry_layer;
	if (g->lost_entries > 0)
	{
		g->lost_entries--;
		*node = memory_name(g->nnodes);
	}
	return true;
}

static void
copy_edges(MemoryGraph *g, const MemoryNode *node, GraphEdges *edges)
{
	edges->n = node->nedges;
	for (int i = 0; i < node->nedges; i++)
	{
		const MemoryNode *to = memory_node(g, node->edges[i]);

		edges->nodes[i] = node->edges[i];
		edges->rows[i] = to->vector + 1;
		if (node->layer > 0 || (g->forgetful && (to->vector + i) % 3 == 0))
			edges->rows[i] = 0;
		if (g->store.has_estimates)
			edges->estimates[i] = edge_estimate(g, node, to);
	}
}

/* The cell of a grid that a node's vector is in */
static int
place_of(const MemoryGraph *g, const MemoryNode *node)
{
	int			place = 0;

	for (int i = 0; i < PLACE_DIMENSIONS; i++)
	{
		float		x = g->vectors[node->vector][i] + MEMORY_COORDINATE;

		place = place * PLACE_PARTS +
			(int) (x * PLACE_PARTS / (2 * MEMORY_COORDINATE + 1));
	}
	return place;
}

/* Name the edges that lead to nodes in the same place. */
static void
find_mates(MemoryGraph *g, const MemoryNode *node, GraphEdges *edges)
{
	int			place = place_of(g, node);

	memory_rule(g, edges->nmates == 0, "no mates before a visit");
	for (int i = 0; i < edges->n; i++)
	{
		if (place_of(g, memory_node(g, edges->nodes[i])) == place)
			edges->mates[edges->nmates++] = i;
	}
	if (edges->nmates > 0)
		g->place = place;
}

/* What is at hand is visited, or left, before anything else is visited. */
static void
visit_place(MemoryGraph *g, const MemoryNode *node)
{
	if (g->place == PLACE_NONE)
		return;
	g->mates++;
	memory_rule(g, place_of(g, node) == g->place,
				"visits in one place, until it is left");
}

static void
memory_leave(GraphStore *store)
{
	MemoryGraph *g = (MemoryGraph *) store;

	memory_rule(g, g->place != PLACE_NONE, "leaving of a place");
	g->place = PLACE_NONE;
}

/* What a visit of nothing leaves must not be used: make sure that it shows. */
static GraphVisit
visit_nothing(MemoryGraph *g, GraphCandidate *candidate, GraphEdges *edges)
{
	candidate->distance = -FLT_MAX;
	candidate->payload = 0;
	if (edges)
	{
		edges->n = 1;
		edges->nodes[0] = GRAPH_NO_NODE;
		edges->rows[0] = 0;
		edges->estimates[0] = -FLT_MAX;
	}
	return VISIT_GONE;
}

static GraphVisit
memory_visit(GraphStore *store, int layer, GraphCandidate *candidate,
			 GraphEdges *edges)
{
	MemoryGraph *g = (MemoryGraph *) store;
	MemoryNode *node;
	MemoryPayload *payload;

	g->visits++;
	if (!memory_rule(g, candidate->node != GRAPH_NO_NODE, "visits of nodes") ||
		memory_index(candidate->node) >= g->nnodes)
		return visit_nothing(g, candidate, edges);
	if (g->on_visit)
		g->on_visit(g, candidate->node);
	node = memory_node(g, candidate->node);
	visit_place(g, node);
	if (!memory_visited(g, node))
	{
		node->query = g->nqueries;
		node->scored = 0;
		node->expanded = 0;
	}
	if (edges)
		node->expanded++;
	else
		node->scored++;
	if (node->state == MEMORY_FREE || node->layer != layer)
		return visit_nothing(g, candidate, edges);

	g->payloads = room_for(g->payloads, g->npayloads, &g->payloads_size,
						   sizeof(MemoryPayload));
	payload = &g->payloads[g->npayloads];
	payload->node = candidate->node;
	payload->version = node->version;
	payload->vector = node->vector;
	payload->layer = layer;
	payload->down = node->down;
	candidate->payload = g->first_payload + g->npayloads++;
	candidate->distance = vector_key(g, node->vector);
	if (edges)
		copy_edges(g, node, edges);
	if (edges && g->flavor->has_places)
		find_mates(g, node, edges);
	return node->state == MEMORY_LIVE ? VISIT_LIVE : VISIT_DYING;
}

static void
memory_prefetch(GraphStore *store, GraphNode node)
{
	MemoryGraph *g = (MemoryGraph *) store;

	memory_rule(g, node != GRAPH_NO_NODE, "prefetch of a node");
}

static GraphNode
memory_down(GraphStore *store, uint32 payload)
{
	MemoryGraph *g = (MemoryGraph *) store;
	const MemoryPayload *p = payload_of(g, payload);

	memory_rule(g, p->layer > 0, "there is nothing below layer 0");
	return p->down;
}

static bool
memory_crowded(GraphStore *store, uint32 payload, float limit,
			   const GraphChoice *chosen, int n)
{
	MemoryGraph *g = (MemoryGraph *) store;
	int			vector = payload_of(g, payload)->vector;

	for (int i = 0; i < n; i++)
	{
		uint32		other = chosen[i].neighbor.payload;

		if (memory_link_distance(g, vector, payload_of(g, other)->vector) <
			limit)
			return true;
	}
	return false;
}

/* Always moves the block, so that sanitizers see who keeps pointers to it. */
static void *
memory_grow(GraphStore *store, void *old, Size size)
{
	MemoryGraph *g = (MemoryGraph *) store;
	MemoryBlock *block = NULL;

	if (size > 0)
	{
		block = malloc(sizeof(MemoryBlock) + size);
		if (block == NULL)
			abort();
		block->size = size;
		g->blocks++;
	}
	if (old)
	{
		MemoryBlock *before = (MemoryBlock *) old - 1;

		if (block)
			memcpy(block + 1, old, Min(size, before->size));
		free(before);
		g->blocks--;
	}
	return block ? block + 1 : NULL;
}

static const GraphStoreMethods memory_methods = {
	.entry = memory_entry,
	.visit = memory_visit,
	.leave = memory_leave,
	.prefetch = memory_prefetch,
	.down = memory_down,
	.crowded = memory_crowded,
	.add = memory_add,
	.link = memory_link_asked,
	.adopt = memory_adopt,
	.promote = memory_promote,
	.attach = memory_attach,
	.grow = memory_grow,
};

/*
 * Graphs, vectors, nodes, queries
 */

void
memory_graph_init(MemoryGraph *g, const MemoryFlavor *flavor, int max_edges)
{
	memset(g, 0, sizeof(*g));
	g->store.methods = &memory_methods;
	g->store.max_edges = max_edges;
	g->store.has_estimates = flavor->has_estimates;
	g->store.ahead = 3;
	g->store.is_distance = flavor->keys == KEYS_SQUARED;
	g->flavor = flavor;
	g->entry = GRAPH_NO_NODE;
	g->vector = -1;
	g->place = PLACE_NONE;
}

void
memory_graph_free(MemoryGraph *g)
{
	free(g->nodes);
	free(g->vectors);
	free(g->payloads);
	free(g->writes);
}

/* What graph_search_create() and its searches allocated. */
void
memory_search_free(GraphSearch *search)
{
	GraphStore *store = search->store;

	memory_grow(store, search->frontier.items, 0);
	memory_grow(store, search->crossings.items, 0);
	memory_grow(store, search->parked.items, 0);
	memory_grow(store, search->aside.items, 0);
	memory_grow(store, search->results.items, 0);
	memory_grow(store, search->spare.items, 0);
	memory_grow(store, search->sure.items, 0);
	memory_grow(store, search->least.items, 0);
	memory_grow(store, search->seen, 0);
	memory_grow(store, search->slots, 0);
	memory_grow(store, search->edges.nodes, 0);
	memory_grow(store, search->edges.rows, 0);
	memory_grow(store, search->edges.estimates, 0);
	memory_grow(store, search->edges.mates, 0);
	memory_grow(store, search->mates, 0);
}

/* A random vector: integers within +-MEMORY_COORDINATE */
void
memory_random(float *x)
{
	for (int i = 0; i < MEMORY_DIMENSIONS; i++)
		x[i] = random_int(2 * MEMORY_COORDINATE + 1) - MEMORY_COORDINATE;
}

/* Keep a vector; returns its number. */
int
memory_vector(MemoryGraph *g, const float *x)
{
	g->vectors = room_for(g->vectors, g->nvectors, &g->vectors_size,
						  sizeof(*g->vectors));
	memcpy(g->vectors[g->nvectors], x, sizeof(*g->vectors));
	return g->nvectors++;
}

/* A new node without edges, in a free slot if there is one. */
GraphNode
memory_node_new(MemoryGraph *g, int layer, int vector)
{
	int			index = 0;
	int			version = 0;
	MemoryNode *node;

	if (g->nfree > 0)
	{
		while (g->nodes[index].state != MEMORY_FREE)
			index++;
		version = g->nodes[index].version + 1;
		g->nfree--;
	}
	else
	{
		index = g->nnodes++;
		g->nodes = room_for(g->nodes, index, &g->nodes_size,
							sizeof(MemoryNode));
	}
	node = &g->nodes[index];
	memset(node, 0, sizeof(*node));
	node->layer = layer;
	node->vector = vector;
	node->version = version;
	node->nrows = 1;
	return memory_name(index);
}

/* The slot may be used again. */
void
memory_node_free(MemoryGraph *g, GraphNode node)
{
	memory_node(g, node)->state = MEMORY_FREE;
	memory_node(g, node)->nedges = 0;
	g->nfree++;
}

void
memory_edge_new(MemoryGraph *g, GraphNode from, GraphNode to)
{
	MemoryNode *node = memory_node(g, from);

	node->edges[node->nedges] = to;
	node->diverse[node->nedges++] = true;
}

static void
query_begin(MemoryGraph *g, const float *query, int vector)
{
	memmove(g->query, query, sizeof(g->query));
	g->vector = vector;
	g->first_payload += g->npayloads + 1;
	g->npayloads = 0;
	g->visits = 0;
	g->entries = 0;
	g->nwrites = 0;
	g->last = GRAPH_NO_NODE;
	g->layer = -1;
	g->nchosen = 0;
	g->orphan = GRAPH_NO_NODE;
	g->promoted = false;
	g->nqueries++;
}

/* Search for what is near this from now on. */
void
memory_query(MemoryGraph *g, const float *query)
{
	query_begin(g, query, -1);
}

/* The same search, from the beginning */
void
memory_query_again(MemoryGraph *g)
{
	memory_query(g, g->query);
}

/* A vector is to be inserted, or linked. */
void
memory_link_query(MemoryGraph *g, int vector)
{
	query_begin(g, g->vectors[vector], vector);
}

/* Note that something is written. */
void
memory_wrote(MemoryGraph *g, MemoryWriteKind kind, GraphNode node, int layer)
{
	MemoryWrite write = {kind, node, layer};

	g->writes = room_for(g->writes, g->nwrites, &g->writes_size,
						 sizeof(MemoryWrite));
	g->writes[g->nwrites++] = write;
}
