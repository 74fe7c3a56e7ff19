/*-------------------------------------------------------------------------
 *
 * graph_filters.c
 *	  Part of test_graph.c: searches that take part in a condition.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_conditions.h"

/* Where a seen node waits, once its turn has come */
static float
waiting_key(const MemoryGraph *g, const GraphSearch *search,
			const GraphSeen *seen)
{
	float		base = g->store.is_distance ? 0 : search->nearest;

	if (search->filter == NULL || seen->match != MATCH_NO ||
		seen->estimate <= base)
		return seen->estimate;
	return base + (seen->estimate - base) * search->filter->penalty;
}

/*
 * A filter that is to be sure of none, and sets no limits: has all been
 * visited that may lead to a result, and nothing been counted that ends it?
 */
static bool
crossed_all(const MemoryGraph *g, const GraphSearch *search)
{
	float		bound = search->results.n < search->ef ? FLT_MAX :
		search->results.items[0].distance;
	bool		right = check(search->sure.n == 0 &&
							  !graph_search_is_dry(search) &&
							  !graph_search_is_tired(search), "limits");

	for (uint32 i = 0; i < search->nseen; i++)
	{
		const GraphSeen *seen = &search->seen[i];

		right &= check(seen->expanded || waiting_key(g, search, seen) >
					   bound - 1e-5f * fabsf(bound),
					   "one is left that was seen %d times at %g, of %g",
					   seen->nestimates, seen->estimate, bound);
	}
	return right;
}

/* Conditions of any share: what is found, what is asked, and to the end */
void
test_filter(MemoryGraph *g, GraphSearch *search)
{
	static const int percents[] = {100, 50, 10, 2};
	TestFilter	f;
	bool		right = true;
	int			found = 0;
	int			wanted = 0;

	for (int i = 0; i < 24; i++)
	{
		MemoryTruth truth;

		g->forgetful = i % 2;
		condition_percent = percents[i / 6];
		random_query(g);
		filter_init(&f, g, by_chance, 2);
		filter_begin(&f, search, 40);
		graph_search_run(search);
		truth = memory_truth(g, 0, by_chance);
		right &= search_sound(g, search, by_chance);
		right &= search_lost_nothing(g, search);
		right &= crossed_all(g, search);
		wanted += Min(truth.n, 10);
		found += results_found(search, &truth, 10);
		if (i % 6 < 1)
		{
			graph_search_widen(search, 2 * g->nnodes);
			graph_search_run(search);
			right &= search_sound(g, search, by_chance);
			right &= check(graph_search_exhausted(search) &&
						   results_found(search, &truth, truth.n) == truth.n,
						   "%d of %d results", search->results.n, truth.n);
		}
		right &= filter_end(&f, search);
		free(truth.items);
	}
	g->forgetful = false;
	ok(right && found >= 0.96 * wanted,
	   "%s: recall %.4f with filters", g->flavor->name,
	   found / (double) wanted);
}

/*
 * Matches are far from the query.  With a penalty the search crosses to
 * them; without, it goes through all that is nearer.
 */
void
test_crossing(MemoryGraph *g, GraphSearch *search)
{
	TestFilter	f;
	int			queries = 10;
	int64		visits[2] = {0, 0};
	int			found[2] = {0, 0};
	bool		right = true;

	condition_limit = 350;
	for (int i = 0; i < 2 * queries; i++)
	{
		MemoryTruth truth;

		if (i % 2 == 0)
		{
			random_query(g);
			g->query[0] = -MEMORY_COORDINATE;
		}
		memory_query_again(g);
		filter_init(&f, g, far_east, i % 2 ? 1 : 4);
		filter_begin(&f, search, 20);
		graph_search_run(search);
		truth = memory_truth(g, 0, far_east);
		right &= search_sound(g, search, far_east);
		right &= check(search->results.n == 20, "%d results",
					   search->results.n);
		visits[i % 2] += g->visits;
		found[i % 2] += results_found(search, &truth, 10);
		right &= filter_end(&f, search);
		free(truth.items);
	}
	ok(right && found[0] >= 0.85 * 10 * queries &&
	   visits[0] < 0.6 * visits[1],
	   "%s: far matches: recall %.3f in %.1f visits, unpenalised %.3f in %.1f",
	   g->flavor->name, found[0] / (10.0 * queries),
	   visits[0] / (double) queries, found[1] / (10.0 * queries),
	   visits[1] / (double) queries);
}

/*
 * Nodes that do not match are crossed only where that can show something
 * nearer than the results to be sure of: fewer visits for these, and all the
 * same to the end if the search goes on.
 */
void
test_filter_sure(MemoryGraph *g, GraphSearch *search)
{
	static const GraphCrossing crossings[] = {CROSS_ALL, CROSS_NEARBY,
	CROSS_AT_MATCHES};
	TestFilter	f;
	int			queries = 12;
	double		saved = g->store.has_estimates ? 0.1 : 0;
	int			visits[] = {0, 0, 0};
	int			found[] = {0, 0, 0};
	bool		right = true;

	condition_percent = 10;
	for (int i = 0; i < 3 * queries; i++)
	{
		GraphCrossing crossing = crossings[i % 3];
		MemoryTruth truth;

		filter_query(g, i % 3 == 0);
		filter_init(&f, g, by_chance, 1.5f);
		f.filter.crossing = crossing;
		f.filter.sure = 10;
		filter_begin(&f, search, 40);
		graph_search_run(search);
		truth = memory_truth(g, 0, by_chance);
		right &= search_sound(g, search, by_chance);
		right &= search_lost_nothing(g, search);
		visits[i % 3] += g->visits;
		found[i % 3] += results_found(search, &truth, 10);
		graph_candidates_sort(search->results.items, search->results.n);
		if (crossing != CROSS_ALL)
			right &= check(search->sure.n == 10 &&
						   search->sure.items[0].distance ==
						   search->results.items[9].distance,
						   "sure of %d, not of the nearest",
						   search->sure.n);

		/* sorted is no heap any more, but there is room for all */
		f.filter.crossing = CROSS_ALL;
		graph_search_widen(search, 2 * g->nnodes);
		graph_search_run(search);
		right &= check(graph_search_exhausted(search) &&
					   results_found(search, &truth, truth.n) == truth.n,
					   "%d of %d results", search->results.n, truth.n);
		right &= filter_end(&f, search);
		free(truth.items);
	}
	ok(right && found[1] >= 0.9 * 10 * queries &&
	   found[1] >= found[2] && visits[1] < (1 - saved) * visits[0] &&
	   visits[2] < visits[1],
	   "%s: sure of 10: %.1f found in %.1f visits, at matches %.1f in %.1f, "
	   "of all %.1f in %.1f", g->flavor->name,
	   found[1] / (double) queries, visits[1] / (double) queries,
	   found[2] / (double) queries, visits[2] / (double) queries,
	   found[0] / (double) queries, visits[0] / (double) queries);
}

/* Go on with another way of crossing, and see what there is then. */
static void
filter_go_on(TestFilter *f, GraphSearch *search, GraphCrossing crossing)
{
	f->filter.crossing = crossing;
	graph_search_set_filter(search, &f->filter);
	graph_search_run(search);
}

/*
 * Edges say of most of the matches that they are none.  Who doubts it finds
 * them, and does not go through all that is there.  (Without estimates a node
 * is visited before its edge is asked, and what is seen there counts.)
 */
void
test_filter_doubted(MemoryGraph *g, GraphSearch *search)
{
	int			queries = 40;
	int			expansions[] = {0, 0};
	int			found[] = {0, 0};
	bool		right = true;

	condition_percent = 20;
	for (int i = 0; i < 2 * queries; i++)
	{
		bool		doubted = i % 2 == 1;
		MemoryTruth truth;
		TestFilter	f;

		filter_query(g, !doubted);
		filter_init(&f, g, by_chance, 1.5f);
		f.lies = 67;
		f.filter.sure = 10;
		f.filter.max_crossed = 10;
		f.filter.crossing = CROSS_AT_MATCHES;
		filter_begin(&f, search, 40);
		expansions[doubted] -= search->expansions;
		graph_search_run(search);
		filter_go_on(&f, search, CROSS_NEARBY);
		if (doubted)
		{
			f.filter.max_crossed = 0;
			f.filter.doubted = 0.95f;
			filter_go_on(&f, search, CROSS_AT_MATCHES);
			f.filter.max_dry = 50;
			filter_go_on(&f, search, CROSS_NEARBY);
		}
		expansions[doubted] += search->expansions;
		truth = memory_truth(g, 0, by_chance);
		right &= search_sound(g, search, by_chance);
		right &= search_lost_nothing(g, search);
		found[doubted] += results_found(search, &truth, 10);
		right &= filter_end(&f, search);
		free(truth.items);
	}
	ok(right && found[1] >= 0.95 * 10 * queries &&
	   (found[0] < found[1] - 0.3 * queries || !g->store.has_estimates) &&
	   expansions[1] < 2 * expansions[0],
	   "%s: doubted: %.2f found, %.1f expanded, believed: %.2f, %.1f",
	   g->flavor->name, found[1] / (double) queries,
	   expansions[1] / (double) queries, found[0] / (double) queries,
	   expansions[0] / (double) queries);
}

/*
 * When nodes are asked, as they are seen or when their turn comes, makes a
 * difference to the questions only.
 */
void
test_filter_at_sight(MemoryGraph *g, GraphSearch *search)
{
	static const GraphCrossing crossings[] = {CROSS_ALL, CROSS_NEARBY,
	CROSS_AT_MATCHES};
	bool		right = true;
	int			questions[2] = {0, 0};

	condition_percent = 10;
	for (int i = 0; i < 12; i++)
	{
		GraphCandidate results[40];
		int64		visits = 0;

		random_query(g);
		for (int at_sight = 0; at_sight <= 1; at_sight++)
		{
			TestFilter	f;
			int			n;

			memory_query_again(g);
			filter_init(&f, g, by_chance, 1.5f);
			f.filter.crossing = crossings[i % 3];
			f.filter.sure = 10;
			f.filter.asks_at_sight = at_sight;
			filter_begin(&f, search, 40);
			graph_search_run(search);
			right &= search_sound(g, search, by_chance);
			right &= search_lost_nothing(g, search);
			n = search->results.n;
			graph_candidates_sort(search->results.items, n);
			right &= check(n == 40, "%d results", n);
			for (int j = 0; j < n && at_sight; j++)
				right &= check(search->results.items[j].node ==
							   results[j].node, "result %d differs", j);
			right &= check(!at_sight || visits == g->visits,
						   "%d visits, not %d", (int) g->visits,
						   (int) visits);
			memcpy(results, search->results.items, n * sizeof(*results));
			visits = g->visits;
			questions[at_sight] += f.questions;
			right &= filter_end(&f, search);
		}
	}
	ok(right && (g->store.has_estimates ? questions[1] > questions[0] :
				 questions[1] == questions[0]),
	   "%s: asked at sight: %d questions, not %d", g->flavor->name,
	   questions[1], questions[0]);
}

/*
 * Where matches are all over the place, few of their edges lead to others;
 * where they are in one, most do.  Who has no estimates does not count.
 */
void
test_filter_groups(MemoryGraph *g, GraphSearch *search)
{
	static const Condition conditions[] = {by_chance, far_east};
	double		edges[2];
	bool		right = true;

	condition_percent = 10;
	condition_limit = 350;
	for (int i = 0; i < 2; i++)
	{
		TestFilter	f;

		random_query(g);
		filter_init(&f, g, conditions[i], 1.5f);
		f.filter.asks_at_sight = true;
		filter_begin(&f, search, 40);
		graph_search_run(search);
		right &= check(search->matches <= search->expansions &&
					   search->match_edges <= search->match_neighbors &&
					   search->match_neighbors <=
					   search->matches * g->store.max_edges, "too many");
		right &= check(g->store.has_estimates ||
					   !graph_search_is_grouped(search), "grouped");
		right &= check(graph_search_is_connected(search) ==
					   (i == 1 || !g->store.has_estimates), "connected?");
		edges[i] = search->match_edges / Max(search->matches, 1.0);
		right &= filter_end(&f, search);
	}
	ok(right && (g->store.has_estimates ?
				 edges[0] > 0.1 && edges[1] > 2 * edges[0] :
				 edges[0] + edges[1] == 0),
	   "%s: %.1f edges from match to match, %.1f", g->flavor->name,
	   edges[0], edges[1]);
}

/*
 * Does everything wait where its estimate and the filter say, or before?  What
 * further edges make out to be farther is moved when its turn comes.
 */
static bool
keys_right(const MemoryGraph *g, const GraphSearch *search)
{
	bool		right = true;
	float	   *least = malloc(search->nseen * sizeof(float));

	for (uint32 i = 0; i < search->nseen; i++)
		least[i] = FLT_MAX;
	for (int i = 0; i < search->frontier.n + search->crossings.n; i++)
	{
		const GraphHeapItem *item = i < search->frontier.n ?
			&search->frontier.items[i] :
			&search->crossings.items[i - search->frontier.n];

		least[item->index] = fminf(least[item->index], item->key);
	}
	for (uint32 i = 0; i < search->nseen; i++)
	{
		const GraphSeen *seen = &search->seen[i];
		float		key = waiting_key(g, search, seen);
		bool		many = seen->nestimates > 1;

		if (seen->expanded || least[i] == FLT_MAX)
			continue;
		right &= check(least[i] <= key + 1e-5f * fabsf(key) &&
					   (many || least[i] >= key - 1e-5f * fabsf(key)),
					   "waits at %g, not %g", least[i], key);
	}
	free(least);
	return right;
}

/* Another penalty in mid-search; what was asked is not asked again. */
void
test_filter_change(MemoryGraph *g, GraphSearch *search)
{
	TestFilter	f;
	bool		right = true;

	condition_percent = 10;
	for (int i = 0; i < 6; i++)
	{
		GraphFilter lower;
		MemoryTruth truth;
		int			found;

		random_query(g);
		filter_init(&f, g, by_chance, 4);
		filter_begin(&f, search, 40);
		search->max_visits = search->visits + 15 * i;
		graph_search_run(search);
		search->max_visits = PG_INT64_MAX;
		lower = f.filter;
		lower.penalty = 1.5f;
		graph_search_set_filter(search, &lower);
		right &= check(search->last_gain == search->expansions &&
					   search->last_sure == search->expansions &&
					   search->crossed == 0, "dry or tired at once");
		right &= keys_right(g, search);
		right &= search_lost_nothing(g, search);
		graph_search_run(search);
		right &= search_sound(g, search, by_chance);
		right &= search_lost_nothing(g, search);
		truth = memory_truth(g, 0, by_chance);
		found = results_found(search, &truth, 10);
		right &= check(found >= 7, "%d of 10 found", found);

		/* and none at all: live nodes visited so far are not offered anew */
		graph_search_set_filter(search, NULL);
		right &= keys_right(g, search);
		right &= search_lost_nothing(g, search);
		graph_search_widen(search, 2 * g->nnodes);
		graph_search_run(search);
		right &= check(graph_search_exhausted(search), "not exhausted");
		right &= filter_end(&f, search);
		free(truth.items);
	}
	ok(right, "%s: another filter in mid-search", g->flavor->name);
}
