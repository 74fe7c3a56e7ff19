/*-------------------------------------------------------------------------
 *
 * graph_descent.c
 *	  The way down, from the entry point to the layer to be searched.
 *
 * On each layer above, a search for one result, or two on the last of them,
 * tells where to start on the next.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "graph/graph_search.h"

/*
 * Go to the layer below, starting from the nodes found on this one.  Should
 * all of them be dying, the nearest of those shows the way.
 */
void
graph_search_step_down(GraphSearch *search, int ef)
{
	GraphStore *store = search->store;
	GraphNode	down[GRAPH_LAST_BEAM] = {GRAPH_NO_NODE};
	int			n = search->results.n;

	graph_candidates_sort(search->results.items, n);
	n = Min(n, GRAPH_LAST_BEAM);
	for (int i = 0; i < n; i++)
		down[i] = store->methods->down(store,
									   search->results.items[i].payload);
	if (n == 0 && search->has_dying)
		down[n++] = store->methods->down(store, search->dying.payload);
	graph_search_begin(search, search->layer - 1, ef);
	for (int i = 0; i < n; i++)
		graph_search_seed(search, down[i]);
}

/* Has the search met nothing but nodes that are gone? */
bool
graph_search_is_lost(const GraphSearch *search)
{
	return search->results.n == 0 && !search->has_dying;
}

/* Search, and tell whether anything was met that is not gone. */
static bool
search_finds(GraphSearch *search, void *arg)
{
	graph_search_run(search);
	return !graph_search_is_lost(search);
}

/* How many results to keep on a layer, on the way to `target` and ef there */
static int
descent_ef(int layer, int target, int ef)
{
	if (layer <= target)
		return ef;
	return layer == target + 1 ? GRAPH_LAST_BEAM : GRAPH_DESCENT_BEAM;
}

/* Walk down from the layer begun on.  Returns false if the way is lost. */
static bool
search_walk_down(GraphSearch *search, int target, int ef)
{
	while (search->layer > target)
	{
		if (!search_finds(search, NULL))
			return false;
		graph_search_step_down(search, descent_ef(search->layer - 1, target,
												  ef));
	}
	return true;
}

/*
 * Walk from the entry point down to a layer (or the entry point's own, if that
 * is lower), get ready to search there for ef results, and have `arrived` go
 * on, if there is one.  Returns false if the graph is empty or, however often
 * we try, its entry point or the way a ruin.
 *
 * The nodes on the way may be vacuumed away under our feet, on a standby
 * without any warning; then start again from what is the entry point by now.
 */
bool
graph_search_enter(GraphSearch *search, int target, int ef,
				   GraphArrived arrived, void *arg)
{
	GraphStore *store = search->store;

	for (int attempt = 0; attempt < GRAPH_ATTEMPTS; attempt++)
	{
		GraphNode	node;
		int			layer;

		if (!store->methods->entry(store, &node, &layer))
			return false;
		graph_search_begin(search, layer, descent_ef(layer, target, ef));
		graph_search_seed(search, node);
		if (search_walk_down(search, target, ef) &&
			(arrived == NULL || arrived(search, arg)))
			return true;
	}
	return false;
}

/* Get ready to search a layer, as graph_search_enter() does, and no more. */
bool
graph_search_descend(GraphSearch *search, int target, int ef)
{
	return graph_search_enter(search, target, ef, NULL, NULL);
}

/*
 * Forget what was seen on the layer the search has come to, and get ready to
 * search it for ef results from where it began there.
 */
void
graph_search_begin_again(GraphSearch *search, int ef)
{
	GraphNode	starts[GRAPH_LAST_BEAM];
	int			n = Min(search->nseen, GRAPH_LAST_BEAM);

	/* these were seen first (or next to them, which will do as well) */
	for (int i = 0; i < n; i++)
		starts[i] = search->seen[i].node;
	graph_search_begin(search, search->layer, ef);
	for (int i = 0; i < n; i++)
		graph_search_seed(search, starts[i]);
}

/* Search layer 0 from the entry point.  False if there is no way into it. */
bool
graph_search_find(GraphSearch *search, int ef)
{
	return graph_search_enter(search, 0, ef, search_finds, NULL);
}
