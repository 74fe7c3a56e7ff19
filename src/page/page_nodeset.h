/*-------------------------------------------------------------------------
 *
 * page_nodeset.h
 *	  A set of nodes: 8 bytes each, in a table from 45 to 90 % full.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_NODESET_H
#define PAGE_NODESET_H

#include "graph/graph_store.h"

typedef struct PageNodeSetEntry
{
	uint64		node:48;		/* a GraphNode: a TID, packed */
	uint64		status:16;		/* simplehash's */
} PageNodeSetEntry;

#define SH_PREFIX		page_nodeset
#define SH_ELEMENT_TYPE	PageNodeSetEntry
#include "page/page_nodetable.h"

static inline void
page_nodeset_add(page_nodeset_hash *set, GraphNode node)
{
	bool		found;

	page_nodeset_insert(set, node, &found);
}

static inline bool
page_nodeset_has(page_nodeset_hash *set, GraphNode node)
{
	return page_nodeset_lookup(set, node) != NULL;
}

#endif							/* PAGE_NODESET_H */
