/*-------------------------------------------------------------------------
 *
 * page_arrange.c
 *	  Which nodes share a page, when an arena is written to the index.
 *
 * Nodes come into an arena in the order of the table's rows, which says
 * nothing of where they are: hardly ever does a search want two of one page.
 * So before the pages are written, nodes change places: those that lead to
 * each other are put on one page, of which a search then reads a fifth to a
 * third less.
 *
 * Greedily, page by page: the next node is the one that those on the page
 * lead to most, an edge counting the more the shorter it is among its node's.
 * What is left over of one page's candidates begins the next.  Edges that
 * lead here from nodes elsewhere are not looked at: to know them would take
 * several times the memory, for 1 % less to be read.  (Exchanging nodes between
 * pages afterwards: another 1 %, in twice the time.)
 *
 * The nodes above layer 0 come last, on pages of their own: these few are read
 * by all searches, and vacuum knows by then whether their vertices stay.
 *
 * Nodes are numbered by their places, in the order of blocks; a place on a
 * page that is not full has a number, but no node.  A node's new TID is that
 * of the place it gets; pages of other kinds stay where they are.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "page/page_arrange.h"
#include "utils/memutils.h"

#define NO_NODE		PG_UINT32_MAX

struct PageArrangement
{
	MemoryContext context;		/* of all this */
	const PageSpace *space;
	uint32		per_page;
	BlockNumber nblocks;		/* of the arena */
	uint32	   *ordinals;		/* block -> which of those of nodes it is */
	BlockNumber *blocks;		/* the blocks of nodes */
	uint32		nplaces;		/* on these */
	uint32		nnodes;			/* there are so many nodes */
	uint32	   *places;			/* node -> its new place, or NO_NODE */
	uint32	   *nodes;			/* new place -> node */

	/* while it is worked out */
	uint32		scanned;		/* all nodes before it have their place ... */
	bool		uppers;			/* ... or, if not set, all of layer 0 */
	float	   *scores;			/* of nodes that are candidates, others 0 */
	uint32	   *candidates;		/* that nodes on this page lead to */
	int			ncandidates;
	float	   *lengths;		/* of a node's edges */
};

static uint32
node_number(const PageArrangement *arrangement, const ItemPointerData *tid)
{
	BlockNumber block = ItemPointerGetBlockNumber(tid);

	Assert(block < arrangement->nblocks);
	Assert(arrangement->ordinals[block] != NO_NODE);
	return arrangement->ordinals[block] * arrangement->per_page +
		ItemPointerGetOffsetNumber(tid) - FirstOffsetNumber;
}

static BlockNumber
place_block(const PageArrangement *arrangement, uint32 place)
{
	return arrangement->blocks[place / arrangement->per_page];
}

static OffsetNumber
place_offset(const PageArrangement *arrangement, uint32 place)
{
	return place % arrangement->per_page + FirstOffsetNumber;
}

/* Where a node is in the arena; NULL: a place without one */
static PageNode *
arena_node(const PageArrangement *arrangement, uint32 number)
{
	Page		page = page_arena_page(arrangement->space->arena,
									   place_block(arrangement, number));
	OffsetNumber offset = place_offset(arrangement, number);

	return page_has_item(page, offset) ? page_node(page, offset) : NULL;
}

/* Find the blocks of nodes, and count these. */
static void
arrange_count(PageArrangement *arrangement)
{
	PageArena  *arena = arrangement->space->arena;
	uint32		n = 0;

	for (BlockNumber block = 0; block < arrangement->nblocks; block++)
	{
		Page		page = page_arena_page(arena, block);

		arrangement->ordinals[block] = NO_NODE;
		if (page_special(page)->kind != PAGE_KIND_NODE)
			continue;
		arrangement->ordinals[block] = n;
		arrangement->blocks[n++] = block;
		arrangement->nnodes += PageGetMaxOffsetNumber(page);
	}
	arrangement->nplaces = n * arrangement->per_page;
}

/*
 * The first node that has no place yet, in the order that they came in; those
 * of layer 0 first
 */
static uint32
arrange_next(PageArrangement *arrangement)
{
	for (;; arrangement->scanned++)
	{
		const PageNode *node;

		if (arrangement->scanned == arrangement->nplaces)
		{
			arrangement->scanned = 0;
			arrangement->uppers = true;
		}
		if (arrangement->places[arrangement->scanned] != NO_NODE)
			continue;
		node = arena_node(arrangement, arrangement->scanned);
		if (node != NULL && (node->layer == 0 || arrangement->uppers))
			return arrangement->scanned;
	}
}

/* The candidate that those on the page lead to most; NO_NODE: there is none. */
static uint32
arrange_best(const PageArrangement *arrangement)
{
	uint32		best = NO_NODE;
	float		best_score = 0;

	for (int i = 0; i < arrangement->ncandidates; i++)
	{
		uint32		node = arrangement->candidates[i];

		if (arrangement->places[node] == NO_NODE &&
			arrangement->scores[node] > best_score)
		{
			best = node;
			best_score = arrangement->scores[node];
		}
	}
	return best;
}

/* Begin with a new page. */
static void
arrange_forget_candidates(PageArrangement *arrangement)
{
	for (int i = 0; i < arrangement->ncandidates; i++)
		arrangement->scores[arrangement->candidates[i]] = 0;
	arrangement->ncandidates = 0;
}

/* Where a node leads to are candidates, the more the nearer. */
static void
arrange_add_candidates(PageArrangement *arrangement, const PageNode *node)
{
	const PageFormat *format = arrangement->space->format;
	float	   *lengths = arrangement->lengths;
	int			n = node->nedges;

	if (n == 0)
		return;
	codec_edge_lengths(&format->codec, page_node_code(format, node),
					   node->scale, n,
					   page_edge_codec(page_node_edge(format, node, 0)),
					   format->edge_size, lengths);
	for (int i = 0; i < n; i++)
	{
		PageEdge   *edge = page_node_edge(format, node, i);
		uint32		neighbor = node_number(arrangement, &edge->node);
		int			shorter = 0;

		if (arrangement->places[neighbor] != NO_NODE)
			continue;
		for (int j = 0; j < n; j++)
			shorter += lengths[j] < lengths[i];
		if (arrangement->scores[neighbor] == 0)
			arrangement->candidates[arrangement->ncandidates++] = neighbor;
		arrangement->scores[neighbor] += n - shorter;
	}
}

/* Give each node its place. */
static void
arrange_nodes(PageArrangement *arrangement)
{
	for (uint32 place = 0; place < arrangement->nnodes; place++)
	{
		uint32		node = arrange_best(arrangement);

		if (node == NO_NODE)
			node = arrange_next(arrangement);
		if (place % arrangement->per_page == 0)
		{
			CHECK_FOR_INTERRUPTS();
			arrange_forget_candidates(arrangement);
		}
		arrangement->places[node] = place;
		arrangement->nodes[place] = node;
		arrange_add_candidates(arrangement, arena_node(arrangement, node));
	}
}

/* Room for so many numbers */
static void *
arrange_alloc(const PageArrangement *arrangement, Size n)
{
	StaticAssertStmt(sizeof(float) == sizeof(uint32), "both are numbers");
	return MemoryContextAllocHuge(arrangement->context,
								  (n + 1) * sizeof(uint32));
}

/*
 * Work out where the nodes of an arena are to be, in a memory context of its
 * own: 12 bytes a node, a hundredth of the arena.  Nobody else may be working
 * on it.
 */
PageArrangement *
page_arrange(const PageSpace *space)
{
	const PageFormat *format = space->format;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "hnsw arrangement",
												  ALLOCSET_DEFAULT_SIZES);
	PageArrangement *arrangement = MemoryContextAllocZero(context,
														  sizeof(*arrangement));
	BlockNumber nblocks = page_arena_blocks(space->arena);

	arrangement->context = context;
	arrangement->space = space;
	arrangement->per_page = format->nodes_per_page;
	arrangement->nblocks = nblocks;
	arrangement->ordinals = arrange_alloc(arrangement, nblocks);
	arrangement->blocks = arrange_alloc(arrangement, nblocks);
	arrange_count(arrangement);

	arrangement->places = arrange_alloc(arrangement, arrangement->nplaces);
	arrangement->nodes = arrange_alloc(arrangement, arrangement->nnodes);
	arrangement->scores = arrange_alloc(arrangement, arrangement->nplaces);
	arrangement->candidates = arrange_alloc(arrangement,
											format->nodes_per_page *
											format->max_edges);
	arrangement->lengths = arrange_alloc(arrangement, format->max_edges);
	memset(arrangement->places, 0xFF, arrangement->nplaces * sizeof(uint32));
	memset(arrangement->scores, 0, arrangement->nplaces * sizeof(float));
	arrange_nodes(arrangement);
	return arrangement;
}

void
page_arrange_free(PageArrangement *arrangement)
{
	MemoryContextDelete(arrangement->context);
}

/* Have a TID say where the node, or posting, will be.  (None stays none.) */
static void
renumber(const PageArrangement *arrangement, ItemPointerData *tid)
{
	uint32		place;

	if (!ItemPointerIsValid(tid))
		return;
	place = arrangement->places[node_number(arrangement, tid)];
	ItemPointerSet(tid, place_block(arrangement, place),
				   place_offset(arrangement, place));
}

static void
renumber_node(const PageArrangement *arrangement, PageNode *node)
{
	const PageFormat *format = arrangement->space->format;

	renumber(arrangement, &node->down);
	renumber(arrangement, &node->posting);
	for (int i = 0; i < node->nedges; i++)
		renumber(arrangement, &page_node_edge(format, node, i)->node);
}

/* Write the page of the places that a block of nodes has. */
static void
write_nodes(const PageArrangement *arrangement, BlockNumber block, Page page)
{
	Size		size = arrangement->space->format->node_size;
	uint32		first = arrangement->ordinals[block] * arrangement->per_page;
	uint32		end = Min(first + arrangement->per_page, arrangement->nnodes);

	page_init(page, PAGE_KIND_NODE);
	for (uint32 place = first; place < end; place++)
	{
		PageNode   *node = arena_node(arrangement, arrangement->nodes[place]);
		OffsetNumber offset;

		offset = PageAddItem(page, (Item) node, size, InvalidOffsetNumber,
							 false, false);
		Assert(offset == place_offset(arrangement, place));
		renumber_node(arrangement, page_node(page, offset));
	}
}

static void
renumber_landmarks(const PageArrangement *arrangement, Page page)
{
	OffsetNumber max = PageGetMaxOffsetNumber(page);

	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
		renumber(arrangement, &page_landmark(page, o)->node);
}

static void
renumber_rowmap(const PageArrangement *arrangement, Page page)
{
	PageRowMapItem *item = page_whole_item(page);

	for (int i = 0; i < (int) PAGE_ROWMAP_ENTRIES; i++)
		renumber(arrangement, &item->nodes[i]);
}

/* The entry, and where there is room for more nodes */
static void
renumber_meta(const PageArrangement *arrangement, PageMeta *meta)
{
	meta->hint[PAGE_KIND_NODE] = InvalidBlockNumber;
	if (arrangement->nnodes < arrangement->nplaces)
		meta->hint[PAGE_KIND_NODE] = place_block(arrangement,
												 arrangement->nnodes);
	if (meta->entry != GRAPH_NO_NODE)
	{
		ItemPointerData tid = page_tid_unpack(meta->entry);

		renumber(arrangement, &tid);
		meta->entry = page_tid_pack(&tid);
	}
}

/* Write a block of the arena as it will be. */
void
page_arrange_write(const PageArrangement *arrangement, BlockNumber block,
				   Page page)
{
	Page		old = page_arena_page(arrangement->space->arena, block);
	PageKind	kind = page_special(old)->kind;

	if (kind == PAGE_KIND_NODE)
	{
		write_nodes(arrangement, block, page);
		return;
	}
	memcpy(page, old, BLCKSZ);
	if (kind == PAGE_KIND_META)
		renumber_meta(arrangement, page_meta(page));
	else if (kind == PAGE_KIND_LANDMARK)
		renumber_landmarks(arrangement, page);
	else if (kind == PAGE_KIND_ROWMAP)
		renumber_rowmap(arrangement, page);
}
