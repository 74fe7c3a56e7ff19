/*-------------------------------------------------------------------------
 *
 * graph_memory_private.h
 *	  What the two halves of the store in memory, reading and writing, know
 *	  of each other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRAPH_MEMORY_PRIVATE_H
#define GRAPH_MEMORY_PRIVATE_H

#include "graph_memory.h"

/* graph_memory.c */
extern bool memory_rule(MemoryGraph *g, bool kept, const char *what);
extern const MemoryPayload *memory_payload(GraphStore *store, uint32 payload);
extern void memory_wrote(MemoryGraph *g, MemoryWriteKind kind, GraphNode node,
						 int layer);

/* graph_memory_write.c: methods of the store */
extern GraphNode memory_add(GraphStore *store, int layer, GraphNode down,
							const GraphChoice *chosen, int n);
extern GraphNode memory_link_asked(GraphStore *store, const GraphLink *link);
extern void memory_adopt(GraphStore *store, GraphNode self, int layer,
						 GraphNode orphan);
extern void memory_promote(GraphStore *store, GraphNode node, int layer);
extern bool memory_attach(GraphStore *store, uint32 payload);

#endif							/* GRAPH_MEMORY_PRIVATE_H */
