/*-------------------------------------------------------------------------
 *
 * page_rowmap.c
 *	  The row map: from a row of the table to its node.
 *
 * Who knows the rows that match wants their distances.  Where vectors are out
 * of line the table takes five blocks for one, the node a single one; the row
 * map tells which node.  An index on smaller vectors has none.
 *
 * A page of it, a *part*, is for so many blocks of the table (rowmap_blocks),
 * with so many places for the rows of each (rowmap_rows), so that the place
 * of a row is worked out, not searched for.  A row with a higher offset has
 * none.  Parts are made when they are first written to; pages of lists tell
 * where they are, and the meta page where the lists are.
 *
 * Entries are hints, like edges.  An insert writes its own before it ends, so
 * that of a row that can be seen it is right; but a row that is removed leaves
 * its entry behind, until the place in the table is used again, perhaps by a
 * row that is not indexed.  Who follows it looks whether the node has the row.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "page/page_rowmap.h"

/* Where a row's entry is */
typedef struct RowMapPlace
{
	uint32		part;
	uint32		entry;
} RowMapPlace;

/* Returns false if the row map has no place for the row. */
static bool
rowmap_place(const PageSpace *space, const ItemPointerData *row,
			 RowMapPlace *place)
{
	const PageFormat *format = space->format;
	BlockNumber block = ItemPointerGetBlockNumber(row);
	OffsetNumber offset = ItemPointerGetOffsetNumber(row);

	if (format->rowmap_blocks == 0 || offset > format->rowmap_rows)
		return false;
	place->part = block / format->rowmap_blocks;
	place->entry = block % format->rowmap_blocks * format->rowmap_rows +
		offset - FirstOffsetNumber;
	return place->part / PAGE_ROWMAP_PAGES < PAGE_MAX_ROWMAP_LISTS;
}

bool
page_rowmap_has_place(const PageSpace *space, const ItemPointerData *row)
{
	RowMapPlace place;

	return rowmap_place(space, row, &place);
}

/* A new page of the row map or of a list, all zero */
static BlockNumber
rowmap_extend(PageSpace *space, PageKind kind)
{
	char	   *zero = palloc0(PAGE_WHOLE_ITEM);
	PageEdit	edit;
	OffsetNumber offset PG_USED_FOR_ASSERTS_ONLY;

	page_edit_extend(space, kind, &edit);
	offset = PageAddItem(edit.page, (Item) zero, PAGE_WHOLE_ITEM,
						 InvalidOffsetNumber, false, false);
	Assert(offset == FirstOffsetNumber);
	page_edit_commit(&edit);
	pfree(zero);
	return edit.block;
}

/*
 * Name a new page, unless somebody else was faster: then theirs is the one,
 * and ours is lost.  Returns the one that is named in *name, which is on the
 * page being edited.
 */
static BlockNumber
rowmap_name(PageEdit *edit, BlockNumber *name, BlockNumber new)
{
	if (*name != 0)
	{
		new = *name;
		page_edit_cancel(edit);
		return new;
	}
	*name = new;
	page_edit_commit(edit);
	return new;
}

/* The block of a list; it is made if there is none. */
static BlockNumber
rowmap_list(PageSpace *space, uint32 number)
{
	BlockNumber block;
	PageRef		ref;
	PageEdit	edit;

	page_open(space, PAGE_META_BLOCK, PAGE_KIND_META, &ref);
	block = page_meta(ref.page)->rowmap_lists[number];
	page_close(&ref);
	if (block != 0)
		return block;
	block = rowmap_extend(space, PAGE_KIND_ROWMAP_LIST);
	page_edit_begin(space, PAGE_META_BLOCK, PAGE_KIND_META, &edit);
	return rowmap_name(&edit, &page_meta(edit.page)->rowmap_lists[number],
					   block);
}

/* The block of a part; it is made if there is none. */
static BlockNumber
rowmap_part(PageSpace *space, uint32 part)
{
	BlockNumber list = rowmap_list(space, part / PAGE_ROWMAP_PAGES);
	BlockNumber block;
	PageRowMapList *item;
	PageRef		ref;
	PageEdit	edit;

	page_open(space, list, PAGE_KIND_ROWMAP_LIST, &ref);
	item = page_whole_item(ref.page);
	block = item->pages[part % PAGE_ROWMAP_PAGES];
	page_close(&ref);
	if (block != 0)
		return block;
	block = rowmap_extend(space, PAGE_KIND_ROWMAP);
	page_edit_begin(space, list, PAGE_KIND_ROWMAP_LIST, &edit);
	item = page_whole_item(edit.page);
	return rowmap_name(&edit, &item->pages[part % PAGE_ROWMAP_PAGES], block);
}

/*
 * Say where a row's node is, if the index has a row map.  Before the insert
 * ends, with no page lock held.
 */
void
page_rowmap_set(PageSpace *space, const ItemPointerData *row, GraphNode node)
{
	RowMapPlace place;
	PageRowMapItem *item;
	PageEdit	edit;

	if (!rowmap_place(space, row, &place))
		return;
	if (space->rowmap_block == 0 || space->rowmap_part != place.part)
	{
		space->rowmap_block = rowmap_part(space, place.part);
		space->rowmap_part = place.part;
	}
	page_edit_begin(space, space->rowmap_block, PAGE_KIND_ROWMAP, &edit);
	item = page_whole_item(edit.page);
	item->nodes[place.entry] = page_tid_unpack(node);
	page_edit_commit(&edit);
}

/* Get ready to ask, in the current memory context.  NULL: there is no map. */
PageRowMap *
page_rowmap_open(PageSpace *space)
{
	PageRowMap *map;
	PageRef		ref;

	if (space->format->rowmap_blocks == 0)
		return NULL;
	map = palloc(sizeof(PageRowMap));
	map->space = space;
	map->has_list = false;
	map->has_part = false;
	page_open(space, PAGE_META_BLOCK, PAGE_KIND_META, &ref);
	memcpy(map->lists, page_meta(ref.page)->rowmap_lists,
		   sizeof(map->lists));
	page_close(&ref);
	return map;
}

/* Copy the item of a page of this kind.  Block 0, which has none, is zero. */
static void
rowmap_copy(PageSpace *space, BlockNumber block, PageKind kind, void *item,
			Size size)
{
	PageRef		ref;

	if (block == 0)
	{
		memset(item, 0, size);
		return;
	}
	page_open(space, block, kind, &ref);
	memcpy(item, page_whole_item(ref.page), size);
	page_close(&ref);
}

/*
 * Which node may have this row?  GRAPH_NO_NODE if the map does not say.  Rows
 * had better come in the order of the table.
 */
GraphNode
page_rowmap_find(PageRowMap *map, const ItemPointerData *row)
{
	RowMapPlace place;
	uint32		list_number;
	const ItemPointerData *node;

	if (!rowmap_place(map->space, row, &place))
		return GRAPH_NO_NODE;
	list_number = place.part / PAGE_ROWMAP_PAGES;
	if (!map->has_list || map->list_number != list_number)
	{
		rowmap_copy(map->space, map->lists[list_number],
					PAGE_KIND_ROWMAP_LIST, &map->list, sizeof(map->list));
		map->list_number = list_number;
		map->has_list = true;
		map->has_part = false;
	}
	if (!map->has_part || map->part != place.part)
	{
		rowmap_copy(map->space,
					map->list.pages[place.part % PAGE_ROWMAP_PAGES],
					PAGE_KIND_ROWMAP, &map->item, sizeof(map->item));
		map->part = place.part;
		map->has_part = true;
	}
	node = &map->item.nodes[place.entry];
	return ItemPointerIsValid(node) ? page_tid_pack(node) : GRAPH_NO_NODE;
}
