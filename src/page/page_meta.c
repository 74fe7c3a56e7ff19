/*-------------------------------------------------------------------------
 *
 * page_meta.c
 *	  The meta page.
 *
 * The parameters on it never change and are cached with the relation
 * (page_space_open).  The entry point and the hints do: who needs them reads
 * the page.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "page/page_meta.h"

/*
 * Read the entry point and, on the way, where there is room for new slots.
 * False if the graph is empty.
 */
bool
page_meta_entry(PageSpace *space, GraphNode *node, int *layer)
{
	PageRef		ref;
	PageMeta   *meta;

	page_open(space, PAGE_META_BLOCK, PAGE_KIND_META, &ref);
	meta = page_meta(ref.page);
	*node = meta->entry;
	*layer = meta->entry_layer;
	memcpy(space->hint, meta->hint, sizeof(space->hint));
	space->has_free = meta->has_free != 0;
	page_close(&ref);
	return *node != GRAPH_NO_NODE;
}

/*
 * Make a node the entry point.  The caller's lock keeps others from
 * promoting (see the lock protocol in src/README).
 */
void
page_meta_promote(PageSpace *space, GraphNode node, int layer)
{
	PageEdit	edit;

	page_edit_begin(space, PAGE_META_BLOCK, PAGE_KIND_META, &edit);
	page_meta(edit.page)->entry = node;
	page_meta(edit.page)->entry_layer = layer;
	page_edit_commit(&edit);
}

/*
 * Replace the entry point, unless it is not the expected one any more.  node
 * may be GRAPH_NO_NODE: the graph is empty then.
 */
bool
page_meta_replace_entry(PageSpace *space, GraphNode expected, GraphNode node,
						int layer)
{
	PageEdit	edit;

	page_edit_begin(space, PAGE_META_BLOCK, PAGE_KIND_META, &edit);
	if (page_meta(edit.page)->entry != expected)
	{
		page_edit_cancel(&edit);
		return false;
	}
	page_meta(edit.page)->entry = node;
	page_meta(edit.page)->entry_layer = layer;
	page_edit_commit(&edit);
	return true;
}

/* Tell inserts whether to ask the free space map for slots to reuse. */
void
page_meta_set_free(PageSpace *space, bool has_free)
{
	PageEdit	edit;

	space->has_free = has_free;
	page_edit_begin(space, PAGE_META_BLOCK, PAGE_KIND_META, &edit);
	if ((page_meta(edit.page)->has_free != 0) == has_free)
	{
		page_edit_cancel(&edit);
		return;
	}
	page_meta(edit.page)->has_free = has_free;
	page_edit_commit(&edit);
}

/* Was a vacuum cut off that had removed rows, but not put edges right? */
bool
page_meta_rows_stale(PageSpace *space)
{
	PageRef		ref;
	bool		stale;

	page_open(space, PAGE_META_BLOCK, PAGE_KIND_META, &ref);
	stale = page_meta(ref.page)->rows_stale != 0;
	page_close(&ref);
	return stale;
}

/* Tell the next vacuum that this one would have been. */
void
page_meta_set_rows_stale(PageSpace *space, bool stale)
{
	PageEdit	edit;

	page_edit_begin(space, PAGE_META_BLOCK, PAGE_KIND_META, &edit);
	page_meta(edit.page)->rows_stale = stale;
	page_edit_commit(&edit);
}
