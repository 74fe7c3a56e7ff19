/*-------------------------------------------------------------------------
 *
 * graph_test.h
 *	  The parts of test_graph.c, and what they share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRAPH_TEST_H
#define GRAPH_TEST_H

#include "graph_memory.h"

/* graph_heaps.c */
extern void test_heaps(void);
extern void test_levels(void);

/* graph_inserts.c */
extern void test_select(const MemoryFlavor *flavor);
extern void test_insert_order(const MemoryFlavor *flavor);
extern void test_insert_alone(const MemoryFlavor *flavor);
extern void test_insert_lost(const MemoryFlavor *flavor);
extern void test_insert_equal(const MemoryFlavor *flavor);
extern void test_insert_gathers(const MemoryFlavor *flavor);

/* graph_searches.c: none of these changes the graph for good */
extern void test_recall(MemoryGraph *g, GraphSearch *search);
extern void test_widening(MemoryGraph *g, GraphSearch *search);
extern void test_slices(MemoryGraph *g, GraphSearch *search);
extern void test_dry(MemoryGraph *g, GraphSearch *search);
extern void test_means(void);
extern void test_table(MemoryGraph *g, GraphSearch *search);

/* graph_descents.c: nor of these */
extern void test_dying(MemoryGraph *g, GraphSearch *search);
extern void test_gone(MemoryGraph *g, GraphSearch *search);
extern void test_retries(MemoryGraph *g, GraphSearch *search);

/* graph_filters.c: nor of these */
extern void test_filter(MemoryGraph *g, GraphSearch *search);
extern void test_crossing(MemoryGraph *g, GraphSearch *search);
extern void test_filter_sure(MemoryGraph *g, GraphSearch *search);
extern void test_filter_doubted(MemoryGraph *g, GraphSearch *search);
extern void test_filter_at_sight(MemoryGraph *g, GraphSearch *search);
extern void test_filter_groups(MemoryGraph *g, GraphSearch *search);
extern void test_filter_change(MemoryGraph *g, GraphSearch *search);

/* graph_ends.c: nor of these */
extern void test_filter_dry(MemoryGraph *g, GraphSearch *search);
extern void test_filter_tired(MemoryGraph *g, GraphSearch *search);
extern void test_filter_reach(MemoryGraph *g, GraphSearch *search);

/* graph_batches.c: nor of these */
extern void test_filter_parked(MemoryGraph *g, GraphSearch *search);
extern void test_filter_batches(MemoryGraph *g, GraphSearch *search);

/* graph_scenes.c */
extern void test_penalty_order(void);
extern void test_crossing_order(void);
extern void test_crossing_ends(void);
extern void test_reach_ends(void);
extern void test_almost(void);
extern void test_go_down(void);
extern void test_narrow(void);
extern void test_lonely(void);
extern void test_match_edges(void);

/* graph_churn.c */
extern void test_churn(const MemoryFlavor *flavor);

/* graph_states.c */
extern int	compare_floats(const void *a, const void *b);
extern void random_query(MemoryGraph *g);
extern GraphNode visit_noted[];
extern int	visits_noted;
extern void note_visit(MemoryGraph *g, GraphNode node);
extern bool search_sound(const MemoryGraph *g, const GraphSearch *search,
						 bool (*accepts) (const MemoryNode *node));
extern bool search_lost_nothing(const MemoryGraph *g,
								const GraphSearch *search);
extern int	results_found(const GraphSearch *search,
						  const MemoryTruth *truth, int k);

#endif							/* GRAPH_TEST_H */
