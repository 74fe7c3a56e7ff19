/*-------------------------------------------------------------------------
 *
 * graph_insert.c
 *	  Adding a vector to the graph.
 *
 * First all searching, from the entry point down to layer 0, gathering the
 * nearest nodes of every layer the new node will live on.  Then all writing,
 * from layer 0 up: the node with its edges, then the edges that lead to it,
 * and last, if it is the highest, it becomes the entry point.  So a node is
 * complete before it can be reached, and whatever a crash cuts off is at
 * worst a missing edge.
 *
 * Which of the candidates become neighbors: nearest first, a candidate is
 * *diverse* if it is nearer to the new node than to every diverse one chosen
 * before; otherwise a path to it exists already.  All diverse ones are
 * taken, then the nearest of the others until the edge list is full.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <math.h>

#include "graph/graph_insert.h"

/*
 * With estimates, a search that keeps 5/8 of ef_construction nodes finds
 * neighbors as good: recall is the same, the build a third faster.
 */
#define ESTIMATED_EF(ef)	((ef) * 5 / 8)

/*
 * Nodes with so few edges take up everybody whose edge gave way to them, not
 * only who gave way to the edge that had to be.
 */
#define ADOPT_ALL_EDGES		16

/* The candidates of one layer */
typedef struct LayerCandidates
{
	GraphCandidate *items;
	int			n;
} LayerCandidates;

/*
 * The level of a new node for a uniform random number in (0, 1]: layer l
 * holds 1 / m of the nodes of the layer below.
 */
int
graph_draw_level(double uniform, int m)
{
	double		level = -log(uniform) / log((double) m);

	return level < GRAPH_MAX_LAYER ? (int) level : GRAPH_MAX_LAYER;
}

/*
 * Choose the neighbors of a new node among n candidates, sorted nearest
 * first.  chosen has room for the store's max_edges.  Returns how many: first
 * the diverse ones, then the others, both nearest first, so that the first of
 * all is the nearest candidate.
 */
int
graph_select(GraphStore *store, const GraphCandidate *candidates, int n,
			 GraphChoice *chosen)
{
	int			max = store->max_edges;
	int			count = 0;
	int			next = 0;

	for (int i = 0; i < n && count < max; i++)
	{
		if (store->methods->crowded(store, candidates[i].payload,
									candidates[i].distance, chosen, count))
			continue;
		chosen[count].neighbor = candidates[i];
		chosen[count].diverse = true;
		count++;
	}

	/* fill up: chosen is in the order of candidates, so one pass tells */
	for (int i = 0, ndiverse = count; i < n && count < max; i++)
	{
		if (next < ndiverse &&
			chosen[next].neighbor.payload == candidates[i].payload)
		{
			next++;
			continue;
		}
		chosen[count].neighbor = candidates[i];
		chosen[count].diverse = false;
		count++;
	}
	return count;
}

/* Keep the results of the search that has just run. */
static void
layer_keep(GraphSearch *search, LayerCandidates *kept)
{
	Size		size = Max(search->results.n, 1) * sizeof(GraphCandidate);

	graph_candidates_sort(search->results.items, search->results.n);
	kept->n = search->results.n;
	kept->items = search->store->methods->grow(search->store, NULL, size);
	if (kept->n > 0)
		memcpy(kept->items, search->results.items,
			   kept->n * sizeof(GraphCandidate));
}

/* Write the node of one layer and the edges that lead to it. */
static GraphNode
layer_write(GraphStore *store, int layer, GraphNode down,
			const LayerCandidates *candidates, GraphChoice *chosen)
{
	int			n = graph_select(store, candidates->items, candidates->n,
								 chosen);
	GraphLink	link;
	GraphNode	node;
	GraphNode	orphan;

	node = store->methods->add(store, layer, down, chosen, n);

	/* I4: a node's own edges are written before it is reachable */
	link.to = node;
	link.layer = layer;
	link.nknown = candidates->n;
	link.known = candidates->items;
	for (int i = 0; i < n; i++)
	{
		link.from = chosen[i].neighbor;
		link.must = (i == 0);
		orphan = store->methods->link(store, &link);
		if (orphan != GRAPH_NO_NODE &&
			(link.must || store->max_edges <= ADOPT_ALL_EDGES))
			store->methods->adopt(store, node, layer, orphan);
	}
	return node;
}

/* Let a node with exactly this vector take the row, if there is one. */
static bool
attach_to_same(GraphSearch *search, const LayerCandidates *layer)
{
	GraphStore *store = search->store;

	for (int i = 0; i < layer->n; i++)
	{
		if (store->methods->attach(store, layer->items[i].payload))
			return true;
	}
	return false;
}

/* How many nodes a layer's search keeps: enough to fill an edge list. */
static int
insert_ef(const GraphStore *store, int ef_construction)
{
	if (!store->has_estimates)
		return ef_construction;
	return Max(ESTIMATED_EF(ef_construction), store->max_edges);
}

static void
layers_forget(GraphStore *store, LayerCandidates *layers)
{
	for (int layer = 0; layer <= GRAPH_MAX_LAYER; layer++)
	{
		if (layers[layer].items)
			store->methods->grow(store, layers[layer].items, 0);
		layers[layer].items = NULL;
		layers[layer].n = 0;
	}
}

/*
 * GraphArrived: find the nearest nodes on this layer and on those below.
 *
 * Should nothing be left of the graph where we walk, there may be another way,
 * or a graph of which we saw nothing would be taken for dead, and given up.
 */
static bool
layers_gather(GraphSearch *search, void *arg)
{
	LayerCandidates *layers = arg;

	for (;;)
	{
		graph_search_run(search);
		layer_keep(search, &layers[search->layer]);
		if (search->layer == 0)
			break;
		graph_search_step_down(search, search->ef);
	}
	if (!graph_search_is_lost(search))
		return true;
	layers_forget(search->store, layers);
	return false;
}

/*
 * Insert the store's vector.  *insert says how; the caller's lock lets it
 * promote or not, and the entry point is read after that lock was taken.
 */
GraphInsertResult
graph_insert(GraphSearch *search, const GraphInsert *insert)
{
	GraphStore *store = search->store;
	int			ef = insert_ef(store, insert->ef_construction);
	LayerCandidates layers[GRAPH_MAX_LAYER + 1] = {0};
	GraphChoice *chosen;
	GraphNode	entry;
	GraphNode	node = GRAPH_NO_NODE;
	GraphInsertResult result = INSERT_ATTACHED;

	(void) graph_search_enter(search, insert->level, ef, layers_gather,
							  layers);
	if (!attach_to_same(search, &layers[0]))
	{
		int			entry_layer = -1;

		if (!store->methods->entry(store, &entry, &entry_layer))
			entry_layer = -1;

		/*
		 * Without a single live node in reach, all others being vacuumed
		 * away, the new node is where the graph begins again.
		 */
		if (insert->level > entry_layer || layers[0].n == 0)
		{
			if (!insert->may_promote)
				result = INSERT_NEEDS_ENTRY;
		}
		if (result != INSERT_NEEDS_ENTRY)
		{
			result = INSERT_DONE;
			chosen = store->methods->grow(store, NULL, store->max_edges *
										  sizeof(GraphChoice));
			for (int layer = 0; layer <= insert->level; layer++)
				node = layer_write(store, layer, node, &layers[layer],
								   chosen);
			store->methods->grow(store, chosen, 0);
			if (insert->level > entry_layer || layers[0].n == 0)
				store->methods->promote(store, node, insert->level);
		}
	}

	layers_forget(store, layers);
	return result;
}

/*
 * Look for a node with exactly the store's vector, with a small search, and
 * let it take the row.  Returns false if none was found.
 */
bool
graph_attach(GraphSearch *search, int ef)
{
	LayerCandidates found;
	bool		attached;

	if (!graph_search_find(search, ef))
		return false;
	layer_keep(search, &found);
	attached = attach_to_same(search, &found);
	search->store->methods->grow(search->store, found.items, 0);
	return attached;
}
