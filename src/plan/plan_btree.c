/*-------------------------------------------------------------------------
 *
 * plan_btree.c
 *	  Reading all rows of a btree's scan, leaf by leaf.
 *
 * The server's scan puts each index entry to the scan's conditions and hands
 * out each row by three calls.  That takes most of the time where a list of
 * many rows is made.  But if the conditions are an interval in the index's
 * order, as most are, a leaf whose last entry is within it lies within it as
 * a whole, since the leaf before it did.  So the server's scan finds the
 * first leaf; from there on only the last entry of each is looked at.
 *
 * As in the server's own scans, one leaf is locked at a time, and the way to
 * the next is the link it had then.  (nbtree/README has the reasons why
 * nothing is missed, whatever splits or vanishes meanwhile.)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/nbtree.h"
#include "access/relscan.h"
#include "hnsw_version.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "plan/plan_gather.h"
#include "storage/predicate.h"
#include "utils/rel.h"

/* Conditions that are not a comparison of one column with one value */
#define SK_NOT_PLAIN	(SK_ISNULL | SK_ROW_HEADER | SK_ROW_MEMBER | \
						 SK_SEARCHARRAY | SK_SEARCHNULL | SK_SEARCHNOTNULL)

/*
 * Are the scan's matches an interval of the index?  They are if each
 * condition can end a scan: then it is on the first column, or those on the
 * columns before it are all for equality.
 */
static bool
btree_is_interval(const BTScanOpaqueData *so)
{
	if (so->numArrayKeys != 0)
		return false;
	for (int i = 0; i < so->numberOfKeys; i++)
	{
		int			flags = so->keyData[i].sk_flags;

		if ((flags & SK_NOT_PLAIN) ||
			!(flags & (SK_BT_REQFWD | SK_BT_REQBKWD)))
			return false;
	}
	return true;
}

/* Does an entry of a leaf meet the conditions? */
static bool
btree_matches(IndexScanDesc scan, Page page, OffsetNumber offset)
{
	const BTScanOpaqueData *so = scan->opaque;
	TupleDesc	desc = RelationGetDescr(scan->indexRelation);
	IndexTuple	entry = (IndexTuple) PageGetItem(page,
												 PageGetItemId(page, offset));

	for (int i = 0; i < so->numberOfKeys; i++)
	{
		ScanKey		key = &so->keyData[i];
		bool		isnull;
		Datum		value = index_getattr(entry, key->sk_attno, desc, &isnull);

		if (isnull ||
			!DatumGetBool(FunctionCall2Coll(&key->sk_func, key->sk_collation,
											value, key->sk_argument)))
			return false;
	}
	return true;
}

/* Add a row, if it is among those that are asked about. */
static inline void
btree_add_row(PlanGathered *into, const ItemPointerData *row)
{
	into->found++;
	if (into->among == NULL || plan_tidset_has_row(into->among, row))
		plan_tidset_add_row(into->rows, row);
}

/* Add an entry's rows. */
static void
btree_add_entry(PlanGathered *into, IndexTuple entry)
{
	int			n;

	if (!BTreeTupleIsPosting(entry))
	{
		btree_add_row(into, &entry->t_tid);
		return;
	}
	n = BTreeTupleGetNPosting(entry);
	for (int i = 0; i < n; i++)
		btree_add_row(into, BTreeTupleGetPostingN(entry, i));
}

/*
 * Add the rows of a leaf that is locked.  Returns whether there may be more
 * to the right.
 */
static bool
btree_add_leaf(IndexScanDesc scan, Page page, PlanGathered *into)
{
	OffsetNumber first = P_FIRSTDATAKEY(BTPageGetOpaque(page));
	OffsetNumber last = PageGetMaxOffsetNumber(page);
	bool		all = last < first || btree_matches(scan, page, last);
	int64		before = into->found;

	for (OffsetNumber i = first; i <= last; i++)
	{
		ItemId		id = PageGetItemId(page, i);

		if (!all && !btree_matches(scan, page, i))
			break;
		if (!(scan->ignore_killed_tuples && ItemIdIsDead(id)))
			btree_add_entry(into, (IndexTuple) PageGetItem(page, id));
	}
	pgstat_count_index_tuples(scan->indexRelation, into->found - before);
	return all;
}

/* Go through the leaves from this one on. */
static bool
btree_add_leaves(IndexScanDesc scan, BlockNumber block, PlanGathered *into)
{
	Relation	index = scan->indexRelation;
	bool		more = true;

	while (more && block != P_NONE)
	{
		Buffer		buffer;
		Page		page;
		BTPageOpaque opaque;

		CHECK_FOR_INTERRUPTS();
		buffer = _bt_getbuf(index, block, BT_READ);
		page = BufferGetPage(buffer);
		hnsw_test_old_snapshot(scan->xs_snapshot, index, page);
		opaque = BTPageGetOpaque(page);
		if (!P_IGNORE(opaque))
		{
			PredicateLockPage(index, block, scan->xs_snapshot);
			more = btree_add_leaf(scan, page, into);
		}
		block = opaque->btpo_next;
		_bt_relbuf(index, buffer);
		if (plan_tidset_memory(into->rows) > into->max_memory)
			return false;
	}
	return true;
}

/* The rows of the leaf that the server's scan has come to */
static void
btree_add_current(IndexScanDesc scan, const BTScanPosData *position,
				  PlanGathered *into)
{
	for (int i = position->itemIndex; i <= position->lastItem; i++)
		btree_add_row(into, &position->items[i].heapTid);

	/* the first has been counted */
	pgstat_count_index_tuples(scan->indexRelation,
							  position->lastItem - position->itemIndex);
}

/* Add the rows of a scan one after the other, as the server hands them out. */
static bool
btree_add_rows(IndexScanDesc scan, ItemPointer row, PlanGathered *into)
{
	uint32		n = 0;

	for (; row != NULL; row = index_getnext_tid(scan, ForwardScanDirection))
	{
		btree_add_row(into, row);
		if ((++n & 255) != 0)
			continue;
		CHECK_FOR_INTERRUPTS();
		if (plan_tidset_memory(into->rows) > into->max_memory)
			return false;
	}
	return true;
}

/*
 * Add all rows of a scan that has not begun.  Returns false if they outgrow
 * the memory; some of them have been added then.
 */
bool
plan_btree_rows(IndexScanDesc scan, PlanGathered *into)
{
	ItemPointer row = index_getnext_tid(scan, ForwardScanDirection);
	const BTScanOpaqueData *so = scan->opaque;

	if (row == NULL)
		return true;
	if (!btree_is_interval(so))
		return btree_add_rows(scan, row, into);
	btree_add_current(scan, &so->currPos, into);
	if (!so->currPos.moreRight)
		return true;
	return btree_add_leaves(scan, so->currPos.nextPage, into);
}
