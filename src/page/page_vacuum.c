/*-------------------------------------------------------------------------
 *
 * page_vacuum.c
 *	  What vacuum does to pages, except for repairing edges.
 *
 * A node whose last row dies becomes *dying*: it is still a way for
 * searches, but neither a result nor a neighbor for new nodes.  When no edge
 * leads to it any more its slot is freed.  A slot keeps its version when it
 * is freed; the next to use it raises it.
 *
 * am/am_vacuum.c tells the order of things and why it is safe.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "page/page_landmark.h"
#include "page/page_meta.h"
#include "page/page_vacuum.h"
#include "storage/freespace.h"
#include "storage/indexfsm.h"

/* Rows to be removed from one page */
typedef struct DeadRow
{
	OffsetNumber offset;
	ItemPointerData row;
} DeadRow;

typedef struct DeadRows
{
	DeadRow    *items;
	int			n;
	int			size;
} DeadRows;

void
page_vacuum_init(PageVacuum *vacuum, PageSpace *space, PageRowIsDead is_dead,
				 void *arg)
{
	memset(vacuum, 0, sizeof(*vacuum));
	vacuum->space = space;
	vacuum->format = space->format;
	vacuum->is_dead = is_dead;
	vacuum->is_dead_arg = arg;
	vacuum->dying = page_nodeset_create(CurrentMemoryContext, 1024, NULL);
}

static void
refs_add(PageSlotRefs *refs, GraphNode slot, const PageNode *node)
{
	PageSlotRef *ref;

	if (refs->n == refs->size)
	{
		refs->size = Max(64, refs->size * 2);
		refs->items = refs->items ?
			repalloc_huge(refs->items, refs->size * sizeof(PageSlotRef)) :
			palloc(refs->size * sizeof(PageSlotRef));
	}
	ref = &refs->items[refs->n++];
	ref->slot = slot;
	ref->owner = page_tid_pack(&node->down);
	ref->version = node->version;
	ref->layer = node->layer;
	ref->empty = node->nrows == 0;
}

static GraphNode
slot_id(BlockNumber block, OffsetNumber offset)
{
	return ((uint64) block << 16) | offset;
}

/* Rows of a node or posting, and how many */
static ItemPointerData *
slot_rows(const PageFormat *format, PageNode *node, int *n)
{
	if (node->state == NODE_POSTING)
	{
		*n = Min(node->nrows, format->posting_rows);
		return page_posting_rows(node);
	}
	*n = Min(node->nrows, PAGE_INLINE_ROWS);
	return node->rows;
}

/* Note the dead rows of one slot; the page is locked for reading. */
static void
find_dead_rows(PageVacuum *vacuum, PageNode *node, OffsetNumber offset,
			   DeadRows *dead)
{
	int			n;
	ItemPointerData *rows = slot_rows(vacuum->format, node, &n);

	for (int i = 0; i < n; i++)
	{
		if (!vacuum->is_dead(&rows[i], vacuum->is_dead_arg))
		{
			vacuum->rows_left++;
			continue;
		}
		if (dead->n == dead->size)
		{
			dead->size = Max(64, dead->size * 2);
			dead->items = dead->items ?
				repalloc(dead->items, dead->size * sizeof(DeadRow)) :
				palloc(dead->size * sizeof(DeadRow));
		}
		dead->items[dead->n].offset = offset;
		dead->items[dead->n].row = rows[i];
		dead->n++;
	}
}

/* Remove one row from a slot, if it is (still) there. */
static bool
remove_row(const PageFormat *format, PageNode *node,
		   const ItemPointerData *row)
{
	int			n;
	ItemPointerData *rows = slot_rows(format, node, &n);

	for (int i = 0; i < n; i++)
	{
		if (memcmp(&rows[i], row, sizeof(*row)) == 0)
		{
			rows[i] = rows[n - 1];
			memset(&rows[n - 1], 0, sizeof(*row));
			node->nrows = n - 1;
			return true;
		}
	}
	return false;
}

/*
 * Remove the dead rows that were found on a page.  A node left without any
 * is dying, unless it has postings.
 */
static void
remove_dead_rows(PageVacuum *vacuum, BlockNumber block, const DeadRows *dead)
{
	int			removed = 0;
	PageEdit	edit;

	page_edit_begin(vacuum->space, block, PAGE_KIND_NODE, &edit);
	for (int i = 0; i < dead->n; i++)
	{
		PageNode   *node = page_node(edit.page, dead->items[i].offset);

		if (node->state != NODE_LIVE && node->state != NODE_POSTING)
			continue;
		removed += remove_row(vacuum->format, node, &dead->items[i].row);
		if (node->state == NODE_LIVE && node->nrows == 0 &&
			!ItemPointerIsValid(&node->posting))
			node->state = NODE_DYING;
	}
	page_edit_commit(&edit);
	vacuum->rows_removed += removed;
}

/* Enter a page with free slots in the free space map. */
static void
note_free(PageVacuum *vacuum, BlockNumber block)
{
	RecordPageWithFreeSpace(vacuum->space->index, block, PAGE_FREE_SLOT_SPACE);
	vacuum->has_free = true;
}

/*
 * Note what a slot is, for the passes to come.  That it is free may be known
 * to nobody: the free space map is not in the WAL.
 */
static void
note_slot(PageVacuum *vacuum, GraphNode slot, const PageNode *node,
		  bool *has_free)
{
	switch ((PageNodeState) node->state)
	{
		case NODE_FREE:
			*has_free = true;
			break;
		case NODE_RESERVED:
			refs_add(&vacuum->reserved, slot, node);
			break;
		case NODE_LIVE:
			if (node->layer > 0)
				refs_add(&vacuum->upper, slot, node);
			else if (node->nrows == 0)
				refs_add(&vacuum->hollow, slot, node);
			else
				vacuum->survivor = slot;
			break;
		case NODE_DYING:
			page_nodeset_add(vacuum->dying, slot);
			break;
		case NODE_POSTING:
			refs_add(&vacuum->postings, slot, node);
			vacuum->has_empty_postings |= node->nrows == 0;
			break;
	}
}

/*
 * First pass, on one block: remove dead rows, mark nodes without rows as
 * dying, note what later passes need.  Caller holds no page lock.
 */
void
page_vacuum_block(PageVacuum *vacuum, BlockNumber block)
{
	DeadRows	dead = {0};
	bool		has_free = false;
	PageRef		ref;
	OffsetNumber max;

	if (!page_open_any(vacuum->space, block, &ref))
		return;
	if (page_special(ref.page)->kind != PAGE_KIND_NODE)
	{
		page_close(&ref);
		return;
	}
	max = PageGetMaxOffsetNumber(ref.page);
	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
	{
		PageNode   *node = page_node(ref.page, o);

		if ((node->state == NODE_LIVE && node->layer == 0) ||
			node->state == NODE_POSTING)
			find_dead_rows(vacuum, node, o, &dead);
	}
	page_close(&ref);

	if (dead.n > 0)
	{
		remove_dead_rows(vacuum, block, &dead);
		pfree(dead.items);
	}

	/* read again: what others did since counts, too */
	page_open(vacuum->space, block, PAGE_KIND_NODE, &ref);
	max = PageGetMaxOffsetNumber(ref.page);
	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
		note_slot(vacuum, slot_id(block, o), page_node(ref.page, o),
				  &has_free);
	page_close(&ref);
	if (has_free)
		note_free(vacuum, block);
}

/* Set the state of one slot, if the slot is still the one we know. */
static void
set_state(PageVacuum *vacuum, const PageSlotRef *ref, PageNodeState from,
		  PageNodeState to)
{
	PageEdit	edit;
	PageNode   *node;

	page_edit_begin(vacuum->space, page_tid_block(ref->slot),
					PAGE_KIND_NODE, &edit);
	node = page_node(edit.page, page_tid_offset(ref->slot));
	if (node->state == from && node->version == ref->version)
	{
		node->state = to;
		if (to == NODE_FREE)
			node->nedges = node->nrows = 0;
		page_edit_commit(&edit);
		if (to == NODE_FREE)
			note_free(vacuum, page_tid_block(ref->slot));
	}
	else
		page_edit_cancel(&edit);
}

/* Read the header of a slot.  False if there is no such slot. */
static bool
read_slot(PageVacuum *vacuum, GraphNode slot, PageNode *header)
{
	OffsetNumber offset = page_tid_offset(slot);
	PageRef		ref;
	bool		found;

	page_open(vacuum->space, page_tid_block(slot), PAGE_KIND_NODE, &ref);
	found = page_has_item(ref.page, offset);
	if (found)
		memcpy(header, page_node(ref.page, offset), sizeof(PageNode));
	page_close(&ref);
	return found;
}

/*
 * Read the posting that is next in the chain of a node.  False at the end of
 * the chain.
 */
static bool
next_posting(PageVacuum *vacuum, GraphNode node, const PageNode *previous,
			 PageNode *posting)
{
	return ItemPointerIsValid(&previous->posting) &&
		read_slot(vacuum, page_tid_pack(&previous->posting), posting) &&
		posting->state == NODE_POSTING &&
		page_tid_pack(&posting->down) == node;
}

/* Has a node any row in postings? */
static bool
has_posted_rows(PageVacuum *vacuum, GraphNode node, const PageNode *header)
{
	PageNode	posting = *header;

	while (next_posting(vacuum, node, &posting, &posting))
	{
		if (posting.nrows > 0)
			return true;
	}
	return false;
}

/* Let a node or posting have another next posting. */
static void
set_next_posting(PageVacuum *vacuum, GraphNode slot,
				 const ItemPointerData *next)
{
	PageEdit	edit;

	page_edit_begin(vacuum->space, page_tid_block(slot), PAGE_KIND_NODE,
					&edit);
	page_node(edit.page, page_tid_offset(slot))->posting = *next;
	page_edit_commit(&edit);
}

/*
 * Take the empty postings of a live node out of its chain and free them.  A
 * scan on its way along the chain finds out (page_store_rows).
 */
static void
trim_postings(PageVacuum *vacuum, GraphNode node, const PageNode *header)
{
	GraphNode	kept = node;	/* in the chain, and what it says */
	PageNode	previous = *header;
	PageNode	posting;

	while (next_posting(vacuum, node, &previous, &posting))
	{
		GraphNode	slot = page_tid_pack(&previous.posting);
		PageSlotRef ref = {.slot = slot,.version = posting.version};

		if (posting.nrows == 0)
		{
			set_next_posting(vacuum, kept, &posting.posting);
			set_state(vacuum, &ref, NODE_POSTING, NODE_FREE);
			previous.posting = posting.posting;
			continue;
		}
		kept = slot;
		previous = posting;
	}
}

/* Free the postings found empty, whether their nodes know them or not. */
static void
settle_empty_postings(PageVacuum *vacuum)
{
	page_nodeset_hash *trimmed = page_nodeset_create(CurrentMemoryContext, 64,
													 NULL);
	PageNode	header;

	for (int64 i = 0; i < vacuum->postings.n; i++)
	{
		PageSlotRef *ref = &vacuum->postings.items[i];

		/* those of dying nodes go with them */
		if (!ref->empty || page_nodeset_has(vacuum->dying, ref->owner))
			continue;
		if (!page_nodeset_has(trimmed, ref->owner))
		{
			page_nodeset_add(trimmed, ref->owner);
			if (read_slot(vacuum, ref->owner, &header) &&
				header.state == NODE_LIVE)
				trim_postings(vacuum, ref->owner, &header);
		}

		/*
		 * An insert may have put a row there since it was found empty; then
		 * it is still in the chain.  If it is empty and was not freed, it is
		 * in no chain: a crash came before it was.
		 */
		if (read_slot(vacuum, ref->slot, &header) && header.nrows == 0)
			set_state(vacuum, ref, NODE_POSTING, NODE_FREE);
	}
	page_nodeset_destroy(trimmed);
}

/*
 * Settle what could not be told from one page alone: nodes that have no rows
 * but in postings, empty postings, slots reserved by inserts that did not
 * live to write them.  Caller holds the insert lock exclusively, so no insert
 * is at work.
 */
void
page_vacuum_settle_postings(PageVacuum *vacuum)
{
	PageNode	header;

	for (int64 i = 0; i < vacuum->hollow.n; i++)
	{
		PageSlotRef *ref = &vacuum->hollow.items[i];

		if (!read_slot(vacuum, ref->slot, &header) ||
			header.state != NODE_LIVE)
			continue;
		if (header.nrows > 0 || has_posted_rows(vacuum, ref->slot, &header))
			vacuum->survivor = ref->slot;
		else
		{
			set_state(vacuum, ref, NODE_LIVE, NODE_DYING);
			page_nodeset_add(vacuum->dying, ref->slot);
		}
	}
	settle_empty_postings(vacuum);
	for (int64 i = 0; i < vacuum->reserved.n; i++)
		set_state(vacuum, &vacuum->reserved.items[i], NODE_RESERVED,
				  NODE_FREE);
}

/* A vertex dies on all its layers: mark the nodes above dying ones. */
void
page_vacuum_mark_upper(PageVacuum *vacuum)
{
	int			top = 0;

	for (int64 i = 0; i < vacuum->upper.n; i++)
		top = Max(top, vacuum->upper.items[i].layer);
	for (int layer = 1; layer <= top; layer++)
	{
		for (int64 i = 0; i < vacuum->upper.n; i++)
		{
			PageSlotRef *ref = &vacuum->upper.items[i];

			if (ref->layer != layer ||
				!page_nodeset_has(vacuum->dying, ref->owner))
				continue;
			set_state(vacuum, ref, NODE_LIVE, NODE_DYING);
			page_nodeset_add(vacuum->dying, ref->slot);
		}
	}
}

/*
 * A live node of layer 0 that the first pass has not seen, because it was
 * inserted since; GRAPH_NO_NODE if there is none.  They are likely to be on
 * the last pages.
 */
static GraphNode
find_newcomer(PageVacuum *vacuum)
{
	GraphNode	found = GRAPH_NO_NODE;
	BlockNumber block = RelationGetNumberOfBlocks(vacuum->space->index);

	while (--block > PAGE_META_BLOCK && found == GRAPH_NO_NODE)
	{
		PageRef		ref;
		OffsetNumber max = InvalidOffsetNumber;

		CHECK_FOR_INTERRUPTS();
		if (!page_open_any(vacuum->space, block, &ref))
			continue;
		if (page_special(ref.page)->kind == PAGE_KIND_NODE)
			max = PageGetMaxOffsetNumber(ref.page);
		for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
		{
			PageNode   *node = page_node(ref.page, o);

			if (node->state == NODE_LIVE && node->layer == 0)
				found = slot_id(block, o);
		}
		page_close(&ref);
	}
	return found;
}

/*
 * If the entry point dies, the highest node that stays takes its place.
 * Caller holds the insert lock exclusively.
 */
void
page_vacuum_replace_entry(PageVacuum *vacuum)
{
	GraphNode	entry;
	GraphNode	heir = vacuum->survivor;
	int			layer;
	int			heir_layer = 0;

	if (!page_meta_entry(vacuum->space, &entry, &layer) ||
		!page_nodeset_has(vacuum->dying, entry))
		return;
	for (int64 i = 0; i < vacuum->upper.n; i++)
	{
		PageSlotRef *ref = &vacuum->upper.items[i];

		if (ref->layer > heir_layer &&
			!page_nodeset_has(vacuum->dying, ref->slot))
		{
			heir = ref->slot;
			heir_layer = ref->layer;
		}
	}
	if (heir == GRAPH_NO_NODE)
		heir = find_newcomer(vacuum);
	page_meta_replace_entry(vacuum->space, entry, heir, heir_layer);
}

/* A slot to be freed */
typedef struct DoomedSlot
{
	GraphNode	slot;
	uint16		version;		/* of a posting */
} DoomedSlot;

static int
compare_doomed(const void *a, const void *b)
{
	GraphNode	x = ((const DoomedSlot *) a)->slot;
	GraphNode	y = ((const DoomedSlot *) b)->slot;

	return (x > y) - (x < y);
}

/*
 * Free some slots of one block: dying nodes, or postings of such.  The
 * insert that made a posting may have given it up, and another may have put
 * the slot to use since: it then has another version.
 */
static void
free_on_page(PageVacuum *vacuum, const DoomedSlot *slots, int64 n)
{
	BlockNumber block = page_tid_block(slots[0].slot);
	PageEdit	edit;

	page_edit_begin(vacuum->space, block, PAGE_KIND_NODE, &edit);
	for (int64 i = 0; i < n; i++)
	{
		PageNode   *node = page_node(edit.page,
									 page_tid_offset(slots[i].slot));

		if (node->state == NODE_DYING ||
			(node->state == NODE_POSTING &&
			 node->version == slots[i].version))
		{
			node->state = NODE_FREE;
			node->nedges = node->nrows = 0;
			vacuum->slots_freed++;
		}
	}
	page_edit_commit(&edit);
	note_free(vacuum, block);
}

/* Forget the landmarks that die. */
void
page_vacuum_landmarks(PageVacuum *vacuum)
{
	PageLandmarks all;

	page_landmark_pages(vacuum->space, &all);
	for (uint32 i = 0; i < all.npages; i++)
	{
		PageEdit	edit;
		OffsetNumber max;
		bool		changed = false;

		page_edit_begin(vacuum->space, all.pages[i], PAGE_KIND_LANDMARK,
						&edit);
		max = PageGetMaxOffsetNumber(edit.page);
		for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
		{
			PageLandmark *landmark = page_landmark(edit.page, o);

			if (!page_nodeset_has(vacuum->dying,
								  page_tid_pack(&landmark->node)))
				continue;
			memset(landmark, 0, sizeof(*landmark));
			changed = true;
		}
		if (changed)
			page_edit_commit(&edit);
		else
			page_edit_cancel(&edit);
	}
	pfree(all.pages);
}

/*
 * Free the slots of all dying nodes and their postings.  No live node has an
 * edge to them any more; who still holds such an edge, a scan, finds
 * out when it visits the slot.
 */
void
page_vacuum_free(PageVacuum *vacuum)
{
	page_nodeset_iterator iterator;
	PageNodeSetEntry *entry;
	DoomedSlot *slots;
	int64		n = 0;

	slots = MemoryContextAllocHuge(CurrentMemoryContext,
								   (vacuum->dying->members +
									vacuum->postings.n + 1) *
								   sizeof(DoomedSlot));
	page_nodeset_start_iterate(vacuum->dying, &iterator);
	while ((entry = page_nodeset_iterate(vacuum->dying, &iterator)) != NULL)
	{
		slots[n].slot = entry->node;
		slots[n++].version = 0;
	}
	for (int64 i = 0; i < vacuum->postings.n; i++)
	{
		const PageSlotRef *posting = &vacuum->postings.items[i];

		if (!page_nodeset_has(vacuum->dying, posting->owner))
			continue;
		slots[n].slot = posting->slot;
		slots[n++].version = posting->version;
	}
	qsort(slots, n, sizeof(DoomedSlot), compare_doomed);
	for (int64 i = 0, first = 0; i < n; i++)
	{
		if (i + 1 < n &&
			page_tid_block(slots[i + 1].slot) ==
			page_tid_block(slots[first].slot))
			continue;
		free_on_page(vacuum, &slots[first], i + 1 - first);
		first = i + 1;
	}
	pfree(slots);
}

/*
 * Let inserts have the free slots.  First the free space map, then the word
 * that there are some: an insert that found none would take it back.
 */
void
page_vacuum_offer_free(PageVacuum *vacuum)
{
	if (!vacuum->has_free)
		return;
	IndexFreeSpaceMapVacuum(vacuum->space->index);
	page_meta_set_free(vacuum->space, true);
}
