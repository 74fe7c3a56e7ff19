/*-------------------------------------------------------------------------
 *
 * hnsw_version.h
 *	  Differences between PostgreSQL versions, as named wrappers.
 *
 * The only place that looks at PG_VERSION_NUM.  Include it after postgres.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef HNSW_VERSION_H
#define HNSW_VERSION_H

#if PG_VERSION_NUM < 150000
#error "hnsw needs PostgreSQL 15 or later"
#endif

/* The varlena macros left postgres.h in 16 */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Soft errors came in 16; before that every error is thrown */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#define errsave(context, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
	} while (0)
#endif

/* A module can say its name and version since 18 */
#if PG_VERSION_NUM >= 180000
#define HNSW_MODULE_MAGIC \
	PG_MODULE_MAGIC_EXT(.name = "hnsw", .version = "1.0")
#else
#define HNSW_MODULE_MAGIC	PG_MODULE_MAGIC
#endif

#include "nodes/tidbitmap.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/rel.h"

/* The functions that print EXPLAIN's properties moved in 18 */
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif

/* Has the page lost what an old snapshot sees?  None has since 17. */
#if PG_VERSION_NUM >= 170000
#define hnsw_test_old_snapshot(snapshot, relation, page)	((void) 0)
#else
#define hnsw_test_old_snapshot(snapshot, relation, page) \
	TestForOldSnapshot(snapshot, relation, page)
#endif

/* What names a relation's files was renamed in 16 */
#if PG_VERSION_NUM >= 160000
#define hnsw_rel_locator(relation)	((relation)->rd_locator)
#else
#define hnsw_rel_locator(relation)	((relation)->rd_node)
#endif

/* Says what it delays since 18 */
#if PG_VERSION_NUM >= 180000
#define hnsw_vacuum_delay_point()	vacuum_delay_point(false)
#else
#define hnsw_vacuum_delay_point()	vacuum_delay_point()
#endif

/* A constraint NOT NULL may be one that was not checked yet since 18 */
static inline bool
hnsw_is_not_null(Relation table, AttrNumber attno)
{
	TupleDesc	desc = RelationGetDescr(table);

	if (attno <= 0)
		return false;
#if PG_VERSION_NUM >= 180000
	return TupleDescCompactAttr(desc, attno - 1)->attnullability ==
		ATTNULLABLE_VALID;
#else
	return TupleDescAttr(desc, attno - 1)->attnotnull;
#endif
}

/* Maintenance has run with a safe search_path since 17 */
#if PG_VERSION_NUM >= 170000
#define hnsw_restrict_search_path()	RestrictSearchPath()
#else
#define hnsw_restrict_search_path()	((void) 0)
#endif

/* Since 18 a path is not to be taken by more than by an infinite cost */
#if PG_VERSION_NUM >= 180000
#define hnsw_path_disable(path)		((void) ((path)->disabled_nodes = 2))
#else
#define hnsw_path_disable(path)		((void) (path))
#endif

/* Add a page to a fork; returns its buffer, exclusively locked */
static inline Buffer
hnsw_extend_relation(Relation relation, ForkNumber fork)
{
#if PG_VERSION_NUM >= 160000
	return ExtendBufferedRel(BMR_REL(relation), fork, NULL, EB_LOCK_FIRST);
#else
	Buffer		buffer;

	LockRelationForExtension(relation, ExclusiveLock);
	buffer = ReadBufferExtended(relation, fork, P_NEW, RBM_ZERO_AND_LOCK,
								NULL);
	UnlockRelationForExtension(relation, ExclusiveLock);
	return buffer;
#endif
}

/* What a TIDBitmap knows of one block */
typedef struct HnswBitmapBlock
{
	BlockNumber number;
	bool		lossy;			/* which rows is not known */
	bool		recheck;		/* rows may fail the indexes' conditions */
	int			nrows;
	const OffsetNumber *rows;
} HnswBitmapBlock;

/* Read a TIDBitmap, block by block in ascending order */
static inline void
hnsw_bitmap_read(TIDBitmap *bitmap,
				 void (*found) (void *arg, const HnswBitmapBlock *block),
				 void *arg)
{
	HnswBitmapBlock block;

#if PG_VERSION_NUM >= 180000
	TBMPrivateIterator *iterator = tbm_begin_private_iterate(bitmap);
	TBMIterateResult result;
	OffsetNumber rows[TBM_MAX_TUPLES_PER_PAGE];

	while (tbm_private_iterate(iterator, &result))
	{
		block.number = result.blockno;
		block.lossy = result.lossy;
		block.recheck = result.recheck;
		block.rows = rows;
		block.nrows = result.lossy ? 0 :
			tbm_extract_page_tuple(&result, rows, lengthof(rows));
		found(arg, &block);
	}
	tbm_end_private_iterate(iterator);
#else
	TBMIterator *iterator = tbm_begin_iterate(bitmap);
	TBMIterateResult *result;

	while ((result = tbm_iterate(iterator)) != NULL)
	{
		block.number = result->blockno;
		block.lossy = result->ntuples < 0;
		block.recheck = result->recheck;
		block.rows = result->offsets;
		block.nrows = Max(result->ntuples, 0);
		found(arg, &block);
	}
	tbm_end_iterate(iterator);
#endif
}

#endif							/* HNSW_VERSION_H */
