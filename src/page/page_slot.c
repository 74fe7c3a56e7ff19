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
 * it over.  So refine tuples are never freed and never searched for.  The free
 * space map tells pages where one is free that has one: a build puts the nodes
 * above layer 0, which have none, on pages of their own.
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

/* A free slot of a page, with a refine tuple or without; invalid if none is */
static OffsetNumber
free_on_page(Page page, PageSlotUse use)
{
	OffsetNumber max = PageGetMaxOffsetNumber(page);

	for (OffsetNumber offset = FirstOffsetNumber; offset <= max; offset++)
	{
		PageNode   *node = page_node(page, offset);

		if (node->state == NODE_FREE &&
			ItemPointerIsValid(&node->refine) == (use == SLOT_WITH_REFINE))
			return offset;
	}
	return InvalidOffsetNumber;
}

/* What the free space map is to hold for a page of nodes */
Size
page_slot_space(Page page)
{
	if (free_on_page(page, SLOT_WITH_REFINE) != InvalidOffsetNumber)
		return PAGE_FREE_REFINED_SPACE;
	if (free_on_page(page, SLOT_WITHOUT_REFINE) != InvalidOffsetNumber)
		return PAGE_FREE_SLOT_SPACE;
	return 0;
}

/*
 * Reserve a free slot on a page that is to have this space: one that has a
 * refine tuple just if one is needed, if there is a choice.  Otherwise false,
 * and *has is the space it has.
 */
static bool
reserve_on_page(PageSpace *space, BlockNumber block, PageSlotUse use,
				Size wanted, Size *has, PageSlot *slot)
{
	PageEdit	edit;
	OffsetNumber offset;
	PageNode   *node;

	*has = 0;
	if (!has_nodes(space, block))
		return false;
	page_edit_begin(space, block, PAGE_KIND_NODE, &edit);
	*has = page_slot_space(edit.page);
	if (*has < wanted)
	{
		page_edit_cancel(&edit);
		return false;
	}
	offset = free_on_page(edit.page, use);
	if (offset == InvalidOffsetNumber)
		offset = free_on_page(edit.page, use == SLOT_WITH_REFINE ?
							  SLOT_WITHOUT_REFINE : SLOT_WITH_REFINE);
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
	Size		wanted = use == SLOT_WITH_REFINE ?
		PAGE_FREE_REFINED_SPACE : PAGE_FREE_SLOT_SPACE;

	ItemPointerSetInvalid(&slot->tid);
	ItemPointerSetInvalid(&slot->refine);
	slot->version = 0;
	while (space->has_free && !space->arena)
	{
		BlockNumber block = GetPageWithFreeSpace(space->index, wanted);
		Size		has;

		if (block == InvalidBlockNumber && wanted > PAGE_FREE_SLOT_SPACE)
			wanted = PAGE_FREE_SLOT_SPACE;	/* any will do */
		else if (block == InvalidBlockNumber)
		{
			/* if vacuum has just entered some, it is still true */
			page_meta_set_free(space, false);
			if (GetPageWithFreeSpace(space->index, PAGE_FREE_SLOT_SPACE) !=
				InvalidBlockNumber)
				page_meta_set_free(space, true);
		}
		else if (reserve_on_page(space, block, use, wanted, &has, slot))
			return;
		else
			RecordPageWithFreeSpace(space->index, block, has);
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
