/*-------------------------------------------------------------------------
 *
 * page_vacuum.h
 *	  What vacuum does to pages.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_VACUUM_H
#define PAGE_VACUUM_H

#include "page/page_nodeset.h"
#include "page/page_store.h"

/* Is this row dead?  What IndexBulkDeleteCallback is. */
typedef bool (*PageRowIsDead) (ItemPointer row, void *arg);

/* A slot that vacuum comes back to, and the node it belongs to */
typedef struct PageSlotRef
{
	GraphNode	slot;
	GraphNode	owner;			/* `down`: of an upper node or a posting */
	uint16		version;
	uint8		layer;
	bool		empty;			/* a posting: without rows */
} PageSlotRef;

typedef struct PageSlotRefs
{
	PageSlotRef *items;
	int64		n;
	int64		size;
} PageSlotRefs;

/* One vacuum of one index */
typedef struct PageVacuum
{
	PageSpace  *space;
	const PageFormat *format;
	PageRowIsDead is_dead;
	void	   *is_dead_arg;

	page_nodeset_hash *dying;	/* nodes to be removed, all layers */
	PageSlotRefs upper;			/* all nodes above layer 0 */
	PageSlotRefs reserved;		/* reserved slots, perhaps left by a crash */
	PageSlotRefs postings;		/* all postings */
	bool		has_empty_postings; /* there are some among them */
	PageSlotRefs hollow;		/* nodes with no rows but those in postings */
	GraphNode	survivor;		/* some live node of layer 0 */
	bool		has_free;		/* there are free slots */
	double		rows_removed;
	double		rows_left;
	double		slots_freed;
} PageVacuum;

extern void page_vacuum_init(PageVacuum *vacuum, PageSpace *space,
							 PageRowIsDead is_dead, void *arg);
extern void page_vacuum_block(PageVacuum *vacuum, BlockNumber block);
extern void page_vacuum_settle_postings(PageVacuum *vacuum);
extern void page_vacuum_mark_upper(PageVacuum *vacuum);
extern void page_vacuum_replace_entry(PageVacuum *vacuum);
extern void page_vacuum_landmarks(PageVacuum *vacuum);
extern void page_vacuum_free(PageVacuum *vacuum);
extern void page_vacuum_offer_free(PageVacuum *vacuum);

/* page_repair.c */
typedef struct PageRepair PageRepair;

extern PageRepair *page_repair_create(PageVacuum *vacuum);
extern void page_repair_block(PageRepair *repair, BlockNumber block);

#endif							/* PAGE_VACUUM_H */
