/*-------------------------------------------------------------------------
 *
 * inspect_index.c
 *	  Opening an index, and reading its pages, for those who look in from
 *	  SQL.
 *
 * The table is locked before the index, as everybody does who needs both.
 * Pages are copied out one by one and looked at after they are unlocked, so
 * that a look at the whole index holds up nobody.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/xlog.h"
#include "am/am.h"
#include "catalog/index.h"
#include "catalog/pg_class.h"
#include "inspect/inspect_index.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/rls.h"

/* Is this relation something whose pages we can read?  Errors if not. */
static void
check_index(Relation index)
{
	const char *name = RelationGetRelationName(index);

	if (index->rd_indam == NULL || index->rd_indam->ambuild != hnswbuild)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not an hnsw index", name)));
	if (index->rd_rel->relkind == RELKIND_PARTITIONED_INDEX)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is a partitioned index and has no pages",
						name),
				 errhint("Name the index of one of the partitions.")));
	if (RELATION_IS_OTHER_TEMP(index))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot access temporary indexes of other sessions")));
	if (!index->rd_index->indisvalid)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("index \"%s\" is not valid", name),
				 errhint("If no build of it is under way, please REINDEX it.")));
	if (index->rd_rel->relpersistence == RELPERSISTENCE_UNLOGGED &&
		RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot access unlogged index \"%s\" during recovery",
						name)));
}

/*
 * Open an index and its table, both with this lock, to be ended with
 * inspect_close().  Anything but an hnsw index that can be read is an error.
 */
void
inspect_open(InspectIndex *inspect, Oid oid, LOCKMODE lock)
{
	Oid			heap_oid = IndexGetRelation(oid, true);

	/* not an index: check_index() says so */
	inspect->heap = OidIsValid(heap_oid) ? table_open(heap_oid, lock) : NULL;
	inspect->index = relation_open(oid, lock);
	inspect->lock = lock;
	check_index(inspect->index);

	/* the index may have been dropped and its OID used again meanwhile */
	if (inspect->heap == NULL ||
		RelationGetRelid(inspect->heap) != IndexGetRelation(oid, false))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("could not open the table of index \"%s\"",
						RelationGetRelationName(inspect->index))));
	page_space_open(&inspect->space, inspect->index);
}

/*
 * Only who may read the table may see what the index tells of it: shapes,
 * row identifiers, distances.
 */
void
inspect_require_select(const InspectIndex *inspect)
{
	Oid			heap = RelationGetRelid(inspect->heap);
	AclResult	result = pg_class_aclcheck(heap, GetUserId(), ACL_SELECT);

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_TABLE,
					   RelationGetRelationName(inspect->heap));
	if (check_enable_rls(heap, InvalidOid, false) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot look into index \"%s\"",
						RelationGetRelationName(inspect->index)),
				 errdetail("Row-level security applies to its table.")));
}

void
inspect_close(InspectIndex *inspect)
{
	relation_close(inspect->index, inspect->lock);
	table_close(inspect->heap, inspect->lock);
}

/*
 * Copy a page as it is now.  Returns false if it is a new one: all zero,
 * which a crash leaves at the end of an index.
 */
bool
inspect_read_page(InspectIndex *inspect, BlockNumber block,
				  PGAlignedBlock *copy)
{
	PageRef		ref;

	CHECK_FOR_INTERRUPTS();
	if (!page_open_any(&inspect->space, block, &ref))
		return false;
	memcpy(copy->data, ref.page, BLCKSZ);
	page_close(&ref);
	return true;
}

const char *
inspect_metric_name(const PageFormat *format)
{
	switch (format->codec.metric)
	{
		case METRIC_L2:
			return "l2";
		case METRIC_INNER_PRODUCT:
			return "inner product";
		case METRIC_COSINE:
			return "cosine";
		case METRIC_L1:
			return "l1";
	}
	return "unknown";			/* not reached: the meta page was checked */
}
