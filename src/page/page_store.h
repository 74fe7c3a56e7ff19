/*-------------------------------------------------------------------------
 *
 * page_store.h
 *	  The graph on pages: what graph_store.h asks for, and what a scan needs
 *	  beyond it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_STORE_H
#define PAGE_STORE_H

#include "graph/graph_store.h"
#include "page/page_access.h"
#include "page/page_link.h"
#include "page/page_slot.h"

/* What was copied of a visited node; its index is the payload */
typedef struct PageVisit
{
	GraphNode	node;
	float		distance;
	float		dot;			/* see codec_distance() */
	float		scale;
	float		norm2;
	float		error;
	uint16		version;
	uint8		nrows;
	bool		queued;			/* for the scan: on its way to the user, or
								 * known not to go there */
	bool		asked_for;		/* the pages it takes to get there */
	ItemPointerData down;
	ItemPointerData refine;
	ItemPointerData posting;
	ItemPointerData rows[PAGE_INLINE_ROWS];
} PageVisit;

typedef enum PageStoreCopies
{
	STORE_WITHOUT_CODES,		/* a search for distances */
	STORE_WITH_CODES			/* visits keep the own codes as well */
} PageStoreCopies;

typedef struct PageStore
{
	GraphStore	graph;			/* must be first */
	PageSpace  *space;
	const PageFormat *format;
	MemoryContext context;		/* of all that grows */
	CodecQuery	query;

	PageVisit  *visits;
	uint32		nvisits;
	uint32		visits_size;
	int8	   *codes;			/* code_size bytes a visit, or NULL */
	PageStoreCopies copies;

	/* The vector being inserted */
	const CodecVector *vector;
	uint32		fingerprint;	/* of it before it was encoded */
	ItemPointerData row;		/* its heap tuple */
	float	   *vector_decoded;
	float	   *neighbor_decoded;	/* scratch */
	PageNode   *image;			/* scratch: a node */
	PageRefine *refine_image;	/* scratch */
	PageLinkScratch link_scratch;
	CodecQuery	orphan_query;	/* scratch */
} PageStore;

extern void page_store_init(PageStore *store, PageSpace *space,
							PageStoreCopies copies);
extern void page_store_query(PageStore *store, const float *rotated,
							 CodecPurpose purpose);
extern void page_store_insert(PageStore *store, const CodecVector *vector,
							  uint32 fingerprint,
							  const ItemPointerData *row);

extern CodecBounds page_store_bounds(PageStore *store, uint32 payload);
extern bool page_store_visit_row(PageStore *store, GraphNode id,
								 const ItemPointerData *row,
								 uint32 *payload);
extern CodecBounds page_store_refine(PageStore *store, uint32 payload);
extern int	page_store_rows(PageStore *store, uint32 payload,
							ItemPointerData **rows);
extern uint32 page_store_copy(PageStore *store, const PageNode *node,
							  GraphNode id);
extern void page_store_sweep(PageStore *store, BlockNumber block,
							 void (*found) (void *arg,
											const GraphCandidate *candidate),
							 void *arg);

static inline PageVisit *
page_store_visit(PageStore *store, uint32 payload)
{
	return &store->visits[payload];
}

static inline const int8 *
page_store_code(const PageStore *store, uint32 payload)
{
	return store->codes + (Size) payload * store->format->codec.code_size;
}

/* Say where an edge to a visited node leads, and name a row of it. */
static inline void
page_edge_set_target(PageEdge *edge, const PageVisit *visit)
{
	edge->node = page_tid_unpack(visit->node);
	if (visit->nrows > 0)
		edge->row = visit->rows[0];
	else
		ItemPointerSetInvalid(&edge->row);
}

/* page_link.c */
extern GraphNode page_store_link(GraphStore *graph, const GraphLink *link);
extern void page_store_adopt(GraphStore *graph, GraphNode self, int layer,
							 GraphNode orphan);

#endif							/* PAGE_STORE_H */
