/*-------------------------------------------------------------------------
 *
 * page_slot.c
 *	  Slots for nodes, postings and refine tuples: making and reusing them.
 *
 * Vacuum leaves free node slots behind, enters their pages in the free space
 * map and says in the meta page that there are some.  To reuse one, it is
 * first reserved (so that nobody else does), with a version of its own, and
 * then written in a second edit.  An insert that fails in between leaves a
 * reserved slot, which the next vacuum frees.
 *
 * A free slot keeps the refine tuple it had: the next node there takes
 * it over.  So refine tuples are never freed and never searched for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "page/page_meta.h"
#include "page/page_slot.h"
#include "storage/freespace.h"

/*
 * Is this a page of nodes?  The free space map is not in the WAL: after a
 * crash a block may be something else than it was when it was entered there.
 */
static bool
has_nodes(PageSpace *space, BlockNumber block)
{
	PageRef		ref;
	bool		result;

	if (!page_open_any(space, block, &ref))
		return false;
	result = page_special(ref.page)->kind == PAGE_KIND_NODE;
	page_close(&ref);
	return result;
}

/*
 * A free slot of a page: if there is a choice, one that has a refine tuple
 * just if one is needed.  InvalidOffsetNumber if there is none.
 */
static OffsetNumber
free_on_page(Page page, PageSlotUse use)
{
	OffsetNumber max = PageGetMaxOffsetNumber(page);
	OffsetNumber other = InvalidOffsetNumber;

	for (OffsetNumber offset = FirstOffsetNumber; offset <= max; offset++)
	{
		PageNode   *node = page_node(page, offset);

		if (node->state != NODE_FREE)
			continue;
		if (ItemPointerIsValid(&node->refine) == (use == SLOT_WITH_REFINE))
			return offset;
		other = offset;
	}
	return other;
}

/* Reserve a free slot on a page.  False if it has none. */
static bool
reserve_on_page(PageSpace *space, BlockNumber block, PageSlotUse use,
				PageSlot *slot)
{
	PageEdit	edit;
	OffsetNumber offset;
	PageNode   *node;

	if (!has_nodes(space, block))
		return false;
	page_edit_begin(space, block, PAGE_KIND_NODE, &edit);
	offset = free_on_page(edit.page, use);
	if (offset == InvalidOffsetNumber)
	{
		page_edit_cancel(&edit);
		return false;
	}
	node = page_node(edit.page, offset);
	node->state = NODE_RESERVED;
	node->version++;
	ItemPointerSet(&slot->tid, block, offset);
	slot->version = node->version;
	slot->refine = node->refine;
	page_edit_commit(&edit);
	return true;
}

/*
 * Get a slot for a node or a posting: a free one, or the promise of a new
 * one.  Caller holds no page lock and has read the meta page.
 */
void
page_slot_reserve(PageSpace *space, PageSlotUse use, PageSlot *slot)
{
	ItemPointerSetInvalid(&slot->tid);
	ItemPointerSetInvalid(&slot->refine);
	slot->version = 0;
	while (space->has_free && !space->arena)
	{
		BlockNumber block = GetPageWithFreeSpace(space->index,
												 PAGE_FREE_SLOT_SPACE);

		if (block == InvalidBlockNumber)
		{
			/* if vacuum has just entered some, it is still true */
			page_meta_set_free(space, false);
			if (GetPageWithFreeSpace(space->index, PAGE_FREE_SLOT_SPACE) !=
				InvalidBlockNumber)
				page_meta_set_free(space, true);
		}
		else if (reserve_on_page(space, block, use, slot))
			return;
		else
			RecordPageWithFreeSpace(space->index, block, 0);
	}
}

/*
 * Write a node (or posting), with the version and refine tuple of its slot.
 * slot->tid tells where it went.
 */
void
page_slot_write(PageSpace *space, PageSlot *slot, PageNode *node)
{
	PageEdit	edit;

	node->version = slot->version;
	node->refine = slot->refine;
	if (!ItemPointerIsValid(&slot->tid))
	{
		slot->tid = page_add_item(space, PAGE_KIND_NODE, node);
		return;
	}
	page_edit_begin(space, ItemPointerGetBlockNumber(&slot->tid),
					PAGE_KIND_NODE, &edit);
	memcpy(page_node(edit.page, ItemPointerGetOffsetNumber(&slot->tid)), node,
		   space->format->node_size);
	page_edit_commit(&edit);
}

/*
 * Write the refine tuple of a slot.  If the slot has none yet, slot->refine
 * tells which it got.
 */
void
page_slot_write_refine(PageSpace *space, PageSlot *slot,
					   const PageRefine *refine)
{
	PageEdit	edit;

	if (!ItemPointerIsValid(&slot->refine))
	{
		slot->refine = page_add_item(space, PAGE_KIND_REFINE, refine);
		return;
	}
	page_edit_begin(space, ItemPointerGetBlockNumber(&slot->refine),
					PAGE_KIND_REFINE, &edit);
	memcpy(page_refine(edit.page, ItemPointerGetOffsetNumber(&slot->refine)),
		   refine, space->format->refine_size);
	page_edit_commit(&edit);
}
