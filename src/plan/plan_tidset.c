/*-------------------------------------------------------------------------
 *
 * plan_tidset.c
 *	  Sets of small numbers under a key, such as rows of a block.
 *
 * A hash table leads from the key to a bitmap, whose first 64 bits are at hand
 * and the others elsewhere, as many as the greatest number needs.  A row of a
 * block that has no others costs some 36 bytes, further rows of it next to
 * nothing.  Where many are to come, and keys are known to be small, arrays of
 * words by key take the place of all that: a walk asks ten thousand times,
 * and each step on the way is most likely not in the nearest cache.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "plan/plan_tidset.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#define FIRST_SLOTS		256

/*
 * Words by key: for so many keys at most, and so many for each member; where
 * there are enough members that the hash table would be larger, any number
 */
#define MAX_KEYS		65536
#define KEYS_PER_MEMBER	16
#define KEYS_IF_DENSE	4

/* An empty set; its memory is that of the context. */
void
plan_tidset_init(PlanTidSet *set, MemoryContext context)
{
	memset(set, 0, sizeof(*set));
	set->context = context;
}

/*
 * Keys of this empty set will be less than nkeys, and numbers those of rows;
 * others cannot be added.  About so many members are expected.
 */
void
plan_tidset_limit(PlanTidSet *set, uint32 nkeys, double members)
{
	if (nkeys <= members *
		(nkeys <= MAX_KEYS ? KEYS_PER_MEMBER : KEYS_IF_DENSE))
		set->nkeys = nkeys;
}

/* Bytes in use */
Size
plan_tidset_memory(const PlanTidSet *set)
{
	return set->nplanes * (set->nkeys * sizeof(uint64)) +
		set->npages * (sizeof(PlanTidPage) + 2 * sizeof(uint32)) +
		set->nwords * sizeof(uint64);
}

static inline uint32
tidset_hash(uint32 key)
{
	return (uint32) ((key * UINT64CONST(0x9E3779B97F4A7C15)) >> 32);
}

/* The key's slot, or the empty one where it belongs. */
static inline uint32 *
tidset_slot(const PlanTidSet *set, uint32 key)
{
	uint32		i = tidset_hash(key) & set->slot_mask;

	while (set->slots[i] != 0 && set->pages[set->slots[i] - 1].key != key)
		i = (i + 1) & set->slot_mask;
	return &set->slots[i];
}

/* An array enlarged to hold `size` items of `width` bytes. */
static void *
tidset_grow(PlanTidSet *set, void *old, uint64 size, Size width)
{
	if (old == NULL)
		return MemoryContextAllocHuge(set->context, size * width);
	return repalloc_huge(old, size * width);
}

/* Make room for one more key; at most half of the slots are in use. */
static void
tidset_reserve_page(PlanTidSet *set)
{
	uint32		nslots;

	if (set->npages < set->pages_size)
		return;
	set->pages_size = set->pages_size ? set->pages_size * 2 : FIRST_SLOTS / 2;
	set->pages = tidset_grow(set, set->pages, set->pages_size,
							 sizeof(PlanTidPage));
	nslots = set->pages_size * 2;
	if (set->slots)
		pfree(set->slots);
	set->slots = MemoryContextAllocExtended(set->context,
											nslots * sizeof(uint32),
											MCXT_ALLOC_HUGE |
											MCXT_ALLOC_ZERO);
	set->slot_mask = nslots - 1;
	for (uint32 i = 0; i < set->npages; i++)
		*tidset_slot(set, set->pages[i].key) = i + 1;
}

/* For qsort() */
static int
tidset_compare(const void *a, const void *b)
{
	uint32		x = ((const PlanTidPage *) a)->key;
	uint32		y = ((const PlanTidPage *) b)->key;

	return x < y ? -1 : x > y;
}

/* Bring the pages into the order of their keys. */
void
plan_tidset_sort(PlanTidSet *set)
{
	bool		sorted = true;

	for (uint32 i = 1; i < set->npages && sorted; i++)
		sorted = set->pages[i - 1].key < set->pages[i].key;
	if (sorted)
		return;
	qsort(set->pages, set->npages, sizeof(PlanTidPage), tidset_compare);
	memset(set->slots, 0, (set->slot_mask + (Size) 1) * sizeof(uint32));
	for (uint32 i = 0; i < set->npages; i++)
		*tidset_slot(set, set->pages[i].key) = i + 1;
}

/* Give a page room for more words after its first, in another place. */
static void
tidset_widen_page(PlanTidSet *set, PlanTidPage *page, uint32 nwords)
{
	uint64		needed = set->nwords + nwords;

	if (needed > set->words_size)
	{
		set->words_size = Max(FIRST_SLOTS, needed * 2);
		set->words = tidset_grow(set, set->words, set->words_size,
								 sizeof(uint64));
	}
	memset(&set->words[set->nwords], 0, nwords * sizeof(uint64));
	if (page->nwords > 0)
		memcpy(&set->words[set->nwords], &set->words[page->first],
			   page->nwords * sizeof(uint64));
	page->first = set->nwords;
	page->nwords = nwords;
	set->nwords = needed;
}

/* The page of a key, made if need be. */
static PlanTidPage *
tidset_page(PlanTidSet *set, uint32 key)
{
	uint32	   *slot;

	if (set->slots)
	{
		slot = tidset_slot(set, key);
		if (*slot != 0)
			return &set->pages[*slot - 1];
	}
	tidset_reserve_page(set);
	slot = tidset_slot(set, key);
	set->pages[set->npages].key = key;
	set->pages[set->npages].nwords = 0;
	set->pages[set->npages].low = 0;
	set->pages[set->npages].first = 0;
	*slot = ++set->npages;
	return &set->pages[set->npages - 1];
}

/* The word of a number in the planes, made if need be; NULL: not possible */
static uint64 *
tidset_plane_word(PlanTidSet *set, uint32 key, uint32 number)
{
	uint32		i = number / 64;

	if (key >= set->nkeys || i >= PLAN_TID_PLANES)
		return NULL;
	if (set->planes[i] == NULL)
	{
		set->planes[i] = MemoryContextAllocZero(set->context,
												set->nkeys * sizeof(uint64));
		set->nplanes = Max(set->nplanes, (int) i + 1);
	}
	return &set->planes[i][key];
}

/* The same in the pages */
static uint64 *
tidset_page_word(PlanTidSet *set, uint32 key, uint32 number)
{
	PlanTidPage *page = tidset_page(set, key);

	if (number < 64)
		return &page->low;
	if (unlikely(number / 64 > page->nwords))
		tidset_widen_page(set, page, number / 64);
	return &set->words[page->first + number / 64 - 1];
}

/* Add a number under a key.  Returns false if it was there, or cannot be. */
bool
plan_tidset_add(PlanTidSet *set, uint32 key, uint32 number)
{
	uint64		bit = UINT64CONST(1) << (number % 64);
	uint64	   *word = set->nkeys > 0 ? tidset_plane_word(set, key, number) :
		tidset_page_word(set, key, number);

	if (word == NULL || (*word & bit))
		return false;
	*word |= bit;
	set->members++;
	return true;
}

/* The i-th 64 numbers of a page, or of a key; 0 if there are none */
static inline uint64
tidset_word(const PlanTidSet *set, uint32 at, uint32 i)
{
	const PlanTidPage *page;

	if (set->nkeys > 0)
		return i < (uint32) set->nplanes && set->planes[i] ?
			set->planes[i][at] : 0;
	page = &set->pages[at];
	if (i == 0)
		return page->low;
	return i <= page->nwords ? set->words[page->first + i - 1] : 0;
}

bool
plan_tidset_has(const PlanTidSet *set, uint32 key, uint32 number)
{
	uint32		at = key;

	if (set->nkeys > 0)
	{
		if (key >= set->nkeys)
			return false;
	}
	else
	{
		if (set->npages == 0)
			return false;
		at = *tidset_slot(set, key);
		if (at-- == 0)
			return false;
	}
	return (tidset_word(set, at, number / 64) >> (number % 64)) & 1;
}

/* The next member.  False if there is none. */
bool
plan_tidset_next(const PlanTidSet *set, PlanTidPosition *at, uint32 *key,
				 uint32 *number)
{
	uint32		npages = set->nkeys > 0 ? set->nkeys : set->npages;

	for (; at->page < npages; at->page++, at->number = 0)
	{
		uint32		nwords = set->nkeys > 0 ? (uint32) set->nplanes :
			set->pages[at->page].nwords + 1;

		for (; at->number < nwords * 64;
			 at->number = (at->number / 64 + 1) * 64)
		{
			uint64		word = tidset_word(set, at->page, at->number / 64) >>
				(at->number % 64);

			if (word == 0)
				continue;
			at->number += pg_rightmost_one_pos64(word);
			*key = set->nkeys > 0 ? at->page : set->pages[at->page].key;
			*number = at->number++;
			return true;
		}
	}
	return false;
}
