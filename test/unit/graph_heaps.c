/*-------------------------------------------------------------------------
 *
 * graph_heaps.c
 *	  Part of test_graph.c: heaps and levels.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_test.h"

#define MAX_ITEMS	200

/* Keys with more ties or fewer; signed, and now and then a limit of float */
static float
random_key(int range)
{
	if (random_int(100) == 0)
		return random_int(2) ? FLT_MAX : -FLT_MAX;
	return random_int(range) - range / 2;
}

/*
 * The frontier: pushes and pops in any order.  What is popped is the least
 * of what is there, and comes with the index it was pushed with.
 */
static bool
min_heap_right(int n, int range)
{
	GraphHeapItem *items = malloc(Max(n, 1) * sizeof(GraphHeapItem));
	float	   *keys = malloc(Max(n, 1) * sizeof(float));
	bool	   *inside = calloc(Max(n, 1), sizeof(bool));
	int			pushed = 0;
	int			count = 0;
	bool		right = true;

	while (pushed < n || count > 0)
	{
		if (pushed < n && (count == 0 || random_int(3) > 0))
		{
			GraphHeapItem item = {random_key(range), pushed};

			keys[pushed] = item.key;
			inside[pushed++] = true;
			graph_heap_push(items, count++, item);
		}
		else
		{
			GraphHeapItem top = graph_heap_pop(items, count--);

			right &= check(inside[top.index] && keys[top.index] == top.key,
						   "popped what was not there");
			inside[top.index] = false;
			for (int i = 0; i < pushed; i++)
				right &= check(!inside[i] || keys[i] >= top.key,
							   "%g is not the least: %g", top.key, keys[i]);
		}
	}
	free(items);
	free(keys);
	free(inside);
	return right;
}

/* The results: the k least of n, the greatest of them on top */
static bool
max_heap_right(int n, int k, int range)
{
	GraphCandidate *heap = malloc(k * sizeof(GraphCandidate));
	float	   *keys = malloc(Max(n, 1) * sizeof(float));
	float	   *kept = malloc(k * sizeof(float));
	int			count = 0;
	bool		right = true;

	for (int i = 0; i < n; i++)
	{
		GraphCandidate c = {random_key(range), i, memory_name(i)};

		keys[i] = c.distance;
		if (count < k)
			graph_worst_push(heap, count++, c);
		else if (c.distance < heap[0].distance)
			graph_worst_replace(heap, k, c);
		for (int j = 0; j < count; j++)
			right &= check(heap[j].distance <= heap[0].distance, "the top");
	}
	for (int i = 0; i < count; i++)
	{
		kept[i] = heap[i].distance;
		right &= check(heap[i].distance == keys[heap[i].payload] &&
					   heap[i].node == memory_name(heap[i].payload),
					   "a candidate came apart");
		for (int j = 0; j < i; j++)
			right &= check(heap[j].payload != heap[i].payload, "one twice");
	}
	qsort(keys, n, sizeof(float), compare_floats);
	qsort(kept, count, sizeof(float), compare_floats);
	right &= check(count == Min(n, k) &&
				   memcmp(keys, kept, count * sizeof(float)) == 0,
				   "not the %d least of %d", k, n);
	free(heap);
	free(keys);
	free(kept);
	return right;
}

static bool
sort_right(int n, int range)
{
	GraphCandidate *c = malloc(Max(n, 1) * sizeof(GraphCandidate));
	float	   *keys = malloc(Max(n, 1) * sizeof(float));
	bool	   *met = calloc(Max(n, 1), sizeof(bool));
	bool		right = true;

	for (int i = 0; i < n; i++)
	{
		c[i].distance = keys[i] = random_key(range);
		c[i].payload = i;
		c[i].node = memory_name(i);
	}
	graph_candidates_sort(c, n);
	for (int i = 0; i < n; i++)
	{
		right &= check(c[i].distance == keys[c[i].payload] &&
					   c[i].node == memory_name(c[i].payload) &&
					   !met[c[i].payload], "a candidate came apart");
		met[c[i].payload] = true;
	}
	qsort(keys, n, sizeof(float), compare_floats);
	for (int i = 0; i < n; i++)
		right &= check(c[i].distance == keys[i], "%d of %d: %g, should be %g",
					   i, n, c[i].distance, keys[i]);
	free(c);
	free(keys);
	free(met);
	return right;
}

void
test_heaps(void)
{
	static const int ranges[] = {1, 3, 50, 1000000};
	bool		frontier = true;
	bool		results = true;
	bool		sort = true;

	for (int n = 0; n <= MAX_ITEMS; n += 1 + n / 20)
	{
		for (int r = 0; r < (int) lengthof(ranges); r++)
		{
			frontier &= min_heap_right(n, ranges[r]);
			results &= max_heap_right(n, 1 + random_int(n + 3), ranges[r]);
			sort &= sort_right(n, ranges[r]);
		}
	}
	ok(frontier, "frontier: the least first, nothing lost");
	ok(results, "results: the least of all, the greatest of them on top");
	ok(sort, "graph_candidates_sort, compared with qsort");
}

/* Is a count as likely as the binomial distribution has it? */
static bool
is_likely(int count, int n, double p)
{
	return fabs(count - n * p) <= 5 * sqrt(n * p * (1 - p)) + 1;
}

void
test_levels(void)
{
	static const int ms[] = {2, 5, 16, 100};
	bool		bounds = true;
	bool		edges = true;
	bool		shares = true;

	for (int i = 0; i < (int) lengthof(ms); i++)
	{
		int			m = ms[i];
		int			n = 200000;
		int			at_least[GRAPH_MAX_LAYER + 2] = {0};

		/* the least that can be, the least drawn (2^-53), and the greatest */
		bounds &= check(graph_draw_level(DBL_MIN, m) == GRAPH_MAX_LAYER,
						"m %d: level %d", m, graph_draw_level(DBL_MIN, m));
		bounds &= check(graph_draw_level(ldexp(1, -53), m) ==
						Min((int) (53 * log(2) / log(m) + 1e-9),
							GRAPH_MAX_LAYER), "m %d: 2^-53", m);
		bounds &= check(graph_draw_level(1, m) == 0 &&
						graph_draw_level(1 - 1e-16, m) == 0, "m %d: 1", m);
		for (int level = 1; level < 6; level++)
		{
			double		edge = pow(m, -level);

			edges &= check(graph_draw_level(edge * 0.999999, m) == level &&
						   graph_draw_level(edge * 1.000001, m) == level - 1,
						   "m %d: level %d", m, level);
		}
		for (int k = 0; k < n; k++)
		{
			int			level = graph_draw_level(1 - random_unit(), m);

			bounds &= check(level >= 0 && level <= GRAPH_MAX_LAYER,
							"level %d", level);
			for (; level >= 0; level--)
				at_least[level]++;
		}
		for (int level = 0; level < 6; level++)
			shares &= check(is_likely(at_least[level], n, pow(m, -level)),
							"m %d: %d of %d reach level %d", m,
							at_least[level], n, level);
	}
	ok(bounds, "graph_draw_level: bounds");
	ok(edges, "graph_draw_level: where one level ends");
	ok(shares, "graph_draw_level: 1 in m rises by one");
}
