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

static void
insert_lock(AmInserter *inserter, bool exclusive)
{
	if (inserter->lock_kind == INSERT_LOCK_PAGE)
		LockPage(inserter->space.index, PAGE_META_BLOCK,
				 exclusive ? ExclusiveLock : ShareLock);
	else if (inserter->lock_kind == INSERT_LOCK_SHARED_BUILD)
		LWLockAcquire(inserter->lock, exclusive ? LW_EXCLUSIVE : LW_SHARED);
}

static void
insert_unlock(AmInserter *inserter, bool exclusive)
{
	if (inserter->lock_kind == INSERT_LOCK_PAGE)
		UnlockPage(inserter->space.index, PAGE_META_BLOCK,
				   exclusive ? ExclusiveLock : ShareLock);
	else if (inserter->lock_kind == INSERT_LOCK_SHARED_BUILD)
		LWLockRelease(inserter->lock);
}

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
	graph_search_create(&inserter->search, &inserter->store.graph);
	am_vector_alloc(&inserter->space.format->codec, &inserter->vector);
	inserter->ef_construction = am_options(index)->ef_construction;
	inserter->lock_kind = INSERT_LOCK_PAGE;
	inserter->row_context = AllocSetContextCreate(CurrentMemoryContext,
												  "hnsw insert",
												  ALLOCSET_DEFAULT_SIZES);
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
	insert.may_promote = inserter->lock_kind == INSERT_LOCK_NONE;

	insert_lock(inserter, false);
	page_store_insert(&inserter->store, &inserter->vector, row);
	if (unchanged && graph_attach(&inserter->search, ATTACH_EF))
	{
		insert_unlock(inserter, false);
		return;
	}
	result = graph_insert(&inserter->search, &insert);
	insert_unlock(inserter, false);
	if (result != INSERT_NEEDS_ENTRY)
		return;

	insert.may_promote = true;
	insert_lock(inserter, true);
	page_store_insert(&inserter->store, &inserter->vector, row);
	graph_insert(&inserter->search, &insert);
	insert_unlock(inserter, true);
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
