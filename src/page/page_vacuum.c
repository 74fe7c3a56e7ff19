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

#include "commands/vacuum.h"
#include "hnsw_version.h"
#include "page/page_landmark.h"
#include "page/page_meta.h"
#include "page/page_vacuum.h"
#include "storage/freespace.h"
#include "storage/indexfsm.h"

/* Empty postings taken out of their lists while inserts wait */
#define DROP_BATCH	64

/*
 * A slot and its version in one number, which sorts by place.  (A GraphNode
 * has 48 bits.)
 */
typedef uint64 SlotVersion;

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
	vacuum->hollow = page_nodeset_create(CurrentMemoryContext, 16, NULL);
	vacuum->hints = page_hints_create();
	vacuum->doubts_all = page_meta_rows_stale(space);
	vacuum->says_stale = vacuum->doubts_all;
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
	ref->slot = page_tid_unpack(slot);
	ref->owner = node->down;
	ref->version = node->version;
	ref->layer = node->layer;
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

	if (!vacuum->says_stale)
	{
		page_meta_set_rows_stale(vacuum->space, true);
		vacuum->says_stale = true;
	}
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

/* Enter a page, if it has free slots, in the free space map. */
static void
note_free(PageVacuum *vacuum, BlockNumber block, Size space)
{
	if (space == 0)
		return;
	RecordPageWithFreeSpace(vacuum->space->index, block, space);
	vacuum->has_free = true;
}

/* Does the node die to which an upper node or a posting belongs? */
static bool
owner_dies(const PageVacuum *vacuum, const PageSlotRef *ref)
{
	return page_nodeset_has(vacuum->dying, page_tid_pack(&ref->owner));
}

/* A node stays: should the entry point die, the highest that does is heir. */
static void
note_heir(PageVacuum *vacuum, GraphNode node, int layer)
{
	if (vacuum->heir != GRAPH_NO_NODE && layer <= vacuum->heir_layer)
		return;
	vacuum->heir = node;
	vacuum->heir_layer = layer;
}

/*
 * Note a live node above layer 0, which has to die if its vertex does.  Most
 * come after the node on layer 0, being written later, so it is known already
 * that they stay: these need not be kept in memory.
 */
static void
note_upper(PageVacuum *vacuum, GraphNode slot, const PageNode *node)
{
	GraphNode	owner = page_tid_pack(&node->down);

	if (node->layer == 1 && owner < slot &&
		!page_nodeset_has(vacuum->dying, owner) &&
		!page_nodeset_has(vacuum->hollow, owner))
		note_heir(vacuum, slot, node->layer);
	else
		refs_add(&vacuum->upper, slot, node);
}

/* Note what a slot is, for the passes to come. */
static void
note_slot(PageVacuum *vacuum, GraphNode slot, const PageNode *node)
{
	switch ((PageNodeState) node->state)
	{
		case NODE_FREE:
			break;
		case NODE_RESERVED:
			refs_add(&vacuum->reserved, slot, node);
			break;
		case NODE_LIVE:
			if (node->layer > 0)
				note_upper(vacuum, slot, node);
			else if (node->nrows == 0)
				page_nodeset_add(vacuum->hollow, slot);
			else
				note_heir(vacuum, slot, node->layer);
			break;
		case NODE_DYING:
			page_nodeset_add(vacuum->dying, slot);
			break;
		case NODE_POSTING:
			refs_add(&vacuum->postings, slot, node);
			if (node->nrows == 0)
				refs_add(&vacuum->empties, slot, node);
			break;
	}
}

/*
 * Note of which nodes of a page edges may name rows that are no more: those
 * that lost rows now or, if a vacuum was cut off, perhaps any.
 */
static void
note_hints(PageVacuum *vacuum, BlockNumber block, Page page,
		   const DeadRows *dead)
{
	int			max = PageGetMaxOffsetNumber(page);
	int			n = vacuum->doubts_all ? max : dead->n;

	for (int i = 0; i < n; i++)
	{
		OffsetNumber o = vacuum->doubts_all ? FirstOffsetNumber + i :
			dead->items[i].offset;
		PageNode   *node = page_node(page, o);

		if (node->state == NODE_LIVE && node->layer == 0)
			page_hints_note(vacuum->hints, slot_id(block, o), node);
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
	PageRef		ref;
	OffsetNumber max;
	Size		free_space;

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
		remove_dead_rows(vacuum, block, &dead);

	/* read again: what others did since counts, too */
	page_open(vacuum->space, block, PAGE_KIND_NODE, &ref);
	max = PageGetMaxOffsetNumber(ref.page);
	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
		note_slot(vacuum, slot_id(block, o), page_node(ref.page, o));

	/* that slots are free may be known to nobody: the map is not in the WAL */
	free_space = page_slot_space(ref.page);
	note_hints(vacuum, block, ref.page, &dead);
	page_close(&ref);
	if (dead.n > 0)
		pfree(dead.items);
	note_free(vacuum, block, free_space);
}

static SlotVersion
slot_version(GraphNode slot, uint16 version)
{
	return (slot << 16) | version;
}

static GraphNode
slot_of(SlotVersion slot)
{
	return slot >> 16;
}

/*
 * Set the state of slots on one page that are still what we know them to be.
 * A dying node is, whatever its version: nobody else changes those.
 */
static void
set_states_on_page(PageVacuum *vacuum, const SlotVersion *slots, int64 n,
				   PageNodeState from, PageNodeState to)
{
	BlockNumber block = page_tid_block(slot_of(slots[0]));
	bool		changed = false;
	Size		free_space = 0;
	PageEdit	edit;

	page_edit_begin(vacuum->space, block, PAGE_KIND_NODE, &edit);
	for (int64 i = 0; i < n; i++)
	{
		PageNode   *node = page_node(edit.page,
									 page_tid_offset(slot_of(slots[i])));

		if (node->state != from ||
			(from != NODE_DYING && node->version != (uint16) slots[i]))
			continue;
		node->state = to;
		if (to == NODE_FREE)
			node->nedges = node->nrows = 0;
		changed = true;
	}
	if (changed && to == NODE_FREE)
		free_space = page_slot_space(edit.page);
	if (changed)
		page_edit_commit(&edit);
	else
		page_edit_cancel(&edit);
	note_free(vacuum, block, free_space);
}

/* The same for any number of slots, sorted.  Caller holds no lock. */
static void
set_states(PageVacuum *vacuum, const SlotVersion *slots, int64 n,
		   PageNodeState from, PageNodeState to)
{
	for (int64 i = 0, first = 0; i < n; i++)
	{
		if (i + 1 < n &&
			page_tid_block(slot_of(slots[i + 1])) ==
			page_tid_block(slot_of(slots[first])))
			continue;
		hnsw_vacuum_delay_point();
		set_states_on_page(vacuum, &slots[first], i + 1 - first, from, to);
		first = i + 1;
	}
}

/* The same for slots that belong to dying nodes, of all that are noted. */
static void
set_states_of_dying(PageVacuum *vacuum, const PageSlotRefs *refs,
					PageNodeState from, PageNodeState to)
{
	SlotVersion *slots;
	int64		n = 0;

	slots = MemoryContextAllocHuge(CurrentMemoryContext,
								   (refs->n + 1) * sizeof(SlotVersion));
	for (int64 i = 0; i < refs->n; i++)
	{
		const PageSlotRef *ref = &refs->items[i];

		if (owner_dies(vacuum, ref))
			slots[n++] = slot_version(page_tid_pack(&ref->slot),
									  ref->version);
	}
	set_states(vacuum, slots, n, from, to);
	pfree(slots);
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
 * Read the posting that is next in the list of a node.  False at the end of
 * the list.  Caller holds no lock.
 */
static bool
next_posting(PageVacuum *vacuum, GraphNode node, const PageNode *previous,
			 PageNode *posting)
{
	hnsw_vacuum_delay_point();
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
 * Take the empty postings of a live node out of its list and free them, all
 * but the first, which inserts may be putting rows into.  They look at no
 * others, and will not: an empty posting stays the first.  A scan on its way
 * along the list finds out (page_store_rows).
 */
static void
trim_postings(PageVacuum *vacuum, GraphNode node, const PageNode *header)
{
	GraphNode	kept = page_tid_pack(&header->posting);
	PageNode	previous;		/* in the list, and what it says */
	PageNode	posting;

	if (!next_posting(vacuum, node, header, &previous))
		return;
	while (next_posting(vacuum, node, &previous, &posting))
	{
		GraphNode	id = page_tid_pack(&previous.posting);
		SlotVersion slot = slot_version(id, posting.version);

		if (posting.nrows == 0)
		{
			set_next_posting(vacuum, kept, &posting.posting);
			set_states_on_page(vacuum, &slot, 1, NODE_POSTING, NODE_FREE);
			previous.posting = posting.posting;
			continue;
		}
		kept = id;
		previous = posting;
	}
}

/* Is a posting that was found empty still there, and empty? */
static bool
is_still_empty(PageVacuum *vacuum, const PageSlotRef *ref, PageNode *posting)
{
	return read_slot(vacuum, page_tid_pack(&ref->slot), posting) &&
		posting->state == NODE_POSTING && posting->version == ref->version &&
		posting->nrows == 0;
}

/*
 * Free empty postings, as far as this can be done beside inserts; those of
 * dying nodes go with them.  What is left in the list of empties is either
 * the first of its node, or in no node's list at all: a crash came before it
 * was.
 */
static void
settle_empties(PageVacuum *vacuum)
{
	PageSlotRefs *empties = &vacuum->empties;
	PageNode	header;
	int64		left = 0;

	for (int64 i = 0; i < empties->n; i++)
	{
		PageSlotRef *ref = &empties->items[i];
		GraphNode	owner = page_tid_pack(&ref->owner);

		hnsw_vacuum_delay_point();
		if (owner_dies(vacuum, ref) || !is_still_empty(vacuum, ref, &header))
			continue;
		if (read_slot(vacuum, owner, &header) && header.state == NODE_LIVE)
			trim_postings(vacuum, owner, &header);
		if (is_still_empty(vacuum, ref, &header))
			empties->items[left++] = *ref;
	}
	empties->n = left;
}

/* A node without rows anywhere dies, unless an insert gives it one first. */
static bool
let_hollow_die(PageVacuum *vacuum, GraphNode node)
{
	PageEdit	edit;
	PageNode   *header;
	bool		dies;

	page_edit_begin(vacuum->space, page_tid_block(node), PAGE_KIND_NODE,
					&edit);
	header = page_node(edit.page, page_tid_offset(node));
	dies = header->state == NODE_LIVE && header->nrows == 0;
	if (dies)
	{
		header->state = NODE_DYING;
		page_edit_commit(&edit);
		page_nodeset_add(vacuum->dying, node);
	}
	else
		page_edit_cancel(&edit);
	return dies;
}

/*
 * Nodes found without rows of their own die if they have none in postings
 * either.  If a node still has none of its own, an insert that came since
 * would have put its row there: so nobody has touched the postings.
 */
static void
settle_hollow(PageVacuum *vacuum)
{
	page_nodeset_iterator iterator;
	PageNodeSetEntry *entry;
	PageNode	header;

	page_nodeset_start_iterate(vacuum->hollow, &iterator);
	while ((entry = page_nodeset_iterate(vacuum->hollow, &iterator)) != NULL)
	{
		GraphNode	node = entry->node;

		hnsw_vacuum_delay_point();
		if (!read_slot(vacuum, node, &header) || header.state != NODE_LIVE)
			continue;
		if (header.nrows > 0 || has_posted_rows(vacuum, node, &header) ||
			!let_hollow_die(vacuum, node))
			note_heir(vacuum, node, header.layer);
	}
}

/*
 * Settle what could not be told from one page alone: nodes that have no rows
 * but in postings, empty postings, slots reserved by inserts that did not
 * live to write them.  Caller has waited, after the first pass, for all
 * inserts that were at work; others may be by now.
 */
void
page_vacuum_settle(PageVacuum *vacuum)
{
	settle_hollow(vacuum);
	settle_empties(vacuum);
	for (int64 i = 0; i < vacuum->reserved.n; i++)
	{
		const PageSlotRef *ref = &vacuum->reserved.items[i];
		SlotVersion slot = slot_version(page_tid_pack(&ref->slot),
										ref->version);

		set_states(vacuum, &slot, 1, NODE_RESERVED, NODE_FREE);
	}
}

/*
 * Free some of the empty postings that page_vacuum_settle() has left.  Caller
 * holds the insert lock exclusively, and comes again while there are more.
 */
void
page_vacuum_drop_postings(PageVacuum *vacuum)
{
	PageSlotRefs *empties = &vacuum->empties;

	for (int i = 0; i < DROP_BATCH && empties->n > 0; i++)
	{
		PageSlotRef *ref = &empties->items[--empties->n];
		GraphNode	owner = page_tid_pack(&ref->owner);
		SlotVersion slot = slot_version(page_tid_pack(&ref->slot),
										ref->version);
		PageNode	posting;
		PageNode	header;

		if (!is_still_empty(vacuum, ref, &posting))
			continue;
		if (read_slot(vacuum, owner, &header) && header.state == NODE_LIVE &&
			page_tid_pack(&header.posting) == slot_of(slot))
			set_next_posting(vacuum, owner, &posting.posting);
		set_states_on_page(vacuum, &slot, 1, NODE_POSTING, NODE_FREE);
	}
}

/*
 * A vertex dies on all its layers: mark the nodes above dying ones.  Inserts
 * may be at work, and for some time yet choose what they saw alive.
 */
void
page_vacuum_mark_upper(PageVacuum *vacuum)
{
	const PageSlotRefs *upper = &vacuum->upper;
	int			top = 0;

	for (int64 i = 0; i < upper->n; i++)
		top = Max(top, upper->items[i].layer);
	for (int layer = 1; layer <= top; layer++)
	{
		for (int64 i = 0; i < upper->n; i++)
		{
			PageSlotRef *ref = &upper->items[i];
			GraphNode	node = page_tid_pack(&ref->slot);

			if (ref->layer != layer)
				continue;
			if (owner_dies(vacuum, ref))
				page_nodeset_add(vacuum->dying, node);
			else
				note_heir(vacuum, node, layer);
		}
	}
	set_states_of_dying(vacuum, upper, NODE_LIVE, NODE_DYING);
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

		hnsw_vacuum_delay_point();
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
 * Does the entry point die?  Then somebody is found to take its place: the
 * highest node that stays or, if there is none of those that the first pass
 * saw, one inserted since.  Caller has waited for all inserts that saw dying
 * nodes alive.  So if there is nobody now, whoever comes next finds nobody
 * alive either, and makes its node the entry point itself.
 */
bool
page_vacuum_find_heir(PageVacuum *vacuum)
{
	GraphNode	entry;
	int			layer;

	if (!page_meta_entry(vacuum->space, &entry, &layer) ||
		!page_nodeset_has(vacuum->dying, entry))
		return false;
	if (vacuum->heir == GRAPH_NO_NODE)
		vacuum->heir = find_newcomer(vacuum);
	return true;
}

/*
 * Let the heir take the place of the entry point if that still is one that
 * dies.  Caller holds the insert lock exclusively.
 */
void
page_vacuum_replace_entry(PageVacuum *vacuum)
{
	GraphNode	entry;
	int			layer;

	if (page_meta_entry(vacuum->space, &entry, &layer) &&
		page_nodeset_has(vacuum->dying, entry))
		page_meta_replace_entry(vacuum->space, entry, vacuum->heir,
								vacuum->heir_layer);
}

/*
 * Forget a landmark that dies, and let others name rows that there are (a
 * node that has none but in postings has no better).
 */
static bool
settle_landmark(PageVacuum *vacuum, PageEdge *landmark)
{
	const ItemPointerData *row;

	if (page_nodeset_has(vacuum->dying, page_tid_pack(&landmark->node)))
	{
		memset(landmark, 0, sizeof(*landmark));
		return true;
	}
	row = page_hints_correct(vacuum, &landmark->node, &landmark->row);
	if (row == NULL || !ItemPointerIsValid(row))
		return false;
	landmark->row = *row;
	return true;
}

/* Settle all landmarks. */
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

		hnsw_vacuum_delay_point();
		page_edit_begin(vacuum->space, all.pages[i], PAGE_KIND_LANDMARK,
						&edit);
		max = PageGetMaxOffsetNumber(edit.page);
		for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
			changed |= settle_landmark(vacuum, page_landmark(edit.page, o));
		if (changed)
			page_edit_commit(&edit);
		else
			page_edit_cancel(&edit);
	}
	pfree(all.pages);
}

static int
compare_slots(const void *a, const void *b)
{
	SlotVersion x = *(const SlotVersion *) a;
	SlotVersion y = *(const SlotVersion *) b;

	return (x > y) - (x < y);
}

/*
 * Free the slots of all dying nodes and, first, their postings.  No live node
 * has an edge to them any more; who still holds such an edge, a scan, finds
 * out when it visits the slot.
 *
 * The insert that made a posting may have given it up, and another may have
 * put the slot to use since: it then has another version.
 */
void
page_vacuum_free(PageVacuum *vacuum)
{
	page_nodeset_iterator iterator;
	PageNodeSetEntry *entry;
	SlotVersion *slots;
	int64		n = 0;

	set_states_of_dying(vacuum, &vacuum->postings, NODE_POSTING, NODE_FREE);
	slots = MemoryContextAllocHuge(CurrentMemoryContext,
								   (vacuum->dying->members + 1) *
								   sizeof(SlotVersion));
	page_nodeset_start_iterate(vacuum->dying, &iterator);
	while ((entry = page_nodeset_iterate(vacuum->dying, &iterator)) != NULL)
		slots[n++] = slot_version(entry->node, 0);
	qsort(slots, n, sizeof(SlotVersion), compare_slots);
	set_states(vacuum, slots, n, NODE_DYING, NODE_FREE);
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
