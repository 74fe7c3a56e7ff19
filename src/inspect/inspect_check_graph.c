/*-------------------------------------------------------------------------
 *
 * inspect_check_graph.c
 *	  Where edges and pointers lead: I4, I8, I11, I12, I13, I18.
 *
 * Works on the graph in memory.  Each pointer that only one slot may have is
 * entered in an array of owners; the second to come is reported.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"


#include "inspect/inspect_check.h"
#include "miscadmin.h"
#include "utils/memutils.h"

static const char *const state_names[] = {
	"free", "reserved", "live", "dying", "a posting"
};

/* What a slot is, for messages */
static const char *
slot_name(const InspectGraph *graph, InspectSlotNo slot)
{
	if (slot == INSPECT_NO_SLOT || !graph->slots[slot].exists)
		return "not there";
	return state_names[graph->slots[slot].state];
}

/* Array of owners of n things, none of which has one yet. */
static InspectSlotNo *
owners_create(uint64 n)
{
	InspectSlotNo *owners = MemoryContextAllocHuge(CurrentMemoryContext,
												   (n + 1) *
												   sizeof(InspectSlotNo));

	memset(owners, 0xFF, (n + 1) * sizeof(InspectSlotNo));
	StaticAssertStmt(INSPECT_NO_SLOT == 0xFFFFFFFF, "set by bytes");
	return owners;
}

/* Give a thing its owner; an error if it has one. */
static void
owner_set(const InspectCheck *check, Invariant invariant,
		  InspectSlotNo *owners, uint32 thing, InspectSlotNo owner)
{
	if (owners[thing] != INSPECT_NO_SLOT)
	{
		CheckPlace	other = check_place(check, owners[thing]);

		check_fail(check, invariant, check_place(check, owner),
				   "What this slot points to belongs to (%u,%u) already.",
				   other.block, other.offset);
	}
	owners[thing] = owner;
}

/* I4 */
static void
check_edge_targets(const InspectCheck *check, InspectSlotNo s)
{
	const InspectGraph *graph = &check->graph;
	const InspectSlot *slot = &graph->slots[s];

	for (int i = 0; i < slot->nedges; i++)
	{
		InspectSlotNo to = graph->edges[slot->first_edge + i];

		if (to == INSPECT_NO_SLOT || !inspect_is_node(&graph->slots[to]))
			check_fail(check, I4_EDGE_LEADS_TO_NODE, check_place(check, s),
					   "Edge %d leads to (%u,%u), which is %s.", i,
					   check_place(check, to).block,
					   check_place(check, to).offset, slot_name(graph, to));
		if (graph->slots[to].layer != slot->layer)
			check_fail(check, I4_EDGE_LEADS_TO_NODE, check_place(check, s),
					   "Edge %d leads from layer %u to (%u,%u) on layer %u.",
					   i, slot->layer, check_place(check, to).block,
					   check_place(check, to).offset,
					   graph->slots[to].layer);
	}
}

/* I11: below a live node, one layer down, is a node; how alike, later */
static void
check_down(const InspectCheck *check, InspectSlotNo s, InspectSlotNo *owners)
{
	const InspectGraph *graph = &check->graph;
	const InspectSlot *slot = &graph->slots[s];
	const InspectSlot *below;

	if (slot->down == INSPECT_NO_SLOT ||
		!inspect_is_node(&graph->slots[slot->down]))
		check_fail(check, I11_DOWN, check_place(check, s),
				   "What is below the node is %s.",
				   slot_name(graph, slot->down));
	below = &graph->slots[slot->down];
	if (below->layer + 1 != slot->layer)
		check_fail(check, I11_DOWN, check_place(check, s),
				   "The node is on layer %u, what is below it on layer %u.",
				   slot->layer, below->layer);
	owner_set(check, I11_DOWN, owners, slot->down, s);
}

/* I12: the postings of one node; an owner twice is a ring */
static void
check_postings(const InspectCheck *check, InspectSlotNo s,
			   InspectSlotNo *owners)
{
	const InspectGraph *graph = &check->graph;
	InspectSlotNo next = graph->slots[s].posting;

	while (next != INSPECT_NO_SLOT)
	{
		const InspectSlot *posting = &graph->slots[next];

		CHECK_FOR_INTERRUPTS();
		if (!posting->exists || posting->state != NODE_POSTING)
			check_fail(check, I12_POSTINGS, check_place(check, s),
					   "One of the node's postings, (%u,%u), is %s.",
					   check_place(check, next).block,
					   check_place(check, next).offset,
					   slot_name(graph, next));
		if (posting->down != s)
			check_fail(check, I12_POSTINGS, check_place(check, next),
					   "The posting of (%u,%u) names another owner.",
					   check_place(check, s).block,
					   check_place(check, s).offset);
		owner_set(check, I12_POSTINGS, owners, next, s);
		next = posting->posting;
	}
}

/* I13, as far as the entry point itself goes */
static void
check_entry(const InspectCheck *check)
{
	const InspectGraph *graph = &check->graph;
	const PageMeta *meta = &graph->meta;
	CheckPlace	place = {.block = PAGE_META_BLOCK};
	BlockNumber block = page_tid_block(meta->entry);
	OffsetNumber offset = page_tid_offset(meta->entry);
	InspectSlotNo entry;

	if (meta->entry == GRAPH_NO_NODE)
		return;
	entry = inspect_slot_no(graph, block, offset);	/* I2: there can be */
	if (!inspect_is_node(&graph->slots[entry]))
		check_fail(check, I13_ENTRY, place,
				   "The entry point (%u,%u) is %s.", block, offset,
				   slot_name(graph, entry));
	if (graph->slots[entry].layer != meta->entry_layer)
		check_fail(check, I13_ENTRY, place,
				   "The entry point (%u,%u) is on layer %u, not %u.", block,
				   offset, graph->slots[entry].layer, meta->entry_layer);
}

/* I18: listed landmarks lead to nodes of layer 0 */
static void
check_landmarks(InspectCheck *check)
{
	const InspectGraph *graph = &check->graph;
	CheckPlace	place;
	PGAlignedBlock page;

	for (uint32 i = 0; i < graph->meta.nlandmark_pages; i++)
	{
		place.block = graph->meta.landmark_pages[i];
		if (!inspect_read_page(&check->inspect, place.block, &page))
			continue;			/* not reached: I18 as to the meta page */
		for (place.offset = FirstOffsetNumber;
			 place.offset <= PageGetMaxOffsetNumber((Page) page.data);
			 place.offset++)
		{
			const ItemPointerData *tid =
				&page_landmark((Page) page.data, place.offset)->node;
			InspectSlotNo slot;

			if (!ItemPointerIsValid(tid))
				continue;
			slot = inspect_slot_no(graph, ItemPointerGetBlockNumber(tid),
								   ItemPointerGetOffsetNumber(tid));
			if (!inspect_is_node(&graph->slots[slot]) ||
				graph->slots[slot].layer > 0)
				check_fail(check, I18_LANDMARKS, place,
						   "Landmark (%u,%u) is %s, on layer %u.",
						   ItemPointerGetBlockNumber(tid),
						   ItemPointerGetOffsetNumber(tid),
						   slot_name(graph, slot),
						   graph->slots[slot].layer);
		}
	}
}

/* Check where all of the graph's edges and pointers lead. */
void
check_graph(InspectCheck *check)
{
	const InspectGraph *graph = &check->graph;
	uint64		nrefines = (uint64) graph->nblocks *
		graph->format->refines_per_page;
	InspectSlotNo *above = owners_create(graph->nslots);
	InspectSlotNo *refine_owners = owners_create(nrefines);

	check->posting_owners = owners_create(graph->nslots);
	check_entry(check);
	check_landmarks(check);
	for (InspectSlotNo s = 0; s < graph->nslots; s++)
	{
		const InspectSlot *slot = &graph->slots[s];

		if (s % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!slot->exists)
			continue;
		if (slot->refine != INSPECT_NO_SLOT)
			owner_set(check, I8_REFINE, refine_owners, slot->refine, s);
		if (slot->state != NODE_LIVE)
			continue;
		check_edge_targets(check, s);
		if (slot->layer > 0)
			check_down(check, s, above);
		else
			check_postings(check, s, check->posting_owners);
	}
	pfree(above);
	pfree(refine_owners);
}
