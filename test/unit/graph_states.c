/*-------------------------------------------------------------------------
 *
 * graph_states.c
 *	  Part of test_graph.c: what must hold of a search whenever it pauses.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_test.h"

/* What a pausing search knows of a node */
#define WAITS		1			/* in the frontier or parked */
#define EXPANDED	2

/* Search near a random place from now on. */
void
random_query(MemoryGraph *g)
{
	float		q[MEMORY_DIMENSIONS];

	memory_random(q);
	memory_query(g, q);
}

/* For qsort() */
int
compare_floats(const void *a, const void *b)
{
	float		x = *(const float *) a;
	float		y = *(const float *) b;

	return x < y ? -1 : x > y;
}

/* Nodes in the order in which they are visited: the first few of them */
GraphNode	visit_noted[16];
int			visits_noted;

/* MemoryGraph.on_visit */
void
note_visit(MemoryGraph *g, GraphNode node)
{
	if (visits_noted < (int) lengthof(visit_noted))
		visit_noted[visits_noted++] = node;
}

/* No node is read twice for the same purpose; all visits are counted. */
static bool
visits_sound(const MemoryGraph *g, const GraphSearch *search)
{
	bool		sound = true;
	int			most = g->store.has_estimates ? 0 : 1;

	for (int i = 0; i < g->nnodes; i++)
	{
		const MemoryNode *node = &g->nodes[i];

		if (!memory_visited(g, node))
			continue;
		sound &= check(node->expanded <= 1 && node->scored <= most,
					   "node %d: expanded %d times, scored %d times",
					   i, node->expanded, node->scored);
	}
	return sound;
}

/* Heaps are heaps. */
static bool
heaps_sound(const GraphSearch *search)
{
	const GraphItems *waiting[] = {&search->frontier, &search->crossings};
	const GraphCandidates *results = &search->results;
	bool		sound = true;

	for (int h = 0; h < 2; h++)
	{
		for (int i = 1; i < waiting[h]->n; i++)
			sound &= check(waiting[h]->items[(i - 1) / 2].key <=
						   waiting[h]->items[i].key, "what waits is no heap");
	}
	for (int i = 1; i < results->n; i++)
		sound &= check(results->items[(i - 1) / 2].distance >=
					   results->items[i].distance, "results are no heap");
	return sound;
}

/*
 * Results, and what is spared, are visited live nodes (that are accepted),
 * each once, with their distances.  The results are the nearest of them.
 * The states of nodes must be those they had when visited.
 */
bool
search_sound(const MemoryGraph *g, const GraphSearch *search,
			 bool (*accepts) (const MemoryNode *node))
{
	const GraphCandidates *lists[] = {&search->results, &search->spare};
	float	   *keys = malloc((g->nnodes + 1) * sizeof(float));
	float	   *kept = malloc((search->results.n + 1) * sizeof(float));
	bool	   *met = calloc(g->nnodes + 1, sizeof(bool));
	int			n = 0;
	bool		sound = visits_sound(g, search) && heaps_sound(search);

	for (int i = 0; i < g->nnodes; i++)
	{
		const MemoryNode *node = &g->nodes[i];

		if (memory_visited(g, node) && node->state == MEMORY_LIVE &&
			node->layer == search->layer && (!accepts || accepts(node)))
			keys[n++] = memory_key(g, memory_name(i));
	}
	for (int l = 0; l < 2; l++)
	{
		for (int i = 0; i < lists[l]->n; i++)
		{
			const GraphCandidate *c = &lists[l]->items[i];
			const MemoryNode *node = memory_node(g, c->node);
			int			index = memory_index(c->node);

			sound &= check(node->state == MEMORY_LIVE &&
						   node->layer == search->layer &&
						   (!accepts || accepts(node)), "no result");
			sound &= check(c->distance == memory_key(g, c->node),
						   "a result's distance");
			sound &= check(!met[index], "a result twice");
			met[index] = true;
			if (l == 0)
				kept[i] = c->distance;
		}
	}
	qsort(keys, n, sizeof(float), compare_floats);
	qsort(kept, search->results.n, sizeof(float), compare_floats);
	sound &= check(search->results.n == Min(n, search->ef) &&
				   memcmp(keys, kept, search->results.n * sizeof(float)) == 0,
				   "not the nearest %d of %d visited", search->ef, n);
	if (search->resumable)
		sound &= check(search->results.n + search->spare.n == n,
					   "%d of %d visited are kept",
					   search->results.n + search->spare.n, n);
	free(keys);
	free(kept);
	free(met);
	return sound;
}

/* What edges told of the nodes seen: the row, and the mean of estimates */
static bool
seen_right(const MemoryGraph *g, const GraphSearch *search)
{
	bool		right = true;

	for (uint32 i = 0; i < search->nseen; i++)
	{
		const GraphSeen *seen = &search->seen[i];
		const MemoryNode *node = memory_node(g, seen->node);

		if (seen->estimate == -FLT_MAX || node->state == MEMORY_FREE)
			continue;			/* a seed; or gone, before it told */
		right &= check(seen->row == (uint64) node->vector + 1 ||
					   (seen->row == 0 && g->forgetful), "another row");
		if (g->flavor->noise == 0 && g->on_estimate == NULL)
			right &= check(seen->estimate == memory_key(g, seen->node),
						   "another estimate");
	}
	return right;
}

/*
 * Note who waits there.  Among those that are refused nobody else is; some of
 * them may still be where they were before.
 */
static bool
items_wait(const GraphSearch *search, const GraphItems *items,
		   bool are_refused, uint8 *known)
{
	bool		right = true;

	for (int i = 0; i < items->n; i++)
	{
		uint32		index = items->items[i].index;
		const GraphSeen *seen = &search->seen[index];

		if (!check(index < search->nseen, "who waits was seen"))
			return false;
		known[memory_index(seen->node)] |= WAITS;
		right &= check(!are_refused || seen->expanded ||
					   (search->filter && seen->match == MATCH_NO),
					   "one waits to be crossed that is not refused");
	}
	return right;
}

/*
 * Of a search on layer 0 that can be resumed: wherever an edge of an expanded
 * node leads, that one is expanded too, or waits, or has gone.
 */
bool
search_lost_nothing(const MemoryGraph *g, const GraphSearch *search)
{
	uint8	   *known = calloc(g->nnodes + 1, sizeof(uint8));
	bool		sound = seen_right(g, search);

	for (uint32 i = 0; i < search->nseen; i++)
	{
		if (search->seen[i].expanded)
			known[memory_index(search->seen[i].node)] |= EXPANDED;
	}
	sound &= items_wait(search, &search->frontier, false, known);
	sound &= items_wait(search, &search->crossings, true, known);
	for (int i = 0; i < search->parked.n; i++)
		known[memory_index(search->parked.items[i].node)] |= WAITS;
	for (int i = 0; i < search->aside.n; i++)
	{
		uint32		index = search->aside.items[i];

		known[memory_index(search->seen[index].node)] |= WAITS;
	}

	for (uint32 i = 0; i < search->nseen; i++)
	{
		const MemoryNode *node = memory_node(g, search->seen[i].node);

		if (!search->seen[i].expanded || node->state == MEMORY_FREE)
			continue;
		for (int k = 0; k < node->nedges; k++)
			sound &= check(known[memory_index(node->edges[k])] != 0,
						   "an edge is forgotten");
	}
	if (graph_search_exhausted(search))
	{
		for (int i = 0; i < g->nnodes; i++)
			sound &= check(known[i] != WAITS, "exhausted, but one waits");
	}
	free(known);
	return sound;
}

/* How many of the k nearest are among the results? */
int
results_found(const GraphSearch *search, const MemoryTruth *truth, int k)
{
	int			found = 0;

	k = Min(k, truth->n);
	for (int i = 0; i < search->results.n; i++)
	{
		/* equally far will do */
		if (k > 0 &&
			search->results.items[i].distance <= truth->items[k - 1].distance)
			found++;
	}
	return Min(found, k);
}
