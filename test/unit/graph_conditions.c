/*-------------------------------------------------------------------------
 *
 * graph_conditions.c
 *	  Part of test_graph.c: conditions, and filters that watch over who asks.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_conditions.h"

/* What conditions depend on */
int			condition_percent;
float		condition_limit;
static const MemoryGraph *condition_graph;

/* A condition that has nothing to do with the place */
bool
by_chance(const MemoryNode *node)
{
	uint64		z = (node->vector + 1) * UINT64CONST(0x9E3779B97F4A7C15);

	return (int) ((z >> 40) % 100) < condition_percent;
}

/* A condition on the place: far off on the first axis */
bool
far_east(const MemoryNode *node)
{
	return condition_graph->vectors[node->vector][0] > condition_limit;
}

/* The second coordinate says whether it matches. */
bool
even(const MemoryNode *node)
{
	return (int) condition_graph->vectors[node->vector][1] % 2 == 0;
}

/* The first one is 3 more than a multiple of 4. */
bool
third_of_four(const MemoryNode *node)
{
	return (int) condition_graph->vectors[node->vector][0] % 4 == 3;
}

/* Edges may name a row that the node has no more. */
static bool
is_lied_about(const TestFilter *f, uint64 row)
{
	return (int) ((row * UINT64CONST(0xD1B54A32D192ED03) >> 40) % 100) <
		f->lies;
}

static GraphMatch
filter_matches(void *arg, uint64 row)
{
	TestFilter *f = arg;
	MemoryNode	node = {.vector = (int) row - 1};

	f->questions++;
	if (row == 0 || row > (uint64) f->g->nvectors ||
		++f->asked[row - 1] > 1)
	{
		f->wrong++;
		return MATCH_NO;
	}
	if (f->condition(&node) && !is_lied_about(f, row))
		return MATCH_YES;
	if (f->almost && f->almost(&node))
		return MATCH_ALMOST;
	f->refused++;
	return MATCH_NO;
}

/* GraphFilter.allows, for tests to set */
bool
filter_allows(void *arg, uint64 row)
{
	TestFilter *f = arg;
	MemoryNode	node = {.vector = (int) row - 1};
	bool		allowed = f->condition(&node) ||
		(f->almost && f->almost(&node));

	f->refused += !allowed;
	return allowed;
}

static bool
filter_accepts(void *arg, uint32 payload, uint64 row)
{
	TestFilter *f = arg;
	MemoryNode	node = {.vector = memory_payload_vector(f->g, payload)};

	return f->condition(&node);
}

/* Another query, or the same to be answered in another way */
void
filter_query(MemoryGraph *g, bool is_new)
{
	if (is_new)
		random_query(g);
	memory_query_again(g);
}

/* A filter for the query that comes next */
void
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
void
filter_begin(TestFilter *f, GraphSearch *search, int ef)
{
	graph_search_set_filter(search, NULL);
	graph_search_descend(search, 0, ef);
	graph_search_set_filter(search, &f->filter);
	f->rejected = search->rejected;
}

bool
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
