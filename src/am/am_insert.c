/*-------------------------------------------------------------------------
 *
 * am_insert.c
 *	  Putting rows into an index, for INSERT and for builds.
 *
 * An insert holds the insert lock shared from before it searches until all
 * it writes is written.  So vacuum, which takes it exclusively for a moment,
 * knows that no insert goes on with nodes it met before.  An insert that
 * must make its node the entry point starts over with the lock held
 * exclusively: nobody else then changes the entry point, or makes another
 * first node.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/am_insert.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"
#include "vector/vector.h"

/* Results of the small search for a row's vector that did not change */
#define ATTACH_EF	16

/* AmInsertLock.lock, between sessions */
static void
insert_lock(AmInserter *inserter, AmInsertMode mode)
{
	LockPage(inserter->space.index, PAGE_META_BLOCK,
			 mode == INSERT_EXCLUSIVE ? ExclusiveLock : ShareLock);
}

/* AmInsertLock.unlock, between sessions */
static void
insert_unlock(AmInserter *inserter, AmInsertMode mode)
{
	UnlockPage(inserter->space.index, PAGE_META_BLOCK,
			   mode == INSERT_EXCLUSIVE ? ExclusiveLock : ShareLock);
}

static const AmInsertLock session_lock = {
	.lock = insert_lock,
	.unlock = insert_unlock,
};

/* Make room for an encoded vector in the current memory context. */
void
am_vector_alloc(const Codec *codec, CodecVector *vector)
{
	memset(vector, 0, sizeof(*vector));
	vector->rotated = palloc(codec->code_size * sizeof(float));
	vector->code = palloc(codec->code_size);
	vector->refine = palloc(codec->code_size);
}

void
am_check_dimensions(const PageFormat *format, int dimensions)
{
	if (dimensions != format->codec.dimensions)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("expected %d dimensions, not %d",
						format->codec.dimensions, dimensions)));
}

/*
 * Make an inserter, in the current memory context, for the space that the
 * caller has opened.
 */
void
am_inserter_init(AmInserter *inserter)
{
	Relation	index = inserter->space.index;

	page_store_init(&inserter->store, &inserter->space, STORE_WITH_CODES);
	graph_search_create(&inserter->search, &inserter->store.graph,
						SEARCH_ONCE);
	am_vector_alloc(&inserter->space.format->codec, &inserter->vector);
	inserter->ef_construction = am_options(index)->ef_construction;
	inserter->lock = &session_lock;
	inserter->alone = false;
	inserter->row_context = AllocSetContextCreate(CurrentMemoryContext,
												  "hnsw insert",
												  ALLOCSET_DEFAULT_SIZES);
}

/* A hash of a vector that is the same for equal ones: -0 counts as 0. */
static uint32
fingerprint(int n, const float *x)
{
	uint64		hash = 0;

	for (int i = 0; i < n; i++)
	{
		float		value = x[i] + 0.0f;
		uint32		bits;

		memcpy(&bits, &value, sizeof(bits));
		hash = (hash ^ bits) * UINT64CONST(0x9E3779B97F4A7C15);
		hash ^= hash >> 32;
	}
	return (uint32) hash;
}

/*
 * Encode a row's value.  Returns false if the index does not hold such
 * rows: a zero vector has no direction, hence no cosine distance.
 */
bool
am_inserter_encode(AmInserter *inserter, Datum value)
{
	MemoryContext old = MemoryContextSwitchTo(inserter->row_context);
	Vector	   *v = DatumGetVector(value);
	bool		result;

	am_check_dimensions(inserter->space.format, v->dim);
	result = codec_encode(&inserter->space.format->codec, v->x,
						  &inserter->vector);
	inserter->fingerprint = fingerprint(v->dim, v->x);
	MemoryContextSwitchTo(old);
	MemoryContextReset(inserter->row_context);
	return result;
}

/*
 * Add a row with the vector encoded last.  `unchanged` says that an older
 * version of the row, with the same vector, most likely is in the index.
 */
void
am_inserter_add(AmInserter *inserter, const ItemPointerData *row,
				bool unchanged)
{
	GraphInsert insert;
	GraphInsertResult result;
	double		uniform = 1 - pg_prng_double(&pg_global_prng_state);

	insert.level = graph_draw_level(uniform, inserter->space.format->m);
	insert.ef_construction = inserter->ef_construction;
	insert.may_promote = inserter->alone;

	inserter->lock->lock(inserter, INSERT_SHARED);
	page_store_insert(&inserter->store, &inserter->vector,
					  inserter->fingerprint, row);
	if (unchanged && graph_attach(&inserter->search, ATTACH_EF))
	{
		inserter->lock->unlock(inserter, INSERT_SHARED);
		return;
	}
	result = graph_insert(&inserter->search, &insert);
	inserter->lock->unlock(inserter, INSERT_SHARED);
	if (result != INSERT_NEEDS_ENTRY)
		return;

	insert.may_promote = true;
	inserter->lock->lock(inserter, INSERT_EXCLUSIVE);
	page_store_insert(&inserter->store, &inserter->vector,
					  inserter->fingerprint, row);
	graph_insert(&inserter->search, &insert);
	inserter->lock->unlock(inserter, INSERT_EXCLUSIVE);
}

/* INSERT, or UPDATE of a row that could not stay where it was */
bool
hnswinsert(Relation index, Datum *values, bool *isnull, ItemPointer heap_tid,
		   Relation heap, IndexUniqueCheck checkUnique, bool indexUnchanged,
		   IndexInfo *indexInfo)
{
	AmInserter *inserter = indexInfo->ii_AmCache;

	if (isnull[0])
		return false;
	if (inserter == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(indexInfo->ii_Context);

		inserter = palloc0(sizeof(AmInserter));
		page_space_open(&inserter->space, index);
		am_inserter_init(inserter);
		indexInfo->ii_AmCache = inserter;
		MemoryContextSwitchTo(old);
	}
	if (am_inserter_encode(inserter, values[0]))
		am_inserter_add(inserter, heap_tid, indexUnchanged);
	return false;
}
