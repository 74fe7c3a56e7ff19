/*-------------------------------------------------------------------------
 *
 * page_landmark.h
 *	  Nodes and their rows, a few of all, to start filtered searches from.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_LANDMARK_H
#define PAGE_LANDMARK_H

#include "page/page_access.h"

/* More than a page holds */
#define PAGE_MAX_LANDMARKS	(BLCKSZ / sizeof(PageEdge))

/* Where a filtered search may start, if it likes the row; both are hints */
typedef struct PageLandmark
{
	GraphNode	node;			/* on layer 0 */
	float		estimate;		/* of its key; 0 if there are none */
	ItemPointerData row;
} PageLandmark;

/* All landmark pages of an index */
typedef struct PageLandmarks
{
	uint32		npages;
	BlockNumber *pages;			/* palloc'd */
} PageLandmarks;

extern void page_landmark_pages(PageSpace *space, PageLandmarks *all);
extern void page_landmark_sample(PageSpace *space, uint32 max,
								 PageLandmarks *some);
extern int	page_landmark_read(PageSpace *space, BlockNumber block,
							   const CodecQuery *query,
							   PageLandmark *landmarks);
extern void page_landmark_add(PageSpace *space, const PageEdge *landmark);

#endif							/* PAGE_LANDMARK_H */
