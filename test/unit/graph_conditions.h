/*-------------------------------------------------------------------------
 *
 * graph_conditions.h
 *	  Conditions that the searches of test_graph.c take part in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRAPH_CONDITIONS_H
#define GRAPH_CONDITIONS_H

#include "graph_test.h"

/* A condition: which nodes match */
typedef bool (*Condition) (const MemoryNode *node);

typedef struct TestFilter
{
	GraphFilter filter;			/* its arg is this struct */
	MemoryGraph *g;
	Condition	condition;
	Condition	almost;			/* of those that do not match, or NULL */
	int			lies;			/* percent of the matches it says no to */
	int		   *asked;			/* by vector */
	int			questions;
	int			wrong;			/* questions that should not have been */
	int			refused;		/* questions answered with no */
	int64		rejected;		/* what the search counted before */
} TestFilter;

/* What conditions depend on */
extern int	condition_percent;
extern float condition_limit;

extern bool by_chance(const MemoryNode *node);
extern bool far_east(const MemoryNode *node);
extern bool even(const MemoryNode *node);
extern bool third_of_four(const MemoryNode *node);

extern bool filter_allows(void *arg, uint64 row);
extern void filter_init(TestFilter *f, MemoryGraph *g, Condition condition,
						float penalty);
extern void filter_query(MemoryGraph *g, bool is_new);
extern void filter_begin(TestFilter *f, GraphSearch *search, int ef);
extern bool filter_end(TestFilter *f, GraphSearch *search);

#endif							/* GRAPH_CONDITIONS_H */
