/*-------------------------------------------------------------------------
 *
 * inspect_graph.h
 *	  The whole graph of an index in memory: what is in each slot, and where
 *	  the edges lead.
 *
 *-------------------------------------------------------------------------
 */
#ifndef INSPECT_GRAPH_H
#define INSPECT_GRAPH_H

#include "inspect/inspect_index.h"

/*
 * Slots of nodes are numbered through the index: those of block b are
 * b * slots_per_page, ...  Refine tuples likewise, by themselves.
 */
typedef uint32 InspectSlotNo;

/* No TID, or one that is not in the index */
#define INSPECT_NO_SLOT		PG_UINT32_MAX

typedef struct InspectSlot
{
	uint8		exists;			/* else all of it is zero */
	uint8		state;			/* PageNodeState */
	uint8		layer;
	uint8		reached;		/* see inspect_graph_reach() */
	uint16		nedges;
	uint16		nrows;
	uint32		nreferences;	/* edges that lead here */
	InspectSlotNo down;
	InspectSlotNo posting;
	uint32		refine;			/* number of its refine tuple */
	uint64		first_edge;		/* its edges' place in graph->edges */
} InspectSlot;

typedef struct InspectGraph
{
	const PageFormat *format;
	PageMeta	meta;
	BlockNumber nblocks;		/* those that were looked at */
	uint64		pages[PAGE_KINDS];	/* by kind; [0]: new ones */
	uint64		nrefines;
	InspectSlotNo nslots;
	InspectSlot *slots;
	InspectSlotNo *edges;		/* where they lead, or INSPECT_NO_SLOT */
	uint64		nedges;
	uint64		edges_size;
} InspectGraph;

extern void inspect_graph_load(InspectGraph *graph, InspectIndex *inspect);
extern void inspect_graph_reach(InspectGraph *graph);

/* A vertex at a layer, on its way out or not? */
static inline bool
inspect_is_node(const InspectSlot *slot)
{
	return slot->exists &&
		(slot->state == NODE_LIVE || slot->state == NODE_DYING);
}

/* The number of a slot that can be in the index */
static inline InspectSlotNo
inspect_slot_no(const InspectGraph *graph, BlockNumber block,
				OffsetNumber offset)
{
	return block * graph->format->nodes_per_page + offset -
		FirstOffsetNumber;
}

static inline BlockNumber
inspect_slot_block(const InspectGraph *graph, InspectSlotNo slot)
{
	return slot / graph->format->nodes_per_page;
}

static inline OffsetNumber
inspect_slot_offset(const InspectGraph *graph, InspectSlotNo slot)
{
	return slot % graph->format->nodes_per_page + FirstOffsetNumber;
}

#endif							/* INSPECT_GRAPH_H */
