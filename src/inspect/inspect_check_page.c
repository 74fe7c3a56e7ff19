/*-------------------------------------------------------------------------
 *
 * inspect_check_page.c
 *	  What can be told from one page by itself.
 *
 * A page changes as a whole, under its lock, so what is checked here holds
 * whatever others are doing.  Slots and pages never go away: a pointer to a
 * place in the index that does not exist is wrong at any time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "inspect/inspect_check.h"

/* Could there be an item of this kind?  Blocks may be added at any time. */
static bool
place_exists(InspectCheck *check, const ItemPointerData *tid, int per_page)
{
	BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);

	if (block >= check->nblocks)
		check->nblocks = RelationGetNumberOfBlocks(check->inspect.index);
	return block > PAGE_META_BLOCK && block < check->nblocks &&
		offset >= FirstOffsetNumber && offset <= per_page;
}

static bool
slot_exists(InspectCheck *check, const ItemPointerData *tid)
{
	return place_exists(check, tid, check->format->nodes_per_page);
}

/* I1: header and special space */
static void
check_page_header(InspectCheck *check, CheckPlace place, Page page)
{
	PageHeader	header = (PageHeader) page;
	PageKind	kind = (PageKind) page_special(page)->kind;

	if (header->pd_lower < SizeOfPageHeaderData ||
		header->pd_lower > header->pd_upper ||
		header->pd_upper > header->pd_special)
		check_fail(check, I1_PAGE, place,
				   "The page header's limits are %u, %u and %u.",
				   header->pd_lower, header->pd_upper, header->pd_special);
	if (kind < PAGE_KIND_META || kind >= PAGE_KINDS)
		check_fail(check, I1_PAGE, place, "The page has unknown kind %d.",
				   (int) kind);
	if ((kind == PAGE_KIND_META) != (place.block == PAGE_META_BLOCK))
		check_fail(check, I1_PAGE, place, "The page is of kind %d.",
				   (int) kind);
}

/* I3: line pointers */
static void
check_page_items(InspectCheck *check, CheckPlace place, Page page)
{
	PageKind	kind = (PageKind) page_special(page)->kind;
	int			size = page_item_size(check->format, kind);
	int			end = ((PageHeader) page)->pd_special;

	for (OffsetNumber o = FirstOffsetNumber;
		 o <= PageGetMaxOffsetNumber(page); o++)
	{
		ItemId		item = PageGetItemId(page, o);

		place.offset = o;
		end -= MAXALIGN(size);
		if (!ItemIdIsNormal(item) || (int) ItemIdGetLength(item) != size)
			check_fail(check, I3_ITEMS, place,
					   "The item has state %u and %u bytes, not %d.",
					   ItemIdGetFlags(item), ItemIdGetLength(item), size);
		if ((int) ItemIdGetOffset(item) != end)
			check_fail(check, I3_ITEMS, place,
					   "The item is at byte %u, not %d.",
					   ItemIdGetOffset(item), end);
	}
	place.offset = InvalidOffsetNumber;
	if (end != ((PageHeader) page)->pd_upper)
		check_fail(check, I3_ITEMS, place,
				   "Items end at byte %d, but the page header says %u.",
				   end, ((PageHeader) page)->pd_upper);
}

/* I2: parameters, and what is said of other pages without looking there */
static void
check_meta_page(InspectCheck *check, CheckPlace place, Page page)
{
	const PageMeta *meta = page_meta(page);
	const PageFormat *format = check->format;
	ItemPointerData entry = page_tid_unpack(meta->entry);

	if (((PageHeader) page)->pd_lower !=
		(char *) meta + sizeof(PageMeta) - (char *) page)
		check_fail(check, I2_META, place,
				   "The page header says that the contents end at byte %u.",
				   ((PageHeader) page)->pd_lower);
	if (meta->magic != PAGE_META_MAGIC || meta->version != PAGE_META_VERSION)
		check_fail(check, I2_META, place, "Magic is %08X, version %u.",
				   meta->magic, meta->version);
	if (meta->metric != (uint32) format->codec.metric ||
		meta->dimensions != (uint32) format->codec.dimensions ||
		meta->m != (uint32) format->m ||
		meta->sketch_bits != (uint32) format->sketch_bits ||
		meta->rowmap_blocks != (uint32) format->rowmap_blocks ||
		meta->seed != format->codec.seed)
		check_fail(check, I2_META, place,
				   "The parameters are not what they were.");
	if (meta->entry != GRAPH_NO_NODE &&
		(meta->entry_layer > GRAPH_MAX_LAYER || !slot_exists(check, &entry)))
		check_fail(check, I2_META, place,
				   "The entry point is (%u,%u) on layer %u.",
				   page_tid_block(meta->entry), page_tid_offset(meta->entry),
				   meta->entry_layer);
}

/* Is this block a page of this kind?  Caller holds no page lock. */
bool
check_block_is(InspectCheck *check, BlockNumber block, PageKind kind)
{
	PGAlignedBlock page;

	if (block >= check->nblocks)
		check->nblocks = RelationGetNumberOfBlocks(check->inspect.index);
	return block < check->nblocks &&
		inspect_read_page(&check->inspect, block, &page) &&
		page_special((Page) page.data)->kind == kind;
}

/* I19: pages that a list or the meta page names, 0 where there is none */
static void
check_rowmap_pages(InspectCheck *check, CheckPlace place, PageKind kind,
				   const BlockNumber *pages, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (pages[i] != 0 && !check_block_is(check, pages[i], kind))
			check_fail(check, I19_ROWMAP, place,
					   "Block %u is not a row map page of kind %d.", pages[i],
					   (int) kind);
	}
}

/* I2, I18, I19: pages that are named.  Reads them, one at a time. */
static void
check_meta_blocks(InspectCheck *check, CheckPlace place, const PageMeta *meta)
{
	for (int kind = PAGE_KIND_NODE; kind < PAGE_KINDS; kind++)
	{
		if (meta->hint[kind] != InvalidBlockNumber &&
			!check_block_is(check, meta->hint[kind], (PageKind) kind))
			check_fail(check, I2_META, place,
					   "The hint for pages of kind %d is block %u.", kind,
					   meta->hint[kind]);
	}
	check_rowmap_pages(check, place, PAGE_KIND_ROWMAP_LIST,
					   meta->rowmap_lists, PAGE_MAX_ROWMAP_LISTS);
	if (meta->nlandmark_pages > PAGE_MAX_LANDMARK_PAGES)
		check_fail(check, I18_LANDMARKS, place,
				   "There are %u landmark pages.", meta->nlandmark_pages);
	for (uint32 i = 0; i < meta->nlandmark_pages; i++)
	{
		BlockNumber block = meta->landmark_pages[i];

		if (!check_block_is(check, block, PAGE_KIND_LANDMARK))
			check_fail(check, I18_LANDMARKS, place,
					   "Block %u is not a landmark page.", block);
		for (uint32 k = 0; k < i; k++)
		{
			if (meta->landmark_pages[k] == block)
				check_fail(check, I18_LANDMARKS, place,
						   "Landmark page %u is listed twice.", block);
		}
	}
}

/* I6 */
static void
check_code(InspectCheck *check, CheckPlace place, const PageNode *node)
{
	const int8 *code = page_node_code(check->format, node);
	int			n = check->format->codec.code_size;
	double		square = (double) node->scale * node->scale;
	double		norm2;

	for (int i = 0; i < n; i++)
	{
		if (code[i] == PG_INT8_MIN)
			check_fail(check, I6_CODE, place, "Coordinate %d is %d.", i,
					   code[i]);
	}
	if (!isfinite(node->scale) || node->scale < 0 || isnan(node->error) ||
		node->error < 0)
		check_fail(check, I6_CODE, place, "The scale is %g, the error %g.",
				   node->scale, node->error);
	norm2 = square * distance_kernels->code_pair_dot(n, code, code);
	if (norm2 > FLT_MAX ? !isinf(node->norm2) :
		!check_nearly(node->norm2, norm2, norm2 * 1e-6 + FLT_MIN))
		check_fail(check, I6_CODE, place,
				   "The squared norm is %g, but that of the code is %g.",
				   node->norm2, norm2);
}

/* Could there be such a row in a table? */
static bool
row_is_possible(const ItemPointerData *row)
{
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(row);

	return ItemPointerGetBlockNumberNoCheck(row) <= MaxBlockNumber &&
		offset >= FirstOffsetNumber && offset <= MaxOffsetNumber;
}

/* I7: the rows in a node or a posting */
static void
check_rows(InspectCheck *check, CheckPlace place, const PageNode *node)
{
	bool		posting = node->state == NODE_POSTING;
	int			most = posting ? check->format->posting_rows :
		PAGE_INLINE_ROWS;
	const ItemPointerData *rows = posting ?
		page_posting_rows(unconstify(PageNode *, node)) : node->rows;

	if (node->layer > 0)
		most = 0;
	if (node->nrows > most)
		check_fail(check, I7_ROWS, place, "There are %u rows, %d at the most.",
				   node->nrows, most);
	if (node->layer == 0 && node->state == NODE_LIVE && node->nrows == 0 &&
		!ItemPointerIsValid(&node->posting))
		check_fail(check, I7_ROWS, place, "The node has no row.");
	for (int i = 0; i < node->nrows; i++)
	{
		if (!row_is_possible(&rows[i]))
			check_fail(check, I7_ROWS, place, "Row %d is (%u,%u).", i,
					   ItemPointerGetBlockNumberNoCheck(&rows[i]),
					   ItemPointerGetOffsetNumberNoCheck(&rows[i]));
	}
}

/* I9: one edge by itself */
static void
check_edge(InspectCheck *check, CheckPlace place, const PageNode *node, int i)
{
	const PageEdge *edge = page_node_edge(check->format, node, i);
	BlockNumber block = ItemPointerGetBlockNumberNoCheck(&edge->node);
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(&edge->node);

	if (!slot_exists(check, &edge->node))
		check_fail(check, I9_EDGES, place,
				   "Edge %d leads to (%u,%u), which does not exist.", i,
				   block, offset);
	if (block == place.block && offset == place.offset)
		check_fail(check, I9_EDGES, place, "Edge %d leads to its own node.",
				   i);
	if (ItemPointerIsValid(&edge->row) &&
		(node->layer > 0 || !row_is_possible(&edge->row)))
		check_fail(check, I9_EDGES, place, "Edge %d comes with row (%u,%u).",
				   i, ItemPointerGetBlockNumberNoCheck(&edge->row),
				   ItemPointerGetOffsetNumberNoCheck(&edge->row));
	for (int k = 0; k < i; k++)
	{
		if (memcmp(&page_node_edge(check->format, node, k)->node,
				   &edge->node, sizeof(ItemPointerData)) == 0)
			check_fail(check, I9_EDGES, place,
					   "Edges %d and %d both lead to (%u,%u).", k, i, block,
					   offset);
	}
}

/* A node, live or dying */
static void
check_node(InspectCheck *check, CheckPlace place, const PageNode *node)
{
	const PageFormat *format = check->format;

	if (node->layer > GRAPH_MAX_LAYER)
		check_fail(check, I5_STATE, place, "The node is on layer %u.",
				   node->layer);
	if (node->layer == 0 && !ItemPointerIsValid(&node->refine))
		check_fail(check, I8_REFINE, place, "There is no refine tuple.");
	if (node->layer > 0 ? !slot_exists(check, &node->down) :
		ItemPointerIsValid(&node->down))
		check_fail(check, I11_DOWN, place,
				   "The node on layer %u has (%u,%u) below it.", node->layer,
				   ItemPointerGetBlockNumberNoCheck(&node->down),
				   ItemPointerGetOffsetNumberNoCheck(&node->down));
	if (node->layer > 0 && ItemPointerIsValid(&node->posting))
		check_fail(check, I12_POSTINGS, place,
				   "A node on layer %u has postings.", node->layer);
	if (node->nedges > format->max_edges)
		check_fail(check, I9_EDGES, place,
				   "There are %u edges, %d at the most.", node->nedges,
				   format->max_edges);
	check_code(check, place, node);
	check_rows(check, place, node);
	for (int i = 0; i < node->nedges; i++)
		check_edge(check, place, node, i);
}

/* One slot of a node page, by its state */
static void
check_slot(InspectCheck *check, CheckPlace place, const PageNode *node)
{
	if (ItemPointerIsValid(&node->refine) &&
		!place_exists(check, &node->refine, check->format->refines_per_page))
		check_fail(check, I8_REFINE, place,
				   "The refine tuple is (%u,%u), which does not exist.",
				   ItemPointerGetBlockNumberNoCheck(&node->refine),
				   ItemPointerGetOffsetNumberNoCheck(&node->refine));
	if (node->state > NODE_POSTING)
		check_fail(check, I5_STATE, place, "The slot is in state %u.",
				   node->state);
	if (node->state == NODE_LIVE || node->state == NODE_DYING)
		check_node(check, place, node);
	else if (node->nedges > 0)
		check_fail(check, I5_STATE, place,
				   "A slot in state %u has %u edges.", node->state,
				   node->nedges);
	if (node->state == NODE_POSTING)
	{
		check_rows(check, place, node);
		if (!slot_exists(check, &node->down))
			check_fail(check, I12_POSTINGS, place,
					   "The posting belongs to (%u,%u), which does not exist.",
					   ItemPointerGetBlockNumberNoCheck(&node->down),
					   ItemPointerGetOffsetNumberNoCheck(&node->down));
	}
	else if (node->state != NODE_LIVE && node->nrows > 0)
		check_fail(check, I5_STATE, place, "A slot in state %u has %u rows.",
				   node->state, node->nrows);
	if ((node->state == NODE_LIVE || node->state == NODE_POSTING) &&
		ItemPointerIsValid(&node->posting) &&
		!slot_exists(check, &node->posting))
		check_fail(check, I12_POSTINGS, place,
				   "The next posting is (%u,%u), which does not exist.",
				   ItemPointerGetBlockNumberNoCheck(&node->posting),
				   ItemPointerGetOffsetNumberNoCheck(&node->posting));
}

/* I8: one refine tuple by itself */
static void
check_refine(InspectCheck *check, CheckPlace place, const PageRefine *refine)
{
	if (isnan(refine->norm2) || refine->norm2 < 0 || isnan(refine->error) ||
		refine->error < 0)
		check_fail(check, I8_REFINE, place,
				   "The squared norm is %g, the error %g.", refine->norm2,
				   refine->error);
}

/* I18: one landmark by itself */
static void
check_landmark(InspectCheck *check, CheckPlace place,
			   const PageEdge *landmark)
{
	if (ItemPointerIsValid(&landmark->node) &&
		(!slot_exists(check, &landmark->node) ||
		 !row_is_possible(&landmark->row)))
		check_fail(check, I18_LANDMARKS, place,
				   "The landmark is node (%u,%u) with row (%u,%u).",
				   ItemPointerGetBlockNumberNoCheck(&landmark->node),
				   ItemPointerGetOffsetNumberNoCheck(&landmark->node),
				   ItemPointerGetBlockNumberNoCheck(&landmark->row),
				   ItemPointerGetOffsetNumberNoCheck(&landmark->row));
}

/* I19: a page of the row map by itself */
static void
check_rowmap(InspectCheck *check, CheckPlace place,
			 const PageRowMapItem *item)
{
	for (int i = 0; i < (int) PAGE_ROWMAP_ENTRIES; i++)
	{
		const ItemPointerData *node = &item->nodes[i];

		if (ItemPointerIsValid(node) && !slot_exists(check, node))
			check_fail(check, I19_ROWMAP, place,
					   "Entry %d is node (%u,%u), which does not exist.", i,
					   ItemPointerGetBlockNumberNoCheck(node),
					   ItemPointerGetOffsetNumberNoCheck(node));
	}
}

static void
check_page(InspectCheck *check, BlockNumber block, Page page)
{
	CheckPlace	place = {.block = block};

	check_page_header(check, place, page);
	if (block == PAGE_META_BLOCK)
	{
		check_meta_page(check, place, page);
		check_meta_blocks(check, place, page_meta(page));
		return;
	}
	check_page_items(check, place, page);
	for (place.offset = FirstOffsetNumber;
		 place.offset <= PageGetMaxOffsetNumber(page); place.offset++)
	{
		switch ((PageKind) page_special(page)->kind)
		{
			case PAGE_KIND_META:
				break;
			case PAGE_KIND_NODE:
				check_slot(check, place, page_node(page, place.offset));
				break;
			case PAGE_KIND_REFINE:
				check_refine(check, place, page_refine(page, place.offset));
				break;
			case PAGE_KIND_LANDMARK:
				check_landmark(check, place,
							   page_landmark(page, place.offset));
				break;
			case PAGE_KIND_ROWMAP:
				check_rowmap(check, place, page_whole_item(page));
				break;
			case PAGE_KIND_ROWMAP_LIST:
				check_rowmap_pages(check, place, PAGE_KIND_ROWMAP,
								   page_whole_item(page),
								   PAGE_ROWMAP_PAGES);
				break;
		}
	}
}

/* Check every page by itself. */
void
check_pages(InspectCheck *check)
{
	BlockNumber nblocks = RelationGetNumberOfBlocks(check->inspect.index);

	check->nblocks = nblocks;
	for (BlockNumber block = 0; block < nblocks; block++)
	{
		PGAlignedBlock page;

		if (inspect_read_page(&check->inspect, block, &page))
			check_page(check, block, (Page) page.data);
	}
}
