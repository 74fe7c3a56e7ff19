/*-------------------------------------------------------------------------
 *
 * plan_tidset.h
 *	  Sets of small numbers under a key, such as rows of a block.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_TIDSET_H
#define PLAN_TIDSET_H

#include "access/htup_details.h"
#include "storage/itemptr.h"

/*
 * The numbers under one key, as bits: those below 64, and nwords words of
 * further ones from words[first] on
 */
typedef struct PlanTidPage
{
	uint32		key;
	uint32		nwords;
	uint64		low;
	uint64		first;
} PlanTidPage;

/* Words that the rows of a block take */
#define PLAN_TID_PLANES		(MaxHeapTuplesPerPage / 64 + 1)

typedef struct PlanTidSet
{
	MemoryContext context;
	int64		members;

	/* many members under few keys: bit n % 64 of planes[n / 64][key] */
	uint32		nkeys;			/* keys are below this, or 0: not so */
	int			nplanes;
	uint64	   *planes[PLAN_TID_PLANES];

	/* otherwise */
	PlanTidPage *pages;			/* in the order they were added, or by key */
	uint32		npages;
	uint32		pages_size;
	uint32	   *slots;			/* hash table: index into pages, plus 1 */
	uint32		slot_mask;
	uint64	   *words;
	uint64		nwords;
	uint64		words_size;
} PlanTidSet;

/* Where a walk over all members is; from zeros on */
typedef struct PlanTidPosition
{
	uint32		page;			/* index into pages, or key */
	uint32		number;			/* next to look at */
} PlanTidPosition;

extern void plan_tidset_init(PlanTidSet *set, MemoryContext context);
extern void plan_tidset_limit(PlanTidSet *set, uint32 nkeys, double members);
extern Size plan_tidset_memory(const PlanTidSet *set);
extern void plan_tidset_sort(PlanTidSet *set);
extern bool plan_tidset_add(PlanTidSet *set, uint32 key, uint32 number);
extern bool plan_tidset_has(const PlanTidSet *set, uint32 key, uint32 number);
extern bool plan_tidset_next(const PlanTidSet *set, PlanTidPosition *at,
							 uint32 *key, uint32 *number);

static inline bool
plan_tidset_add_row(PlanTidSet *set, const ItemPointerData *row)
{
	return plan_tidset_add(set, ItemPointerGetBlockNumberNoCheck(row),
						   ItemPointerGetOffsetNumberNoCheck(row));
}

static inline bool
plan_tidset_has_row(const PlanTidSet *set, const ItemPointerData *row)
{
	return plan_tidset_has(set, ItemPointerGetBlockNumberNoCheck(row),
						   ItemPointerGetOffsetNumberNoCheck(row));
}

#endif							/* PLAN_TIDSET_H */
