/*-------------------------------------------------------------------------
 *
 * page_landmark.c
 *	  Nodes and their rows, a few of all, to start filtered searches from.
 *
 * A filtered search wants to start at nodes whose rows match.  Nothing leads
 * from a row to its node, so one vertex in m (those that rise above layer 0)
 * is listed, with its row, on pages of their own: reading a few of them and
 * asking the filter finds starting points for any filter.  Each is an edge from
 * the origin, so that its sketch tells about how far it is from the query.
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

/* How far are a page's landmarks?  Items lie the last one first. */
static void
estimate_landmarks(const PageFormat *format, Page page, OffsetNumber max,
				   const CodecQuery *query, float *estimates)
{
	if (query && format->sketch_bits > 0 && max > 0)
		codec_edge_estimates(query, codec_origin_distance(query), max,
							 page_edge_codec(page_landmark(page, max)),
							 format->edge_size, estimates);
	else
		memset(estimates, 0, max * sizeof(float));
}

/*
 * Copy one page's landmarks (at most PAGE_MAX_LANDMARKS), with estimates for a
 * query, if there is one; returns how many.
 */
int
page_landmark_read(PageSpace *space, BlockNumber block,
				   const CodecQuery *query, PageLandmark *landmarks)
{
	float		estimates[PAGE_MAX_LANDMARKS];
	PageRef		ref;
	int			n = 0;
	OffsetNumber max;

	page_open(space, block, PAGE_KIND_LANDMARK, &ref);
	max = PageGetMaxOffsetNumber(ref.page);
	estimate_landmarks(space->format, ref.page, max, query, estimates);
	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
	{
		const PageEdge *landmark = page_landmark(ref.page, o);

		if (!ItemPointerIsValid(&landmark->node))
			continue;
		landmarks[n].node = page_tid_pack(&landmark->node);
		landmarks[n].estimate = estimates[max - o];
		landmarks[n].row = landmark->row;
		n++;
	}
	page_close(&ref);
	return n;
}

/* Overwrite an entry that vacuum has emptied.  False if there is none. */
static bool
reuse_entry(PageSpace *space, BlockNumber block, const PageEdge *new)
{
	PageEdit	edit;
	OffsetNumber max;

	page_edit_begin(space, block, PAGE_KIND_LANDMARK, &edit);
	max = PageGetMaxOffsetNumber(edit.page);
	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
	{
		PageEdge   *landmark = page_landmark(edit.page, o);

		if (!ItemPointerIsValid(&landmark->node))
		{
			memcpy(landmark, new, space->format->edge_size);
			page_edit_commit(&edit);
			return true;
		}
	}
	page_edit_cancel(&edit);
	return false;
}

/*
 * Put it where vacuum has emptied an entry: on the last page, where it would be
 * added, or on another, as chance has it.
 */
static bool
reuse_any_entry(PageSpace *space, const PageLandmarks *all,
				const PageEdge *landmark)
{
	uint32		last = all->npages - 1;
	uint32		choice;

	if (all->npages == 0)
		return false;
	choice = page_tid_block(page_tid_pack(&landmark->node)) % all->npages;
	return reuse_entry(space, all->pages[choice], landmark) ||
		(choice != last && reuse_entry(space, all->pages[last], landmark));
}

/*
 * List a landmark.  When there are as many pages as the meta page can name, the
 * node is left out.
 */
void
page_landmark_add(PageSpace *space, const PageEdge *landmark)
{
	PageLandmarks all;
	bool		done = false;

	if (space->arena == NULL)
	{
		page_landmark_pages(space, &all);
		done = reuse_any_entry(space, &all, landmark) ||
			all.npages == PAGE_MAX_LANDMARK_PAGES;
		pfree(all.pages);
	}
	if (!done)
		page_add_item(space, PAGE_KIND_LANDMARK, landmark);
}
