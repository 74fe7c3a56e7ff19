/*-------------------------------------------------------------------------
 *
 * page_arrange.h
 *	  Which nodes share a page, when an arena is written to the index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_ARRANGE_H
#define PAGE_ARRANGE_H

#include "page/page_access.h"

typedef struct PageArrangement PageArrangement;

extern PageArrangement *page_arrange(const PageSpace *space);
extern void page_arrange_write(const PageArrangement *arrangement,
							   BlockNumber block, Page page);
extern void page_arrange_free(PageArrangement *arrangement);

#endif							/* PAGE_ARRANGE_H */
