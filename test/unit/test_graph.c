/*-------------------------------------------------------------------------
 *
 * test_graph.c
 *	  Tests of the graph: heaps, search, choice of neighbors, insertion.
 *
 * On a store in memory (graph_memory.h), of several flavors: estimates that
 * are exact, that err as sketches do, and none; keys that are distances, and
 * keys that are not; nodes by themselves, and in one place with others.  The
 * parts are in graph_*.c.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_test.h"

#define VECTORS		2200

static const MemoryFlavor flavors[] = {
	{"exact estimates", true, KEYS_SQUARED, 0, false},
	{"noisy estimates", true, KEYS_SQUARED, 0.3f, false},
	{"no estimates", false, KEYS_SQUARED, 0, false},
	{"noisy products", true, KEYS_PRODUCT, 0.15f, false},
	{"products, no estimates", false, KEYS_PRODUCT, 0, false},
	{"noisy estimates, places", true, KEYS_SQUARED, 0.3f, true}
};

/* Searches on one graph, which stays as it is */
static void
test_searches(const MemoryFlavor *flavor)
{
	MemoryGraph g;
	GraphSearch writer;
	GraphSearch search;

	memory_graph_init(&g, flavor, 16);
	graph_search_create(&writer, &g.store, SEARCH_ONCE);
	memory_build(&g, &writer, VECTORS);
	memory_search_free(&writer);
	ok(memory_sound(&g), "%s: a graph of %d vectors", flavor->name, VECTORS);

	graph_search_create(&search, &g.store, SEARCH_RESUMABLE);
	test_recall(&g, &search);
	test_widening(&g, &search);
	test_slices(&g, &search);
	test_dry(&g, &search);
	test_table(&g, &search);
	test_dying(&g, &search);
	test_gone(&g, &search);
	test_retries(&g, &search);
	test_filter(&g, &search);
	test_crossing(&g, &search);
	test_filter_sure(&g, &search);
	test_filter_doubted(&g, &search);
	test_filter_at_sight(&g, &search);
	test_filter_groups(&g, &search);
	test_filter_change(&g, &search);
	test_filter_dry(&g, &search);
	test_filter_tired(&g, &search);
	test_filter_reach(&g, &search);
	test_filter_parked(&g, &search);
	test_filter_batches(&g, &search);
	memory_search_free(&search);
	ok(memory_sound(&g) && g.blocks == 0, "%s: the graph is as it was",
	   flavor->name);
	memory_graph_free(&g);
}

int
main(void)
{
	test_heaps();
	test_levels();
	test_means();
	test_penalty_order();
	test_crossing_order();
	test_crossing_ends();
	test_reach_ends();
	test_almost();
	test_go_down();
	test_narrow();
	test_lonely();
	test_match_edges();
	for (int i = 0; i < (int) lengthof(flavors); i++)
	{
		test_select(&flavors[i]);
		test_insert_order(&flavors[i]);
		test_insert_alone(&flavors[i]);
		test_insert_lost(&flavors[i]);
		test_insert_equal(&flavors[i]);
		test_insert_gathers(&flavors[i]);
		test_searches(&flavors[i]);
		test_churn(&flavors[i]);
	}
	return tests_done();
}
