/*-------------------------------------------------------------------------
 *
 * page_meta.h
 *	  The meta page.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_META_H
#define PAGE_META_H

#include "page/page_access.h"

extern bool page_meta_entry(PageSpace *space, GraphNode *node, int *layer);
extern void page_meta_promote(PageSpace *space, GraphNode node, int layer);
extern bool page_meta_replace_entry(PageSpace *space, GraphNode expected,
									GraphNode node, int layer);
extern void page_meta_set_free(PageSpace *space, bool has_free);
extern bool page_meta_rows_stale(PageSpace *space);
extern void page_meta_set_rows_stale(PageSpace *space, bool stale);

#endif							/* PAGE_META_H */
