/*-------------------------------------------------------------------------
 *
 * page_link.h
 *	  The rule by which a node takes a new edge.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_LINK_H
#define PAGE_LINK_H

#include "page/page_format.h"

/* A new edge, from a node on a locked page, and what is known about it */
typedef struct PageNewEdge
{
	const PageEdge *edge;		/* edge_size bytes, ready to be stored */
	float		length;			/* link distance between its two ends */
	bool		must;			/* may not be refused */
	float		margin;			/* error of estimates, as a share of sqrt of
								 * the product of two lengths */
	const float *estimates;		/* link distance from the new neighbor to that
								 * of each edge there is */
	const float *lengths;		/* link distance of each edge there is */
	GraphNode	evicted;		/* out: whose edge gave way, if any */
} PageNewEdge;

/* Memory for working out a new edge */
typedef struct PageLinkScratch
{
	PageEdge   *edge;			/* edge_size bytes */
	float	   *estimates;		/* by edge */
	float	   *lengths;		/* by edge */
} PageLinkScratch;

extern void page_link_scratch_init(PageLinkScratch *scratch,
								   const PageFormat *format);
extern void page_link_fill(PageLinkScratch *scratch, const PageFormat *format,
						   PageNewEdge *x, const float *node_decoded,
						   const float *neighbor);
extern void page_link_measure(PageLinkScratch *scratch,
							  const PageFormat *format, const PageNode *node,
							  const CodecQuery *query, float distance);
extern bool page_link_has(const PageFormat *format, const PageNode *node,
						  GraphNode to);
extern bool page_link_add(const PageFormat *format, PageNode *node,
						  PageNewEdge *new_edge);

#endif							/* PAGE_LINK_H */
