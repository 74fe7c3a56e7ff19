/*-------------------------------------------------------------------------
 *
 * graph_descents.c
 *	  Part of test_graph.c: nodes that are dying or gone, on the way down
 *	  and during a search.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_test.h"

/* Let all nodes of a layer, or a share of them, be in a state. */
static void
set_states(MemoryGraph *g, int layer, int percent, MemoryState state)
{
	for (int i = 0; i < g->nnodes; i++)
	{
		if (g->nodes[i].layer == layer && random_int(100) < percent)
			g->nodes[i].state = state;
	}
}

static void
revive(MemoryGraph *g)
{
	for (int i = 0; i < g->nnodes; i++)
		g->nodes[i].state = MEMORY_LIVE;
}

/* Is the nearest dying node known that was visited on this layer? */
static bool
nearest_dying_known(const MemoryGraph *g, const GraphSearch *search)
{
	float		nearest = FLT_MAX;

	for (int i = 0; i < g->nnodes; i++)
	{
		const MemoryNode *node = &g->nodes[i];

		if (node->state == MEMORY_DYING && node->layer == search->layer &&
			memory_visited(g, node))
			nearest = Min(nearest, memory_key(g, memory_name(i)));
	}
	if (nearest == FLT_MAX)
		return check(!search->has_dying, "none is dying");
	return check(search->has_dying && search->dying.distance == nearest &&
				 memory_key(g, search->dying.node) == nearest,
				 "another is the nearest dying");
}

/* Dying nodes are ways, and no results. */
void
test_dying(MemoryGraph *g, GraphSearch *search)
{
	int			queries = 20;
	int			found = 0;
	bool		right = true;

	for (int layer = 1; layer <= g->entry_layer; layer++)
		set_states(g, layer, 100, MEMORY_DYING);
	set_states(g, 0, 30, MEMORY_DYING);
	for (int i = 0; i < queries; i++)
	{
		MemoryTruth truth;

		random_query(g);
		right &= check(graph_search_descend(search, 0, 50), "no way down");
		right &= check(search->layer == 0 && search->nseen == 1, "the way");
		graph_search_run(search);
		truth = memory_truth(g, 0, NULL);
		found += results_found(search, &truth, 10);
		right &= search_sound(g, search, NULL);
		right &= nearest_dying_known(g, search);
		free(truth.items);
	}
	ok(right && found >= 0.97 * 10 * queries,
	   "%s: recall %.4f with 30 %% of the nodes dying, and all above layer 0",
	   g->flavor->name, found / (10.0 * queries));

	set_states(g, 0, 100, MEMORY_DYING);
	right = true;
	for (int i = 0; i < 3; i++)
	{
		random_query(g);
		right &= check(graph_search_descend(search, 0, 50), "no way down");
		graph_search_run(search);
		right &= check(search->results.n == 0, "a dying result");
		right &= search_sound(g, search, NULL);
		right &= nearest_dying_known(g, search);
	}
	right &= check(graph_search_exhausted(search), "not exhausted");
	revive(g);
	random_query(g);
	graph_search_descend(search, 0, 50);
	graph_search_run(search);
	right &= nearest_dying_known(g, search);
	ok(right, "%s: where all nodes are dying, there are no results",
	   g->flavor->name);
}

static int	first_visits;		/* on layer 0 */

/* Each seventh node that is visited for the first time has just gone. */
static void
some_go(MemoryGraph *g, GraphNode name)
{
	MemoryNode *node = memory_node(g, name);

	if (!memory_visited(g, node) && node->layer == 0 &&
		++first_visits % 7 == 0)
		node->state = MEMORY_FREE;
}

void
test_gone(MemoryGraph *g, GraphSearch *search)
{
	bool		right = true;
	int			results = 0;

	g->on_visit = some_go;
	for (int i = 0; i < 10; i++)
	{
		first_visits = 0;
		random_query(g);
		graph_search_descend(search, 0, 50);
		graph_search_run(search);
		right &= search_sound(g, search, NULL);
		right &= search_lost_nothing(g, search);
		results += search->results.n;
		graph_search_widen(search, 200);
		graph_search_run(search);
		right &= search_sound(g, search, NULL);
		right &= search_lost_nothing(g, search);
		revive(g);
	}
	g->on_visit = NULL;
	ok(right && results == 50 * 10,
	   "%s: nodes that go during the search: %d results", g->flavor->name,
	   results);
}

/* On the first two ways down, whatever is visited on layer 1 has gone. */
static void
layer_1_goes(MemoryGraph *g, GraphNode name)
{
	MemoryNode *node = memory_node(g, name);

	if (node->layer == 1)
		node->state = g->entries <= 2 ? MEMORY_FREE : MEMORY_LIVE;
}

/* Each way down is lost on layer 1, but every tenth on layer 0. */
static void
all_ways_go(MemoryGraph *g, GraphNode name)
{
	MemoryNode *node = memory_node(g, name);

	node->state = MEMORY_LIVE;
	if (node->layer == (g->entries % 10 == 0 ? 0 : 1))
		node->state = MEMORY_FREE;
}

/* From where it came to layer 0 a search is begun again as it was. */
static bool
same_again(MemoryGraph *g, GraphSearch *search, int ef)
{
	int64		visits;
	float		farthest;
	bool		same;

	memory_query_again(g);
	graph_search_descend(search, 0, ef / 2);
	graph_search_run(search);
	visits = g->visits;
	graph_search_begin_again(search, ef);
	same = check(search->results.n == 0 && search->ef == ef, "begun");
	graph_search_run(search);
	farthest = search->results.items[0].distance;
	visits = g->visits - visits;

	memory_query_again(g);
	graph_search_descend(search, 0, ef);
	graph_search_run(search);
	same &= check(search->results.items[0].distance == farthest &&
				  visits < g->visits, "not the same results");
	return same;
}

/* The entry, or the way down from it, is gone. */
void
test_retries(MemoryGraph *g, GraphSearch *search)
{
	GraphNode	entry = g->entry;
	bool		right;
	int			layer;

	random_query(g);
	g->lost_entries = 3;
	right = check(graph_search_descend(search, 0, 50) && g->entries == 4,
				  "%d ways", g->entries);
	graph_search_run(search);
	right &= check(search->results.n == 50, "%d results", search->results.n);
	ok(right, "%s: the entry was gone three times", g->flavor->name);
	ok(same_again(g, search, 50), "%s: once more from the same start",
	   g->flavor->name);

	memory_query_again(g);
	g->lost_entries = 1000;
	right = check(!graph_search_descend(search, 0, 50) && g->entries == 10,
				  "%d ways", g->entries);
	g->lost_entries = 0;
	ok(right, "%s: the entry is a ruin", g->flavor->name);

	memory_query_again(g);
	g->on_visit = layer_1_goes;
	right = check(graph_search_descend(search, 0, 50) && g->entries == 3,
				  "%d ways", g->entries);
	g->on_visit = NULL;
	revive(g);
	graph_search_run(search);
	right &= check(search->results.n == 50, "%d results", search->results.n);
	ok(right && g->entry_layer >= 2, "%s: the way down was gone twice",
	   g->flavor->name);

	memory_query_again(g);
	g->on_visit = all_ways_go;
	right = check(!graph_search_find(search, 50) && g->entries == 10,
				  "%d ways", g->entries);
	g->on_visit = NULL;
	revive(g);
	ok(right, "%s: all ways are lost, here or there", g->flavor->name);

	/* down to another layer than 0, and to one above the entry */
	right = true;
	for (layer = 0; layer <= g->entry_layer + 2; layer++)
	{
		memory_query_again(g);
		right &= check(graph_search_descend(search, layer, 7) &&
					   search->layer == Min(layer, g->entry_layer) &&
					   search->ef == 7 && search->results.n == 0,
					   "layer %d, ef %d", search->layer, search->ef);
		graph_search_run(search);
		right &= search_sound(g, search, NULL);
	}
	g->entry = GRAPH_NO_NODE;
	memory_query_again(g);
	right &= check(!graph_search_descend(search, 0, 7) && g->entries == 1,
				   "a way through nothing");
	g->entry = entry;
	ok(right, "%s: descent to each layer", g->flavor->name);
}
