/*-------------------------------------------------------------------------
 *
 * page_slot.h
 *	  Slots for nodes, postings and refine tuples: making and reusing them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_SLOT_H
#define PAGE_SLOT_H

#include "page/page_access.h"

/*
 * What the free space map holds for a page with free slots: more if one has a
 * refine tuple, which a node of layer 0 needs
 */
#define PAGE_FREE_SLOT_SPACE	(BLCKSZ / 4)
#define PAGE_FREE_REFINED_SPACE	(BLCKSZ / 2)

/* A node slot that is ours to write */
typedef struct PageSlot
{
	ItemPointerData tid;		/* invalid: make a new one by writing it */
	uint16		version;		/* to be written */
	ItemPointerData refine;		/* refine tuple that is its own, or invalid */
} PageSlot;

/* What a slot is for */
typedef enum PageSlotUse
{
	SLOT_WITH_REFINE,			/* a node of layer 0 */
	SLOT_WITHOUT_REFINE			/* a node above it, a posting */
} PageSlotUse;

extern Size page_slot_space(Page page);
extern void page_slot_reserve(PageSpace *space, PageSlotUse use,
							  PageSlot *slot);
extern void page_slot_write(PageSpace *space, PageSlot *slot,
							PageNode *node);
extern void page_slot_write_refine(PageSpace *space, PageSlot *slot,
								   const PageRefine *refine);

#endif							/* PAGE_SLOT_H */
