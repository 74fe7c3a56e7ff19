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
} PageNewEdge;

extern bool page_link_add(const PageFormat *format, PageNode *node,
						  const PageNewEdge *new_edge);
extern float page_link_margin(const PageFormat *format);

#endif							/* PAGE_LINK_H */
