/*-------------------------------------------------------------------------
 *
 * plan_allow.c
 *	  The rows that other indexes allow.
 *
 * A TIDBitmap can only be read from front to back.  Here its content goes
 * into sets that can be asked.  Where the bitmap had to forget which rows of
 * a block it meant, to stay within work_mem, only the block is kept, one
 * bit for each: every row of it is allowed, as far as is known.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "hnsw_version.h"
#include "miscadmin.h"
#include "plan/plan_allow.h"

/* Blocks under one key of the set of lossy ones */
#define LOSSY_BLOCKS	64

static void
allow_block(void *arg, const HnswBitmapBlock *block)
{
	PlanAllow  *allow = arg;

	if (block->lossy)
		plan_tidset_add(&allow->lossy, block->number / LOSSY_BLOCKS,
						block->number % LOSSY_BLOCKS);
	for (int i = 0; i < block->nrows; i++)
		plan_tidset_add(&allow->rows, block->number, block->rows[i]);
	if (block->recheck && !block->lossy)
		allow->recheck = true;
}

/* An empty list for a table of so many blocks, of which so many may match */
PlanAllow *
plan_allow_create(MemoryContext context, BlockNumber nblocks, double rows)
{
	PlanAllow  *allow = MemoryContextAllocZero(context, sizeof(PlanAllow));

	plan_tidset_init(&allow->rows, context);
	plan_tidset_limit(&allow->rows, nblocks, rows);
	plan_tidset_init(&allow->lossy, context);
	return allow;
}

/* Add what the bitmap holds. */
void
plan_allow_add_bitmap(PlanAllow *allow, TIDBitmap *bitmap)
{
	hnsw_bitmap_read(bitmap, allow_block, allow);
}

/* Is the row allowed? */
PlanAnswer
plan_allow_ask(const PlanAllow *allow, const ItemPointerData *row)
{
	BlockNumber block = ItemPointerGetBlockNumberNoCheck(row);

	if (plan_tidset_has_row(&allow->rows, row))
		return allow->recheck ? ANSWER_MAYBE : ANSWER_YES;
	if (plan_tidset_has(&allow->lossy, block / LOSSY_BLOCKS,
						block % LOSSY_BLOCKS))
		return ANSWER_MAYBE;
	return ANSWER_NO;
}

/* May there be rows among them that fail the indexes' conditions? */
bool
plan_allow_is_doubtful(const PlanAllow *allow)
{
	return allow->recheck || allow->lossy.members > 0;
}

/* How many rows may be allowed at the most? */
double
plan_allow_rows(const PlanAllow *allow, double rows_per_block)
{
	return allow->rows.members + allow->lossy.members * rows_per_block;
}

/* Start a walk over all rows that may be allowed, by block. */
void
plan_allow_begin(PlanAllow *allow, PlanAllowCursor *cursor)
{
	plan_tidset_sort(&allow->rows);
	plan_tidset_sort(&allow->lossy);
	cursor->allow = allow;
	cursor->set = &allow->rows;
	memset(&cursor->at, 0, sizeof(cursor->at));
	cursor->block = InvalidBlockNumber;
	cursor->offset = InvalidOffsetNumber;
}

/*
 * The next row that may be allowed.  Of a lossy block these are all rows
 * there could be: fetching by the index's ways tells which there are.
 */
bool
plan_allow_next(PlanAllowCursor *cursor, ItemPointerData *row)
{
	uint32		key;
	uint32		number;

	if (cursor->set == &cursor->allow->rows)
	{
		if (plan_tidset_next(cursor->set, &cursor->at, &key, &number))
		{
			ItemPointerSet(row, key, (OffsetNumber) number);
			return true;
		}
		cursor->set = &cursor->allow->lossy;
		memset(&cursor->at, 0, sizeof(cursor->at));
	}
	if (cursor->offset == InvalidOffsetNumber)
	{
		if (!plan_tidset_next(cursor->set, &cursor->at, &key, &number))
			return false;
		cursor->block = key * LOSSY_BLOCKS + number;
		cursor->offset = FirstOffsetNumber;
	}
	ItemPointerSet(row, cursor->block, cursor->offset);
	cursor->offset = cursor->offset < MaxHeapTuplesPerPage ?
		OffsetNumberNext(cursor->offset) : InvalidOffsetNumber;
	return true;
}
