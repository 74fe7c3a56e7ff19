/*-------------------------------------------------------------------------
 *
 * graph_searches.c
 *	  Part of test_graph.c: search, and its resumption.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_test.h"

#define LEAST_DRY	32

/* Search layer 0 for a random query. */
static void
search_random(MemoryGraph *g, GraphSearch *search, int ef)
{
	random_query(g);
	graph_search_descend(search, 0, ef);
	graph_search_run(search);
}

static GraphCandidate *
results_copy(const GraphSearch *search)
{
	Size		size = search->results.n * sizeof(GraphCandidate);
	GraphCandidate *copy = malloc(size);

	memcpy(copy, search->results.items, size);
	return copy;
}

/* Recall at 10, with usual room and with room for all */
void
test_recall(MemoryGraph *g, GraphSearch *search)
{
	int			queries = 50;
	int			found = 0;
	bool		sound = true;
	bool		all = true;
	int64		visits = 0;

	g->mates = 0;
	for (int i = 0; i < queries; i++)
	{
		MemoryTruth truth;
		int64		before = search->visits;

		search_random(g, search, 50);
		truth = memory_truth(g, 0, NULL);
		sound &= search_sound(g, search, NULL);
		sound &= search_lost_nothing(g, search);
		sound &= check(search->visits - before == g->visits,
					   "%d visits, %d counted", (int) g->visits,
					   (int) (search->visits - before));
		visits += g->visits;
		found += results_found(search, &truth, 10);
		if (i < 3)
		{
			search_random(g, search, g->nnodes);
			free(truth.items);
			truth = memory_truth(g, 0, NULL);
			all &= check(results_found(search, &truth, truth.n) == truth.n,
						 "%d of %d", search->results.n, truth.n);
			all &= search_sound(g, search, NULL);
			all &= graph_search_exhausted(search);
		}
		free(truth.items);
	}
	ok(sound && found >= 0.97 * 10 * queries,
	   "%s: recall %.4f, %.1f visits, and the state after each search",
	   g->flavor->name, found / (10.0 * queries), visits / (double) queries);
	ok(all, "%s: with room for all, all are found", g->flavor->name);
	ok((g->mates > 0) == g->flavor->has_places, "%s: %d visits in one place",
	   g->flavor->name, (int) g->mates);
}

/* All that edges lead to from the start is expanded. */
static bool
all_expanded(const MemoryGraph *g, const GraphSearch *search)
{
	bool	   *reached = malloc(g->nnodes * sizeof(bool));
	bool		all = true;

	memory_reach(g, search->seen[0].node, reached);
	for (int i = 0; i < g->nnodes; i++)
		all &= !reached[i] || (memory_visited(g, &g->nodes[i]) &&
							   g->nodes[i].expanded == 1);
	free(reached);
	return all;
}

/* Widening, again and again, ends where a wide search begins. */
void
test_widening(MemoryGraph *g, GraphSearch *search)
{
	bool		sound = true;
	bool		same = true;
	bool		ends = true;

	for (int i = 0; i < 3; i++)
	{
		int			ef = 3 + 4 * i;
		int			n;
		GraphCandidate *wide;

		search_random(g, search, ef);
		while (ef < 2 * g->nnodes)
		{
			int64		before = g->visits;

			sound &= search_sound(g, search, NULL);
			sound &= search_lost_nothing(g, search);
			ends &= check(!graph_search_exhausted(search) ||
						  all_expanded(g, search), "ended too early");
			/* run again: there is nothing more to do */
			graph_search_run(search);
			sound &= check(g->visits == before, "more of the same");
			ef *= 2;
			graph_search_widen(search, ef);
			sound &= search_sound(g, search, NULL);
			graph_search_run(search);
		}
		ends &= check(graph_search_exhausted(search) &&
					  all_expanded(g, search), "does not end");

		n = search->results.n;
		wide = results_copy(search);
		graph_candidates_sort(wide, n);
		memory_query_again(g);
		graph_search_descend(search, 0, ef);
		graph_search_run(search);
		graph_candidates_sort(search->results.items, search->results.n);
		same &= check(search->results.n == n, "%d, not %d results",
					  n, search->results.n);
		for (int k = 0; k < Min(n, search->results.n); k++)
			same &= check(wide[k].distance ==
						  search->results.items[k].distance, "result %d", k);
		free(wide);
	}
	ok(sound, "%s: what holds of a search holds when it is widened",
	   g->flavor->name);
	ok(same, "%s: widened, a search finds what a wide one does",
	   g->flavor->name);
	ok(ends, "%s: exhausted at the end, not before", g->flavor->name);
}

/*
 * A search that is stopped again and again is the same search; but mates that
 * are not visited any more, since it stops, have to wait for their turn.
 */
void
test_slices(MemoryGraph *g, GraphSearch *search)
{
	bool		same = true;
	bool		limits = true;
	int			excess = g->store.has_estimates ? 0 : g->store.max_edges;

	for (int i = 0; i < 12; i++)
	{
		int			ef = 5 + 8 * i;
		int			n;
		int			slices = 0;
		int64		visits;
		GraphCandidate *whole;

		search_random(g, search, ef);
		visits = g->visits;
		n = search->results.n;
		whole = results_copy(search);

		memory_query_again(g);
		graph_search_descend(search, 0, ef);
		do
		{
			search->max_visits = search->visits + 1 + i % 4;
			graph_search_run(search);
			limits &= check(search->visits <= search->max_visits + excess,
							"%d visits, not %d", (int) search->visits,
							(int) search->max_visits);
			slices++;
		} while (search->visits >= search->max_visits);
		search->max_visits = PG_INT64_MAX;
		limits &= check(slices > 5, "%d slices", slices);
		if (g->flavor->has_places)
		{
			free(whole);
			continue;
		}
		same &= check(g->visits == visits && search->results.n == n,
					  "%d visits, %d results, not %d and %d", (int) g->visits,
					  search->results.n, (int) visits, n);
		for (int k = 0; k < Min(n, search->results.n); k++)
			same &= check(whole[k].node == search->results.items[k].node &&
						  whole[k].distance ==
						  search->results.items[k].distance, "result %d", k);
		free(whole);
	}
	ok(limits, "%s: no visits beyond max_visits", g->flavor->name);
	ok(same, "%s: a search in slices is the same", g->flavor->name);
}

static float
all_near(int from, int to)
{
	return 0;
}

/*
 * Where every node looks as near as can be, a search ends when nothing was
 * gained for long enough.
 */
void
test_dry(MemoryGraph *g, GraphSearch *search)
{
	static const int efs[] = {5, 32, 60};
	bool		right = true;

	if (!g->store.has_estimates || !g->store.is_distance)
		return;
	g->on_estimate = all_near;
	for (int i = 0; i < (int) lengthof(efs); i++)
	{
		int			most = Max(efs[i], LEAST_DRY);
		int			mates = g->flavor->has_places ? g->store.max_edges : 0;
		int64		before;
		int64		dry;

		search_random(g, search, efs[i]);
		dry = search->expansions - search->last_gain;
		right &= check(search->frontier.n > 0 &&
					   search->results.n == efs[i] &&
					   dry > most && dry <= most + 1 + mates,
					   "ef %d: %d visits without gain, %d wait", efs[i],
					   (int) dry, search->frontier.n);
		right &= search_sound(g, search, NULL);
		before = search->visits;
		graph_search_widen(search, 2 * efs[i]);
		graph_search_run(search);
		right &= check(search->visits > before &&
					   search->results.n == 2 * efs[i], "goes on");
		right &= search_sound(g, search, NULL);
		graph_search_widen(search, 2 * g->nnodes);
		graph_search_run(search);
		right &= check(graph_search_exhausted(search) &&
					   all_expanded(g, search), "to the end");
	}
	g->on_estimate = NULL;
	ok(right, "%s: a search without gain ends, and can be resumed",
	   g->flavor->name);
}

/* The table of seen nodes: growth, and the end of generations */
void
test_table(MemoryGraph *g, GraphSearch *search)
{
	GraphSearch fresh;
	bool		grown = true;
	bool		wrapped = true;
	int			seen = 0;

	graph_search_create(&fresh, &g->store, SEARCH_RESUMABLE);
	random_query(g);
	/* generation 1: these marks are to be forgotten */
	graph_search_begin(&fresh, 0, g->nnodes);
	for (int i = 0; i < 2000; i++)
		graph_search_seed(&fresh, memory_name(i));
	for (int round = 0; round < 3; round++)
	{
		if (round == 1)
			fresh.generation = PG_UINT32_MAX - 1;
		graph_search_begin(&fresh, 0, 10);
		if (round > 0)
			wrapped &= check(fresh.generation == (round == 1 ?
												  PG_UINT32_MAX : 1),
							 "generation %u", fresh.generation);
		for (int i = 0; i < g->nnodes; i++)
			wrapped &= check(!graph_search_has_seen(&fresh, memory_name(i)),
							 "round %d: node %d was not seen", round, i);
		if (round == 0)
			continue;
		for (int i = 0; i < 1500; i++)
			graph_search_seed(&fresh, memory_name(i));
		/* again: they are there already */
		for (int i = 0; i < 1500; i++)
			graph_search_seed(&fresh, memory_name(i));
		wrapped &= check(fresh.nseen == 1500 && fresh.frontier.n == 1500,
						 "seeds twice");
	}
	ok(wrapped, "%s: generations of the table end", g->flavor->name);

	graph_search_descend(&fresh, 0, 2 * g->nnodes);
	graph_search_run(&fresh);
	for (int i = 0; i < g->nnodes; i++)
	{
		bool		is_seen = graph_search_has_seen(&fresh, memory_name(i));

		seen += is_seen;
		grown &= check(is_seen == (g->nodes[i].layer == 0), "node %d", i);
		grown &= check(!graph_search_has_seen(&fresh, memory_name(i) +
											  (UINT64CONST(1) << 40)),
					   "a node that is not");
	}
	grown &= check(seen == (int) fresh.nseen && fresh.nseen > 2048 &&
				   fresh.seen_size >= fresh.nseen, "%d seen", seen);
	grown &= search_sound(g, &fresh, NULL);
	ok(grown, "%s: the table grows", g->flavor->name);
	memory_search_free(&fresh);
}

/* What edges say, from a node to another; 0: there is no edge */
#define LINE_NODES		5
typedef float LineEstimates[LINE_NODES][LINE_NODES];
static const float (*line)[LINE_NODES];

static float
line_estimate(int from, int to)
{
	return line[from][to];
}

/*
 * Visits nodes in this order?  A search for all of them that begins at the
 * first nseeds nodes, where edges say this.
 */
static bool
goes_through(const MemoryFlavor *flavor, const LineEstimates estimates,
			 int nseeds, const int *expected)
{
	MemoryGraph g;
	GraphSearch search;
	bool		right = true;

	memory_graph_init(&g, flavor, LINE_NODES);
	graph_search_create(&search, &g.store, SEARCH_RESUMABLE);
	for (int i = 0; i < LINE_NODES; i++)
		memory_node_new(&g, 0, memory_vector(&g, (float[MEMORY_DIMENSIONS])
											 {i}));
	for (int i = 0; i < LINE_NODES * LINE_NODES; i++)
	{
		if (estimates[i / LINE_NODES][i % LINE_NODES] != 0)
			memory_edge_new(&g, memory_name(i / LINE_NODES),
							memory_name(i % LINE_NODES));
	}
	line = estimates;
	g.on_estimate = line_estimate;
	g.on_visit = note_visit;
	visits_noted = 0;
	memory_query(&g, (float[MEMORY_DIMENSIONS]) {0});
	graph_search_begin(&search, 0, LINE_NODES);
	for (int i = 0; i < nseeds; i++)
		graph_search_seed(&search, memory_name(i));
	graph_search_run(&search);
	right &= check(visits_noted == LINE_NODES, "%d visits", visits_noted);
	for (int i = 0; i < Min(visits_noted, LINE_NODES); i++)
		right &= check(memory_index(visit_noted[i]) == expected[i],
					   "visit %d: %d, not %d", i,
					   memory_index(visit_noted[i]), expected[i]);
	right &= check(g.violations == 0, "rules");
	memory_search_free(&search);
	memory_graph_free(&g);
	return right;
}

/* A node's turn comes by the mean of what all edges said so far. */
void
test_means(void)
{
	static const MemoryFlavor flavor = {"means", true, KEYS_SQUARED, 0, false};
	static const LineEstimates falls = {{0, 10, 20, 40, 30}, {0, 0, 0, 10, 0}};
	static const int after_fall[] = {0, 1, 2, 3, 4};
	static const LineEstimates rises = {{0, 10, 30, 20, 40}, {0, 0, 0, 50, 0}};
	static const int after_rise[] = {0, 1, 2, 3, 4};
	static const LineEstimates three = {{0, 10, 20, 60, 38}, {0, 0, 0, 30, 0},
	{0, 0, 0, 30, 0}};
	static const int after_three[] = {0, 1, 2, 4, 3};
	static const LineEstimates seeds = {{0, 90, 10, 20, 30}, {0, 0, 40, 0, 0}};
	static const int after_seeds[] = {0, 1, 3, 2, 4};

	ok(goes_through(&flavor, falls, 1, after_fall), "an estimate falls");
	ok(goes_through(&flavor, rises, 1, after_rise), "an estimate rises");
	ok(goes_through(&flavor, three, 1, after_three), "the mean of three");
	ok(goes_through(&flavor, seeds, 2, after_seeds), "seeds come first");
}
