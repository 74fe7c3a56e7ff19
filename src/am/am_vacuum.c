/*-------------------------------------------------------------------------
 *
 * am_vacuum.c
 *	  VACUUM.
 *
 *	  1. On every page: remove dead rows; nodes left without any are marked
 *		 as dying.  From then on nobody makes an edge to them who has not
 *		 seen them alive before.
 *	  2. Settle what one page alone did not tell: nodes with rows in postings
 *		 only, empty postings, reserved slots.  Mark the nodes above dying
 *		 ones.  Then replace the entry point if it dies.
 *	  3. On every page: nodes with edges to dying ones are mended, and edges
 *		 that name a removed row of a node that stays name another.
 *	  4. No edge leads to them any more: their slots are freed.
 *
 * Inserts go on all the time.  Those that saw something that is no more are
 * waited for, twice: by taking the insert lock, which they hold shared from
 * their start to their end, exclusively, and giving it back at once.
 *
 * After step 1, if there is something to settle: an insert may have seen the
 * node full of rows that step 1 then removed, and go on to its postings.
 * Later ones put rows into the node first.  So of a node that still has no
 * row of its own nobody uses the postings, and whether it dies is decided on
 * its own page; and an empty posting other than a node's first is not looked
 * at, and freed.  The first ones, and what is in no list, are freed with the
 * lock held, a few at a time.
 *
 * After step 2: inserts that saw one of the dying nodes alive, or a row that
 * was removed, may have made edges to it until now.  No later one will, on any
 * layer.
 *
 * Scans are not waited for; they may still hold names of freed slots, and
 * check what they find there (page_store.c).  A vacuum that is cut off,
 * wherever, leaves dying nodes behind, which do no harm and which the next
 * one finds.  That edges may name rows which are no more is said on the meta
 * page, lest the next one think of those only that it removes itself.  If no
 * row was removed, nothing but step 1 is done.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "am/am_insert.h"
#include "commands/vacuum.h"
#include "hnsw_version.h"
#include "page/page_meta.h"
#include "page/page_vacuum.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"

/* Wait until all inserts that are at work now have ended. */
static void
wait_for_inserts(Relation index)
{
	LockPage(index, PAGE_META_BLOCK, ExclusiveLock);
	UnlockPage(index, PAGE_META_BLOCK, ExclusiveLock);
}

/* The first part of step 2, if there is something to settle */
static void
settle(PageVacuum *vacuum)
{
	Relation	index = vacuum->space->index;

	if (vacuum->hollow->members == 0 && vacuum->empties.n == 0 &&
		vacuum->reserved.n == 0)
		return;
	wait_for_inserts(index);
	page_vacuum_settle(vacuum);
	while (vacuum->empties.n > 0)
	{
		hnsw_vacuum_delay_point();
		LockPage(index, PAGE_META_BLOCK, ExclusiveLock);
		page_vacuum_drop_postings(vacuum);
		UnlockPage(index, PAGE_META_BLOCK, ExclusiveLock);
	}
}

/* Step 3 */
static void
repair_pages(PageVacuum *vacuum)
{
	PageRepair *repair = page_repair_create(vacuum);
	bool		any_dying = vacuum->dying->members > 0;
	bool		any_hints = page_hints_any(vacuum->hints);
	BlockNumber nblocks = RelationGetNumberOfBlocks(vacuum->space->index);

	for (BlockNumber block = PAGE_META_BLOCK + 1; block < nblocks; block++)
	{
		hnsw_vacuum_delay_point();
		if (any_dying)
			page_repair_block(repair, block);
		if (any_hints)
			page_hints_block(vacuum, block);
	}
}

/* The rest of step 2, and steps 3 and 4 */
static void
repair_graph(PageVacuum *vacuum)
{
	Relation	index = vacuum->space->index;

	page_vacuum_mark_upper(vacuum);
	wait_for_inserts(index);
	if (page_vacuum_find_heir(vacuum))
	{
		LockPage(index, PAGE_META_BLOCK, ExclusiveLock);
		page_vacuum_replace_entry(vacuum);
		UnlockPage(index, PAGE_META_BLOCK, ExclusiveLock);
	}

	repair_pages(vacuum);
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
	settle(&vacuum);
	if (vacuum.dying->members > 0 || page_hints_any(vacuum.hints))
		repair_graph(&vacuum);
	if (vacuum.says_stale)
		page_meta_set_rows_stale(&space, false);
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
