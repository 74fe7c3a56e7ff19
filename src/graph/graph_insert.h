/*-------------------------------------------------------------------------
 *
 * graph_insert.h
 *	  Adding a vector to the graph.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRAPH_INSERT_H
#define GRAPH_INSERT_H

#include "graph/graph_search.h"

/* How graph_insert() ended */
typedef enum GraphInsertResult
{
	INSERT_DONE,				/* a new node was linked in */
	INSERT_ATTACHED,			/* a node with this very vector took the row */
	INSERT_NEEDS_ENTRY			/* nothing done: the node must become the entry
								 * point, which the caller did not allow */
} GraphInsertResult;

typedef struct GraphInsert
{
	int			level;			/* highest layer of the new node */
	int			ef_construction;
	bool		may_promote;	/* caller keeps others from promoting */
} GraphInsert;

extern int	graph_draw_level(double uniform, int m);
extern GraphInsertResult graph_insert(GraphSearch *search,
									  const GraphInsert *insert);
extern bool graph_attach(GraphSearch *search, int ef);
extern int	graph_select(GraphStore *store, const GraphCandidate *candidates,
						 int n, GraphChoice *chosen);

#endif							/* GRAPH_INSERT_H */
