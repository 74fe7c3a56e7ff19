/*-------------------------------------------------------------------------
 *
 * graph_filters.c
 *	  Part of test_graph.c: searches that take part in a condition.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_test.h"

/* A condition: which nodes match */
typedef bool (*Condition) (const MemoryNode *node);

typedef struct TestFilter
{
	GraphFilter filter;			/* its arg is this struct */
	MemoryGraph *g;
	Condition	condition;
	int			lies;			/* percent of the matches it says no to */
	int		   *asked;			/* by vector */
	int			questions;
	int			wrong;			/* questions that should not have been */
	int			refused;		/* questions answered with no */
	int64		rejected;		/* what the search counted before */
} TestFilter;

/* What conditions depend on */
static int	condition_percent;
static const MemoryGraph *condition_graph;
static float condition_limit;

/* A condition that has nothing to do with the place */
static bool
by_chance(const MemoryNode *node)
{
	uint64		z = (node->vector + 1) * UINT64CONST(0x9E3779B97F4A7C15);

	return (int) ((z >> 40) % 100) < condition_percent;
}

/* A condition on the place: far off on the first axis */
static bool
far_east(const MemoryNode *node)
{
	return condition_graph->vectors[node->vector][0] > condition_limit;
}

/* Nearer to the query than a limit */
static bool
nearest_few(const MemoryNode *node)
{
	float		key = 0;
	const float *x = condition_graph->vectors[node->vector];

	for (int i = 0; i < MEMORY_DIMENSIONS; i++)
	{
		float		q = condition_graph->query[i];

		key += condition_graph->flavor->keys == KEYS_SQUARED ?
			(x[i] - q) * (x[i] - q) : -x[i] * q;
	}
	return key <= condition_limit;
}

/* The second coordinate says whether it matches. */
static bool
even(const MemoryNode *node)
{
	return (int) condition_graph->vectors[node->vector][1] % 2 == 0;
}

/* Edges may name a row that the node has no more. */
static bool
is_lied_about(const TestFilter *f, uint64 row)
{
	return (int) ((row * UINT64CONST(0xD1B54A32D192ED03) >> 40) % 100) <
		f->lies;
}

static bool
filter_matches(void *arg, uint64 row)
{
	TestFilter *f = arg;
	MemoryNode	node = {.vector = (int) row - 1};
	bool		matches;

	f->questions++;
	if (row == 0 || row > (uint64) f->g->nvectors ||
		++f->asked[row - 1] > 1)
	{
		f->wrong++;
		return false;
	}
	matches = f->condition(&node) && !is_lied_about(f, row);
	f->refused += !matches;
	return matches;
}

static bool
filter_accepts(void *arg, uint32 payload, uint64 row)
{
	TestFilter *f = arg;
	MemoryNode	node = {.vector = memory_payload_vector(f->g, payload)};

	return f->condition(&node);
}

/* A filter for the query that comes next */
static void
filter_init(TestFilter *f, MemoryGraph *g, Condition condition,
			float penalty)
{
	memset(f, 0, sizeof(*f));
	f->filter.matches = filter_matches;
	f->filter.accepts = filter_accepts;
	f->filter.arg = f;
	f->filter.penalty = penalty;
	f->g = g;
	f->condition = condition;
	f->asked = calloc(g->nvectors, sizeof(int));
	condition_graph = g;
}

/* Descend without the filter, as am_walk.c does, and begin with it. */
static void
filter_begin(TestFilter *f, GraphSearch *search, int ef)
{
	graph_search_set_filter(search, NULL);
	graph_search_descend(search, 0, ef);
	graph_search_set_filter(search, &f->filter);
	f->rejected = search->rejected;
}

static bool
filter_end(TestFilter *f, GraphSearch *search)
{
	bool		right = check(f->wrong == 0, "%d questions of %d were wrong",
							  f->wrong, f->questions);

	right &= check(search->rejected - f->rejected == f->refused,
				   "%d rejected, not %d",
				   (int) (search->rejected - f->rejected), f->refused);
	search->filter = NULL;
	free(f->asked);
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
	double		saved = g->store.has_estimates ? 0.3 : 0.02;
	int			visits[] = {0, 0, 0};
	int			found[] = {0, 0, 0};
	bool		right = true;

	condition_percent = 10;
	for (int i = 0; i < 3 * queries; i++)
	{
		GraphCrossing crossing = crossings[i % 3];
		MemoryTruth truth;

		if (i % 3 == 0)
			random_query(g);
		memory_query_again(g);
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
filter_go_on(TestFilter *f, GraphSearch *search, GraphCrossing crossing,
			 int max_dry)
{
	f->filter.crossing = crossing;
	f->filter.max_dry = max_dry;
	graph_search_set_filter(search, &f->filter);
	graph_search_run(search);
}

/*
 * Edges say of a third of the matches that they are none.  Who doubts it finds
 * them, and does not go through all that is there.  (Without estimates a node
 * is visited before its edge is asked, and what is seen there counts.)
 */
void
test_filter_doubted(MemoryGraph *g, GraphSearch *search)
{
	int			queries = 20;
	int			expansions[] = {0, 0};
	int			found[] = {0, 0};
	bool		right = true;

	condition_percent = 20;
	for (int i = 0; i < 2 * queries; i++)
	{
		bool		doubted = i % 2 == 1;
		MemoryTruth truth;
		TestFilter	f;

		if (!doubted)
			random_query(g);
		memory_query_again(g);
		filter_init(&f, g, by_chance, 1.5f);
		f.lies = 33;
		f.filter.sure = 10;
		f.filter.crossing = CROSS_AT_MATCHES;
		filter_begin(&f, search, 40);
		expansions[doubted] -= search->expansions;
		graph_search_run(search);
		f.filter.doubted = doubted ? 0.95f : 0;
		if (doubted)
			filter_go_on(&f, search, CROSS_AT_MATCHES, 0);
		filter_go_on(&f, search, CROSS_NEARBY, 50);
		expansions[doubted] += search->expansions;
		truth = memory_truth(g, 0, by_chance);
		right &= search_sound(g, search, by_chance);
		right &= search_lost_nothing(g, search);
		found[doubted] += results_found(search, &truth, 10);
		right &= filter_end(&f, search);
		free(truth.items);
	}
	ok(right && found[1] >= 0.97 * 10 * queries &&
	   (found[0] < 0.9 * 10 * queries || !g->store.has_estimates) &&
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
					   search->match_edges <=
					   search->matches * g->store.max_edges, "too many");
		edges[i] = search->match_edges / Max(search->matches, 1.0);
		right &= filter_end(&f, search);
	}
	ok(right && (g->store.has_estimates ?
				 edges[0] > 0.1 && edges[1] > 2 * edges[0] :
				 edges[0] + edges[1] == 0),
	   "%s: %.1f edges from match to match, %.1f", g->flavor->name,
	   edges[0], edges[1]);
}

/* Half of the results are there and no more come: when does it end? */
void
test_filter_dry(MemoryGraph *g, GraphSearch *search)
{
	TestFilter	f;
	bool		right = true;
	int			ef = 20;

	for (int i = 0; i < 6; i++)
	{
		int			matches = ef / 2 - i % 2;
		int			limit = i % 3 == 2 ? 0 : 60;
		int			excess = g->store.has_estimates ? 1 :
			g->store.max_edges + 1;
		int64		dry;
		MemoryTruth truth;

		random_query(g);
		truth = memory_truth(g, 0, NULL);
		condition_limit = truth.items[matches - 1].distance;
		free(truth.items);
		filter_init(&f, g, nearest_few, 1.5f);
		f.filter.max_dry = limit;
		filter_begin(&f, search, ef);
		graph_search_run(search);
		dry = search->expansions - search->last_gain;
		right &= search_sound(g, search, nearest_few);
		right &= check(search->results.n == matches, "%d of %d matches",
					   search->results.n, matches);
		if (matches == ef / 2 && limit > 0)
			right &= check(dry > limit && dry <= limit + excess &&
						   search->frontier.n > 0,
						   "%d visits without gain, not %d", (int) dry,
						   limit + 1);
		else
			right &= check(graph_search_exhausted(search),
						   "ended after %d visits without gain", (int) dry);
		right &= check(graph_search_is_dry(search) ==
					   (matches == ef / 2 && limit > 0), "is it dry?");
		right &= filter_end(&f, search);
	}
	ok(right, "%s: max_dry", g->flavor->name);
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
	for (int i = 0; i < search->frontier.n; i++)
	{
		const GraphHeapItem *item = &search->frontier.items[i];

		least[item->index] = fminf(least[item->index], item->key);
	}
	for (uint32 i = 0; i < search->nseen; i++)
	{
		const GraphSeen *seen = &search->seen[i];
		float		base = g->store.is_distance ? 0 : search->nearest;
		float		key = seen->estimate;
		bool		many = seen->nestimates > 1;

		if (seen->expanded || least[i] == FLT_MAX)
			continue;
		if (search->filter && seen->match == MATCH_NO && key > base)
			key = base + (key - base) * search->filter->penalty;
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
		lower.max_dry = 60;
		graph_search_set_filter(search, &lower);
		right &= check(search->last_gain == search->expansions, "dry at once");
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

/*
 * A hub with edges to five nodes on a line, of which those at even places
 * match.  Where does the search with this penalty go?  From the second node
 * on, with another penalty; 0 means the same.
 */
static bool
goes_through(const MemoryFlavor *flavor, const int *places, float penalty,
			 float then, const int *expected)
{
	MemoryGraph g;
	GraphSearch search;
	TestFilter	f;
	float		x[MEMORY_DIMENSIONS] = {0};
	bool		right = true;

	memory_graph_init(&g, flavor, 8);
	graph_search_create(&search, &g.store, SEARCH_RESUMABLE);
	for (int i = 0; i < 6; i++)
	{
		x[0] = places[i];
		x[1] = places[i] % 2;
		memory_node_new(&g, 0, memory_vector(&g, x));
		if (i > 0)
			memory_edge_new(&g, memory_name(0), memory_name(i));
	}
	g.entry = memory_name(0);
	x[0] = flavor->keys == KEYS_SQUARED ? 0 : 1;
	x[1] = 0;
	memory_query(&g, x);
	filter_init(&f, &g, even, penalty);
	filter_begin(&f, &search, 10);
	visits_noted = 0;
	g.on_visit = note_visit;
	if (then > 0)
	{
		search.max_visits = search.visits + 2;
		graph_search_run(&search);
		search.max_visits = PG_INT64_MAX;
		f.filter.penalty = then;
		graph_search_set_filter(&search, &f.filter);
		right &= keys_right(&g, &search);
	}
	graph_search_run(&search);
	right &= check(visits_noted == 6, "%d nodes", visits_noted);
	for (int i = 0; i < Min(visits_noted, 6); i++)
	{
		const MemoryNode *node = memory_node(&g, visit_noted[i]);

		right &= check(g.vectors[node->vector][0] == expected[i],
					   "penalty %g: to %g, not %d", penalty,
					   g.vectors[node->vector][0], expected[i]);
	}
	right &= filter_end(&f, &search);
	memory_search_free(&search);
	memory_graph_free(&g);
	return right;
}

/* A node that does not match waits as if it were so many times as far. */
void
test_penalty_order(void)
{
	static const MemoryFlavor distances = {"squares", true, KEYS_SQUARED, 0};
	static const MemoryFlavor others = {"products", true, KEYS_PRODUCT, 0};

	/* keys 10000; 122, 170, 256, 400, 676 */
	static const int squares[] = {100, 11, 13, 16, 20, 26};
	static const int squares_3[] = {100, 16, 11, 20, 13, 26};
	static const int squares_9[] = {100, 16, 20, 26, 11, 13};
	static const int squares_9_2[] = {100, 16, 11, 13, 20, 26};

	/* keys -100; -491, -400, -391, -300, -150: counted from the nearest */
	static const int products[] = {100, 491, 400, 391, 300, 150};
	static const int products_3[] = {100, 491, 400, 300, 391, 150};
	static const int products_9[] = {100, 491, 400, 300, 150, 391};
	bool		right;

	right = goes_through(&distances, squares, 1, 0, squares);
	right &= goes_through(&distances, squares, 3, 0, squares_3);
	right &= goes_through(&distances, squares, 9, 0, squares_9);
	right &= goes_through(&distances, squares, 9, 2, squares_9_2);
	ok(right, "the way with penalties, where keys are distances");

	right = goes_through(&others, products, 1, 0, products);
	right &= goes_through(&others, products, 3, 0, products_3);
	right &= goes_through(&others, products, 9, 0, products_9);
	right &= goes_through(&others, products, 9, 3, products_3);
	ok(right, "the way with penalties, where they are not");
}
