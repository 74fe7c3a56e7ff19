/*-------------------------------------------------------------------------
 *
 * graph_batches.c
 *	  Part of test_graph.c: searches with a condition that go on, to be sure
 *	  of more.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_conditions.h"

/* Edges of matching nodes that a search has followed, and those too long */
static void
count_match_edges(const MemoryGraph *g, const GraphSearch *search,
				  int64 *edges, int64 *parked)
{
	*edges = 0;
	*parked = 0;
	for (uint32 i = 0; i < search->nseen; i++)
	{
		const GraphSeen *seen = &search->seen[i];

		if (seen->expanded && seen->match == MATCH_YES)
			*edges += memory_node(g, seen->node)->nedges;
	}
	for (int i = 0; i < search->parked.n; i++)
		*parked += search->parked.items[i].at_match;
}

/*
 * A match's edge counts for one however long it waits, and who asks at sight
 * asks where it leads.
 */
void
test_filter_parked(MemoryGraph *g, GraphSearch *search)
{
	TestFilter	f;
	bool		right = true;
	int64		parked = 0;

	condition_percent = 20;
	for (int i = 0; i < 5; i++)
	{
		random_query(g);
		filter_init(&f, g, by_chance, 1.5f);
		f.filter.asks_at_sight = true;
		filter_begin(&f, search, 5);
		for (int ef = 5; ef <= 40; ef *= 2)
		{
			int64		edges;
			int64		waiting;

			if (ef > 5)
				graph_search_widen(search, ef);
			graph_search_run(search);
			count_match_edges(g, search, &edges, &waiting);
			right &= check(!g->store.has_estimates ||
						   search->match_neighbors + waiting == edges,
						   "%d edges of matches, and %d parked, of %d",
						   (int) search->match_neighbors, (int) waiting,
						   (int) edges);
			for (uint32 k = 0; k < search->nseen; k++)
				right &= check(search->seen[k].row == 0 ||
							   search->seen[k].match != MATCH_UNKNOWN,
							   "one was not asked at sight");
			parked += waiting;
		}
		right &= filter_end(&f, search);
	}
	ok(right && (parked > 0) == g->store.has_estimates,
	   "%s: %d edges of matches wait", g->flavor->name, (int) parked);
}

/* Are those to be sure of the nearest of the results? */
static bool
sure_is_nearest(const GraphSearch *search, int sure)
{
	int			n = search->results.n;
	GraphCandidate *results = malloc((n + 1) * sizeof(GraphCandidate));
	bool		right;

	memcpy(results, search->results.items, n * sizeof(GraphCandidate));
	graph_candidates_sort(results, n);
	right = check(search->sure.n == Min(sure, n),
				  "sure of %d, not %d", search->sure.n, Min(sure, n));
	right &= check(search->sure.n == 0 || search->sure.items[0].distance ==
				   results[search->sure.n - 1].distance,
				   "not sure of the nearest");
	free(results);
	return right;
}

/*
 * Go on to be sure of 10, 20, 40, 80, with room for four times as many, in
 * this way of crossing.  Returns how many of the 80 are found.
 */
static int
go_on_to_80(MemoryGraph *g, GraphSearch *search, TestFilter *f,
			GraphCrossing crossing, int *visits)
{
	MemoryTruth truth;
	int			found;

	f->filter.sure = 10;
	f->filter.crossing = crossing;
	f->filter.max_crossed = 20;
	filter_begin(f, search, 40);
	graph_search_run(search);
	while (f->filter.sure < 80)
	{
		f->filter.sure *= 2;
		graph_search_widen(search, 4 * f->filter.sure);
		f->wrong += crossing != CROSS_ALL && graph_search_is_tired(search);
		if (crossing != CROSS_ALL)
			f->wrong += !sure_is_nearest(search, f->filter.sure);
		graph_search_run(search);
		f->wrong += !search_sound(g, search, f->condition);
		f->wrong += !search_lost_nothing(g, search);
	}
	truth = memory_truth(g, 0, f->condition);
	found = results_found(search, &truth, 80);
	*visits += g->visits;

	/* and to the end: there are not so many */
	f->filter.sure = g->nnodes;
	graph_search_widen(search, 4 * g->nnodes);
	graph_search_run(search);
	f->wrong += !check(graph_search_exhausted(search) &&
					   results_found(search, &truth, truth.n) == truth.n,
					   "%d of %d results", search->results.n, truth.n);
	free(truth.items);
	return found;
}

/*
 * Matches are far from the query, and more and more are wanted: the search
 * need not cross all that is nearer.
 */
void
test_filter_batches(MemoryGraph *g, GraphSearch *search)
{
	static const GraphCrossing crossings[] = {CROSS_ALL, CROSS_NEARBY};
	int			queries = 8;
	int			visits[] = {0, 0};
	int			found[] = {0, 0};
	bool		right = true;

	condition_limit = 250;
	for (int i = 0; i < 2 * queries; i++)
	{
		TestFilter	f;

		if (i % 2 == 0)
		{
			random_query(g);
			g->query[0] = -MEMORY_COORDINATE;
		}
		memory_query_again(g);
		filter_init(&f, g, far_east, 1.25f);
		f.filter.asks_at_sight = i / 2 % 2;
		found[i % 2] += go_on_to_80(g, search, &f, crossings[i % 2],
									&visits[i % 2]);
		right &= filter_end(&f, search);
	}
	ok(right && found[1] >= 0.9 * 80 * queries && visits[1] < visits[0],
	   "%s: the 80 nearest, going on: %.1f in %.1f visits, crossing all %.1f "
	   "in %.1f", g->flavor->name, found[1] / (double) queries,
	   visits[1] / (double) queries, found[0] / (double) queries,
	   visits[0] / (double) queries);
}
