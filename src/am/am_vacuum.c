/*-------------------------------------------------------------------------
 *
 * am_vacuum.c
 *	  VACUUM.
 *
 *	  1. On every page: remove dead rows; nodes left without any are marked
 *		 as dying.  From then on nobody makes an edge to them.
 *	  2. With the insert lock held exclusively, for a moment: no insert that saw
 *		 one of them alive is still at work.  The nodes above them are
 *		 marked, and the entry point replaced if it is one of them.
 *	  3. On every page: nodes with edges to dying ones are mended.
 *	  4. No edge leads to them any more: their slots are freed.
 *
 * Scans may still hold names of freed slots; they check what they find there
 * (page_store.c).  A vacuum that is cut off leaves dying nodes behind, which
 * do no harm and which the next one finds.  If nothing died, nothing but step
 * 1 is done.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "am/am_insert.h"
#include "commands/vacuum.h"
#include "hnsw_version.h"
#include "page/page_vacuum.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"

static bool
nothing_died(const PageVacuum *vacuum)
{
	return vacuum->dying->members == 0 && vacuum->hollow.n == 0 &&
		vacuum->reserved.n == 0 && !vacuum->has_empty_postings;
}

/* Steps 2 to 4 */
static void
remove_nodes(PageVacuum *vacuum)
{
	Relation	index = vacuum->space->index;
	PageRepair *repair;
	BlockNumber nblocks;

	LockPage(index, PAGE_META_BLOCK, ExclusiveLock);
	page_vacuum_settle_postings(vacuum);
	page_vacuum_mark_upper(vacuum);
	page_vacuum_replace_entry(vacuum);
	UnlockPage(index, PAGE_META_BLOCK, ExclusiveLock);
	if (vacuum->dying->members == 0)
		return;

	repair = page_repair_create(vacuum);
	nblocks = RelationGetNumberOfBlocks(index);
	for (BlockNumber block = PAGE_META_BLOCK + 1; block < nblocks; block++)
	{
		hnsw_vacuum_delay_point();
		page_repair_block(repair, block);
	}
	page_vacuum_landmarks(vacuum);
	page_vacuum_free(vacuum);
}

/* Remove rows that the callback says are dead. */
IndexBulkDeleteResult *
hnswbulkdelete(IndexVacuumInfo *info, IndexBulkDeleteResult *stats,
			   IndexBulkDeleteCallback callback, void *callback_state)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "hnsw vacuum",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;
	PageSpace	space;
	PageVacuum	vacuum;
	BlockNumber nblocks;

	if (stats == NULL)
		stats = palloc0(sizeof(IndexBulkDeleteResult));
	old = MemoryContextSwitchTo(context);
	page_space_open(&space, info->index);
	page_vacuum_init(&vacuum, &space, callback, callback_state);

	/*
	 * Rows whose insertion is in flight while we come by are not dead; pages
	 * added from here on hold no others.
	 */
	nblocks = RelationGetNumberOfBlocks(info->index);
	for (BlockNumber block = PAGE_META_BLOCK + 1; block < nblocks; block++)
	{
		hnsw_vacuum_delay_point();
		page_vacuum_block(&vacuum, block);
	}
	if (!nothing_died(&vacuum))
		remove_nodes(&vacuum);
	page_vacuum_offer_free(&vacuum);
	MemoryContextSwitchTo(old);

	stats->num_pages = nblocks;
	stats->num_index_tuples = vacuum.rows_left;
	stats->estimated_count = false;
	stats->tuples_removed += vacuum.rows_removed;
	MemoryContextDelete(context);
	return stats;
}

/* What remains to be done: nothing but to tell the size. */
IndexBulkDeleteResult *
hnswvacuumcleanup(IndexVacuumInfo *info, IndexBulkDeleteResult *stats)
{
	if (info->analyze_only)
		return stats;
	if (stats == NULL)
	{
		stats = palloc0(sizeof(IndexBulkDeleteResult));
		stats->num_index_tuples = info->num_heap_tuples;
		stats->estimated_count = true;
	}
	stats->num_pages = RelationGetNumberOfBlocks(info->index);
	return stats;
}
