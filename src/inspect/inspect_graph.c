/*-------------------------------------------------------------------------
 *
 * inspect_graph.c
 *	  The whole graph of an index in memory.
 *
 * One pass over the pages notes what each slot holds.  Since nodes have one
 * size, a slot's TID is as good as a number, and a graph of n nodes takes
 * some (40 + 8 m) n bytes: a few percent of the index.
 *
 * While the index is being changed the picture is not of one moment: an edge
 * may lead to what has been freed since, or to a block that came later.
 * Everything is therefore checked for being in range, and nothing else.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "inspect/inspect_graph.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* The number of a TID among items of which a page holds so many. */
static uint32
tid_number(const InspectGraph *graph, const ItemPointerData *tid,
		   int per_page)
{
	BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);

	if (block >= graph->nblocks || offset < FirstOffsetNumber ||
		offset > per_page)
		return INSPECT_NO_SLOT;
	return block * per_page + offset - FirstOffsetNumber;
}

/* Make room for a node's edges. */
static void
edges_reserve(InspectGraph *graph)
{
	Size		size;

	if (graph->nedges + graph->format->max_edges <= graph->edges_size)
		return;
	graph->edges_size = Max(65536, graph->edges_size * 2);
	size = graph->edges_size * sizeof(InspectSlotNo);
	graph->edges = graph->edges ? repalloc_huge(graph->edges, size) :
		MemoryContextAllocHuge(CurrentMemoryContext, size);
}

/* Note what a slot holds. */
static void
load_slot(InspectGraph *graph, InspectSlot *slot, const PageNode *node)
{
	const PageFormat *format = graph->format;

	slot->exists = true;
	slot->state = node->state;
	slot->layer = node->layer;
	slot->nrows = node->nrows;
	slot->down = tid_number(graph, &node->down, format->nodes_per_page);
	slot->posting = tid_number(graph, &node->posting, format->nodes_per_page);
	slot->refine = tid_number(graph, &node->refine, format->refines_per_page);
	if (!inspect_is_node(slot))
		return;
	edges_reserve(graph);
	slot->nedges = Min(node->nedges, format->max_edges);
	slot->first_edge = graph->nedges;
	for (int i = 0; i < slot->nedges; i++)
		graph->edges[graph->nedges++] =
			tid_number(graph, &page_node_edge(format, node, i)->node,
					   format->nodes_per_page);
}

/* Note what a page holds. */
static void
load_page(InspectGraph *graph, BlockNumber block, Page page)
{
	PageKind	kind = (PageKind) page_special(page)->kind;
	OffsetNumber max = PageGetMaxOffsetNumber(page);
	InspectSlot *slots = graph->slots +
		(Size) block * graph->format->nodes_per_page;

	if (kind < PAGE_KINDS)
		graph->pages[kind]++;
	if (kind == PAGE_KIND_REFINE)
		graph->nrefines += max;
	if (kind != PAGE_KIND_NODE)
		return;
	max = Min(max, graph->format->nodes_per_page);
	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
	{
		if (page_has_item(page, o))
			load_slot(graph, &slots[o - FirstOffsetNumber],
					  page_node(page, o));
	}
}

/* Count the edges that lead to each node. */
static void
count_references(InspectGraph *graph)
{
	for (InspectSlotNo s = 0; s < graph->nslots; s++)
	{
		const InspectSlot *from = &graph->slots[s];

		for (int i = 0; i < from->nedges; i++)
		{
			InspectSlotNo to = graph->edges[from->first_edge + i];

			if (to != INSPECT_NO_SLOT && inspect_is_node(&graph->slots[to]))
				graph->slots[to].nreferences++;
		}
	}
}

/* Load the graph, in the current memory context. */
void
inspect_graph_load(InspectGraph *graph, InspectIndex *inspect)
{
	PGAlignedBlock page;
	uint64		nslots;

	memset(graph, 0, sizeof(*graph));
	graph->format = inspect->space.format;
	graph->nblocks = RelationGetNumberOfBlocks(inspect->index);
	nslots = (uint64) graph->nblocks * graph->format->nodes_per_page;
	if (nslots >= INSPECT_NO_SLOT ||
		(uint64) graph->nblocks * graph->format->refines_per_page >=
		INSPECT_NO_SLOT)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("index \"%s\" is too large to be looked at as a whole",
						RelationGetRelationName(inspect->index))));
	graph->nslots = nslots;
	graph->slots = MemoryContextAllocExtended(CurrentMemoryContext,
											  nslots * sizeof(InspectSlot),
											  MCXT_ALLOC_HUGE |
											  MCXT_ALLOC_ZERO);
	for (BlockNumber block = 0; block < graph->nblocks; block++)
	{
		if (!inspect_read_page(inspect, block, &page))
			graph->pages[0]++;
		else if (block == PAGE_META_BLOCK)
		{
			graph->meta = *page_meta((Page) page.data);
			graph->pages[PAGE_KIND_META]++;
		}
		else
			load_page(graph, block, (Page) page.data);
	}
	count_references(graph);
}

/* Nodes to be followed, each entered once */
typedef struct ReachQueue
{
	InspectSlotNo *slots;
	uint64		n;
} ReachQueue;

/* Reach a node, if there is one on that layer that was not yet reached. */
static void
reach(InspectGraph *graph, ReachQueue *queue, InspectSlotNo number, int layer)
{
	InspectSlot *slot;

	if (number == INSPECT_NO_SLOT)
		return;
	slot = &graph->slots[number];
	if (!inspect_is_node(slot) || slot->layer != layer || slot->reached)
		return;
	slot->reached = true;
	queue->slots[queue->n++] = number;
}

/*
 * Mark the nodes that can be reached from the entry point: by the edges of a
 * layer, and by `down` from a node that was reached.
 */
void
inspect_graph_reach(InspectGraph *graph)
{
	ReachQueue	queue;
	ItemPointerData entry = page_tid_unpack(graph->meta.entry);

	queue.n = 0;
	queue.slots = MemoryContextAllocHuge(CurrentMemoryContext,
										 ((Size) graph->nslots + 1) *
										 sizeof(InspectSlotNo));
	if (graph->meta.entry != GRAPH_NO_NODE)
		reach(graph, &queue,
			  tid_number(graph, &entry, graph->format->nodes_per_page),
			  graph->meta.entry_layer);
	for (uint64 next = 0; next < queue.n; next++)
	{
		const InspectSlot *slot = &graph->slots[queue.slots[next]];

		if (next % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < slot->nedges; i++)
			reach(graph, &queue, graph->edges[slot->first_edge + i],
				  slot->layer);
		if (slot->layer > 0)
			reach(graph, &queue, slot->down, slot->layer - 1);
	}
	pfree(queue.slots);
}
