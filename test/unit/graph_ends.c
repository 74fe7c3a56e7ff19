/*-------------------------------------------------------------------------
 *
 * graph_ends.c
 *	  Part of test_graph.c: when a search with a condition ends, though there
 *	  is more that is near.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_conditions.h"

/* What was known when a node was expanded */
typedef struct Step
{
	const GraphSeen *seen;		/* the node; NULL: nothing was */
	bool		is_sure;		/* were there enough results to be sure of? */
	float		bound;			/* the last of these */
	float		nearest;
	bool		tired;
} Step;

/* Run the search until one more node is expanded; false: there is none. */
static bool
filter_step(MemoryGraph *g, GraphSearch *search, Step *step)
{
	int64		before = search->expansions;

	step->is_sure = search->sure.n == search->filter->sure;
	step->bound = step->is_sure ? search->sure.items[0].distance : FLT_MAX;
	step->nearest = search->nearest;
	step->tired = graph_search_is_tired(search);
	step->seen = NULL;
	visits_noted = 0;
	g->on_visit = note_visit;
	search->max_visits = search->visits + 1;
	graph_search_run(search);
	search->max_visits = PG_INT64_MAX;
	g->on_visit = NULL;
	if (search->expansions == before)
		return false;
	for (uint32 i = 0; i < search->nseen; i++)
	{
		if (search->seen[i].node == visit_noted[0])
			step->seen = &search->seen[i];
	}
	return check(step->seen && search->expansions == before + 1,
				 "%d nodes expanded at once",
				 (int) (search->expansions - before));
}

/* What changes when those to be sure of improve */
static double
sure_total(const GraphSearch *search)
{
	double		total = 0;

	for (int i = 0; i < search->sure.n; i++)
		total += search->sure.items[i].distance;
	return total;
}

/* Run the search; returns when those were improved for the last time. */
static int64
improves_until(MemoryGraph *g, GraphSearch *search)
{
	Step		step;
	int64		last = search->last_sure;
	int			n = search->sure.n;
	double		total = sure_total(search);

	while (filter_step(g, search, &step))
	{
		if (search->sure.n != n || sure_total(search) != total)
			last = search->expansions;
		n = search->sure.n;
		total = sure_total(search);
	}
	return last;
}

/*
 * Edges are doubted, and results still come, but for long none of those to be
 * sure of.
 */
void
test_filter_dry(MemoryGraph *g, GraphSearch *search)
{
	int			limit = 30;
	int			gains = 0;
	bool		right = true;

	condition_percent = 20;
	for (int i = 0; i < 9; i++)
	{
		bool		ends = i % 3 == 0;
		bool		all = i % 3 == 1;
		TestFilter	f;

		random_query(g);
		filter_init(&f, g, by_chance, 1.5f);
		f.filter.crossing = CROSS_NEARBY;
		f.filter.doubted = 0.9f;
		f.filter.sure = all ? g->nnodes : 5;
		f.filter.max_dry = ends || all ? limit : 0;
		filter_begin(&f, search, 200);
		for (int round = 0; round < 2; round++)
		{
			int64		last = improves_until(g, search);
			int64		dry = search->expansions - last;
			int			waiting = search->frontier.n + search->crossings.n;

			right &= check(last == search->last_sure, "improved at %d, not %d",
						   (int) last, (int) search->last_sure);
			gains += search->last_gain > search->last_sure;
			right &= search_sound(g, search, by_chance);
			right &= search_lost_nothing(g, search);
			right &= check(graph_search_is_dry(search) == ends,
						   "dry after %d", (int) dry);
			if (ends)
				right &= check(dry == limit + 1 && waiting > 0,
							   "ends after %d", (int) dry);
			else
				right &= check(all ? search->crossings.n == 0 : dry > limit,
							   "%d are left after %d", waiting, (int) dry);

			/* begins to count anew */
			if (ends)
				graph_search_set_filter(search, &f.filter);
			right &= check(!graph_search_is_dry(search), "is dry");
		}
		right &= filter_end(&f, search);
	}
	ok(right && gains > 0, "%s: max_dry", g->flavor->name);
}

/*
 * Run a search that crosses only so many in vain.  Is none crossed after that
 * which was known not to match, and all visited that match and are near?
 */
static bool
crosses_until_tired(MemoryGraph *g, GraphSearch *search)
{
	Step		step;
	bool		right = true;
	int			after = 0;

	while (filter_step(g, search, &step))
	{
		if (!step.tired || !step.is_sure)
			continue;
		after++;
		right &= check(step.seen->match == MATCH_YES, "crosses another");
	}
	right &= check(search->frontier.n == 0 || after > 0 ||
				   !graph_search_is_tired(search), "no match after that");
	for (uint32 i = 0; i < search->nseen; i++)
	{
		const GraphSeen *seen = &search->seen[i];

		right &= check(seen->expanded || seen->match == MATCH_NO ||
					   seen->estimate > search->results.items[0].distance,
					   "a match at %g is left, of results up to %g",
					   seen->estimate, search->results.items[0].distance);
	}
	return right;
}

/* Crossing ends when it has been in vain for long enough. */
void
test_filter_tired(MemoryGraph *g, GraphSearch *search)
{
	static const GraphCrossing crossings[] = {CROSS_NEARBY,
	CROSS_AT_MATCHES};
	static const int limits[] = {0, 5, 1000000};
	int			queries = 10;
	int			visits[] = {0, 0, 0};
	int			found[] = {0, 0, 0};
	int			tired = 0;
	bool		right = true;

	condition_percent = 10;
	for (int i = 0; i < 3 * queries; i++)
	{
		TestFilter	f;
		MemoryTruth truth;

		filter_query(g, i % 3 == 0);
		filter_init(&f, g, by_chance, 1.5f);
		f.filter.crossing = crossings[i / 3 % 2];
		f.filter.asks_at_sight = i / 6 % 2;
		f.filter.sure = 10;
		f.filter.max_crossed = limits[i % 3];
		filter_begin(&f, search, 40);
		right &= crosses_until_tired(g, search);
		visits[i % 3] += g->visits;
		if (graph_search_is_tired(search))
		{
			tired++;
			right &= check(i % 3 == 1, "tired without a limit");
		}
		right &= search_sound(g, search, by_chance);
		right &= search_lost_nothing(g, search);

		/* then without a limit, from all that was left */
		f.filter.max_crossed = 0;
		graph_search_set_filter(search, &f.filter);
		right &= check(search->crossed == 0, "goes on counting");
		graph_search_run(search);
		truth = memory_truth(g, 0, by_chance);
		right &= search_sound(g, search, by_chance);
		right &= search_lost_nothing(g, search);
		found[i % 3] += results_found(search, &truth, 10);
		right &= filter_end(&f, search);
		free(truth.items);
	}
	ok(right && tired > 0 && visits[1] < visits[0] &&
	   visits[2] == visits[0] && found[2] == found[0] &&
	   found[1] >= found[0] - queries / 5,
	   "%s: max_crossed: %.1f visits, not %.1f; then %.1f, not %.1f found",
	   g->flavor->name, visits[1] / (double) queries,
	   visits[0] / (double) queries, found[1] / (double) queries,
	   found[0] / (double) queries);
}

/* How many matches were expanded that were farther than this reach? */
static int
expanded_beyond(MemoryGraph *g, GraphSearch *search, float reach)
{
	Step		step;
	int			beyond = 0;

	while (filter_step(g, search, &step))
	{
		float		base = g->store.is_distance ? 0 : step.nearest;

		if (step.is_sure && step.seen->match == MATCH_YES &&
			step.seen->estimate > base + (step.bound - base) * reach)
			beyond++;
	}
	return beyond;
}

/* Matches beyond reach of those to be sure of are not worth a visit. */
void
test_filter_reach(MemoryGraph *g, GraphSearch *search)
{
	float		reach = 1.5f;
	int			queries = 20;
	int			beyond[] = {0, 0};
	int			visits[] = {0, 0};
	int			found[] = {0, 0};
	bool		right = true;

	condition_percent = 50;
	for (int i = 0; i < 2 * queries; i++)
	{
		TestFilter	f;
		MemoryTruth truth;

		filter_query(g, i % 2 == 0);
		filter_init(&f, g, by_chance, 3);
		f.filter.crossing = CROSS_NEARBY;
		f.filter.asks_at_sight = i / 2 % 2;
		f.filter.sure = 10;
		f.filter.least = i / 4 % 2 ? 10 : 0;
		f.filter.reach = i % 2 ? reach : 0;
		filter_begin(&f, search, 150);
		beyond[i % 2] += expanded_beyond(g, search, reach);
		visits[i % 2] += g->visits;
		truth = memory_truth(g, 0, by_chance);
		right &= search_sound(g, search, by_chance);
		right &= search_lost_nothing(g, search);
		found[i % 2] += results_found(search, &truth, 10);

		/* what was left is there for who wants more */
		f.filter.reach = 0;
		graph_search_set_filter(search, &f.filter);
		graph_search_run(search);
		right &= check(search->results.n == 150, "%d results",
					   search->results.n);
		right &= search_sound(g, search, by_chance);
		right &= filter_end(&f, search);
		free(truth.items);
	}
	ok(right && beyond[0] > 0 && beyond[1] == 0 && visits[1] < visits[0] &&
	   found[1] >= 0.94 * 10 * queries,
	   "%s: reach: %.1f found in %.1f visits, else %.1f in %.1f, %d beyond",
	   g->flavor->name, found[1] / (double) queries,
	   visits[1] / (double) queries, found[0] / (double) queries,
	   visits[0] / (double) queries, beyond[0]);
}
