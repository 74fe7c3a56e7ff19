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

/*
 * A slot that vacuum comes back to, and the node it belongs to: an upper node
 * to that of its vertex one layer below, a posting to the one whose rows it
 * has.
 */
typedef struct PageSlotRef
{
	ItemPointerData slot;
	ItemPointerData owner;		/* `down` */
	uint16		version;
	uint8		layer;
} PageSlotRef;

/* Such slots, in the order of their places */
typedef struct PageSlotRefs
{
	PageSlotRef *items;
	int64		n;
	int64		size;
} PageSlotRefs;

typedef struct PageHints PageHints;

/* One vacuum of one index */
typedef struct PageVacuum
{
	PageSpace  *space;
	const PageFormat *format;
	PageRowIsDead is_dead;
	void	   *is_dead_arg;

	page_nodeset_hash *dying;	/* nodes to be removed, all layers */
	page_nodeset_hash *hollow;	/* nodes with no rows but those in postings */
	PageHints  *hints;			/* rows that edges are to name from now on */
	bool		doubts_all;		/* of all nodes: a vacuum was cut off */
	bool		says_stale;		/* the meta page says so, should this one be */
	PageSlotRefs upper;			/* nodes above layer 0 that may have to die */
	PageSlotRefs reserved;		/* reserved slots, perhaps left by a crash */
	PageSlotRefs postings;		/* all postings */
	PageSlotRefs empties;		/* those without rows */
	GraphNode	heir;			/* a live node that stays, as high as can be */
	int			heir_layer;
	bool		has_free;		/* there are free slots */
	double		rows_removed;
	double		rows_left;
} PageVacuum;

extern void page_vacuum_init(PageVacuum *vacuum, PageSpace *space,
							 PageRowIsDead is_dead, void *arg);
extern void page_vacuum_block(PageVacuum *vacuum, BlockNumber block);
extern void page_vacuum_settle(PageVacuum *vacuum);
extern void page_vacuum_drop_postings(PageVacuum *vacuum);
extern void page_vacuum_mark_upper(PageVacuum *vacuum);
extern bool page_vacuum_find_heir(PageVacuum *vacuum);
extern void page_vacuum_replace_entry(PageVacuum *vacuum);
extern void page_vacuum_landmarks(PageVacuum *vacuum);
extern void page_vacuum_free(PageVacuum *vacuum);
extern void page_vacuum_offer_free(PageVacuum *vacuum);

/* page_hints.c */
extern PageHints *page_hints_create(void);
extern void page_hints_note(PageHints *hints, GraphNode id,
							const PageNode *node);
extern bool page_hints_any(const PageHints *hints);
extern const ItemPointerData *page_hints_correct(const PageVacuum *vacuum,
												 const ItemPointerData *node,
												 ItemPointerData *row);
extern void page_hints_block(PageVacuum *vacuum, BlockNumber block);

/* page_repair.c */
typedef struct PageRepair PageRepair;

extern PageRepair *page_repair_create(PageVacuum *vacuum);
extern void page_repair_block(PageRepair *repair, BlockNumber block);

#endif							/* PAGE_VACUUM_H */
