/*-------------------------------------------------------------------------
 *
 * page_rowmap.h
 *	  The row map: from a row of the table to its node.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_ROWMAP_H
#define PAGE_ROWMAP_H

#include "page/page_access.h"

/* The row map as a reader sees it: what it read last, in memory */
typedef struct PageRowMap
{
	PageSpace  *space;
	BlockNumber lists[PAGE_MAX_ROWMAP_LISTS];
	bool		has_list;
	uint32		list_number;
	PageRowMapList list;
	bool		has_part;
	uint32		part;
	PageRowMapItem item;
} PageRowMap;

extern void page_rowmap_set(PageSpace *space, const ItemPointerData *row,
							GraphNode node);
extern PageRowMap *page_rowmap_open(PageSpace *space);
extern bool page_rowmap_has_place(const PageSpace *space,
								  const ItemPointerData *row);
extern GraphNode page_rowmap_find(PageRowMap *map,
								  const ItemPointerData *row);

#endif							/* PAGE_ROWMAP_H */
