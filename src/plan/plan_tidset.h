/*-------------------------------------------------------------------------
 *
 * plan_tidset.h
 *	  Sets of small numbers under a key, such as rows of a block.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_TIDSET_H
#define PLAN_TIDSET_H

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

typedef struct PlanTidSet
{
	MemoryContext context;
	PlanTidPage *pages;			/* in the order they were added, or by key */
	uint32		npages;
	uint32		pages_size;
	uint32	   *slots;			/* hash table: index into pages, plus 1 */
	uint32		slot_mask;
	uint32		nkeys;			/* if not 0, slots are by key, below this */
	uint64	   *words;
	uint64		nwords;
	uint64		words_size;
	int64		members;
} PlanTidSet;

extern void plan_tidset_init(PlanTidSet *set, MemoryContext context);
extern void plan_tidset_limit(PlanTidSet *set, uint32 nkeys);
extern Size plan_tidset_memory(const PlanTidSet *set);
extern void plan_tidset_sort(PlanTidSet *set);
extern bool plan_tidset_add(PlanTidSet *set, uint32 key, uint32 number);
extern bool plan_tidset_has(const PlanTidSet *set, uint32 key, uint32 number);

/* The i-th 64 numbers of a page, 0 if there are none. */
static inline uint64
plan_tidset_word(const PlanTidSet *set, const PlanTidPage *page, uint32 i)
{
	if (i == 0)
		return page->low;
	return i <= page->nwords ? set->words[page->first + i - 1] : 0;
}

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
