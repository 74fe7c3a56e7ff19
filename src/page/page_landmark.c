/*-------------------------------------------------------------------------
 *
 * page_landmark.c
 *	  Nodes and their rows, a few of all, to start filtered searches from.
 *
 * A filtered search wants to start at nodes whose rows match.  Nothing leads
 * from a row to its node, so one vertex in m (those that rise above layer 0)
 * is listed, with its row, on pages of their own: reading a few of them and
 * asking the filter finds starting points for any filter.
 *
 * Entries are hints like edges: the node may be gone by the time it is
 * visited.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "page/page_landmark.h"

/* Where are they?  Caller frees all->pages. */
void
page_landmark_pages(PageSpace *space, PageLandmarks *all)
{
	PageRef		ref;
	PageMeta   *meta;

	page_open(space, PAGE_META_BLOCK, PAGE_KIND_META, &ref);
	meta = page_meta(ref.page);
	all->npages = Min(meta->nlandmark_pages, PAGE_MAX_LANDMARK_PAGES);
	all->pages = palloc((all->npages + 1) * sizeof(BlockNumber));
	memcpy(all->pages, meta->landmark_pages,
		   all->npages * sizeof(BlockNumber));
	page_close(&ref);
}

/* So many of the pages at most, spread over all: in order of insertion */
void
page_landmark_sample(PageSpace *space, uint32 max, PageLandmarks *some)
{
	uint32		npages;

	page_landmark_pages(space, some);
	npages = some->npages;
	some->npages = Min(npages, max);
	for (uint32 i = 0; i < some->npages; i++)
		some->pages[i] = some->pages[(uint64) i * npages / some->npages];
}

/* Copy one page's landmarks (at most PAGE_MAX_LANDMARKS); returns how many. */
int
page_landmark_read(PageSpace *space, BlockNumber block,
				   PageLandmark *landmarks)
{
	PageRef		ref;
	int			n = 0;
	OffsetNumber max;

	page_open(space, block, PAGE_KIND_LANDMARK, &ref);
	max = PageGetMaxOffsetNumber(ref.page);
	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
	{
		PageLandmark *landmark = page_landmark(ref.page, o);

		if (ItemPointerIsValid(&landmark->node))
			landmarks[n++] = *landmark;
	}
	page_close(&ref);
	return n;
}

/* Overwrite an entry that vacuum has emptied.  False if there is none. */
static bool
reuse_entry(PageSpace *space, BlockNumber block, const PageLandmark *new)
{
	PageEdit	edit;
	OffsetNumber max;

	page_edit_begin(space, block, PAGE_KIND_LANDMARK, &edit);
	max = PageGetMaxOffsetNumber(edit.page);
	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
	{
		PageLandmark *landmark = page_landmark(edit.page, o);

		if (!ItemPointerIsValid(&landmark->node))
		{
			*landmark = *new;
			page_edit_commit(&edit);
			return true;
		}
	}
	page_edit_cancel(&edit);
	return false;
}

/*
 * List a node.  Emptied entries are reused as chance has it: one page, other
 * than the last, is looked at.  When there are as many pages as the meta page
 * can name, the node is left out.
 */
void
page_landmark_add(PageSpace *space, GraphNode node,
				  const ItemPointerData *row)
{
	PageLandmark landmark;
	PageLandmarks all;
	uint32		choice;
	bool		done = false;

	landmark.node = page_tid_unpack(node);
	landmark.row = *row;
	if (space->arena == NULL)
	{
		page_landmark_pages(space, &all);
		if (all.npages > 1)
		{
			choice = page_tid_block(node) % (all.npages - 1);
			done = reuse_entry(space, all.pages[choice], &landmark);
		}
		if (all.npages == PAGE_MAX_LANDMARK_PAGES)
			done = true;
		pfree(all.pages);
	}
	if (!done)
		page_add_item(space, PAGE_KIND_LANDMARK, &landmark);
}
