/*-------------------------------------------------------------------------
 *
 * inspect_check.c
 *	  The verifier: hnsw_check().
 *
 * Four passes, each of which may trust what the one before has checked:
 *
 *	  pages		every page by itself					(light and full)
 *	  graph		where edges and pointers lead, in memory	(full)
 *	  codes		what edges and pointers say of the vectors they lead to
 *	  heap		rows of the table and of the index, both ways
 *
 * The light check takes AccessShareLock: inserts and vacuum go on.  The full
 * check takes ShareLock on table and index, as amcheck's does, which both
 * have to wait for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "hnsw_version.h"
#include "inspect/inspect_check.h"
#include "miscadmin.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(hnsw_check);

/* Report a broken invariant.  `detail` is a sentence. */
void
check_fail(const InspectCheck *check, Invariant invariant, CheckPlace place,
		   const char *detail,...)
{
	char		text[512];
	char		where[64];
	va_list		args;

	va_start(args, detail);
	vsnprintf(text, sizeof(text), detail, args);
	va_end(args);
	where[0] = '\0';
	if (place.offset != InvalidOffsetNumber)
		snprintf(where, sizeof(where), " at block %u, offset %u",
				 place.block, place.offset);
	else if (place.block != InvalidBlockNumber)
		snprintf(where, sizeof(where), " at block %u", place.block);
	ereport(ERROR,
			(errcode(ERRCODE_INDEX_CORRUPTED),
			 errmsg("index \"%s\" breaks invariant I%d%s",
					RelationGetRelationName(check->inspect.index),
					(int) invariant, where),
			 errdetail_internal("%s", text),
			 errhint("Please REINDEX it.")));
}

CheckPlace
check_place(const InspectCheck *check, InspectSlotNo slot)
{
	CheckPlace	place;

	place.block = inspect_slot_block(&check->graph, slot);
	place.offset = inspect_slot_offset(&check->graph, slot);
	return place;
}

/*
 * hnsw_check(regclass, heap_check boolean): an error if the index is
 * damaged.
 */
Datum
hnsw_check(PG_FUNCTION_ARGS)
{
	bool		full = PG_GETARG_BOOL(1);
	InspectCheck check = {0};
	Oid			user;
	int			context;
	int			nest_level;

	inspect_open(&check.inspect, PG_GETARG_OID(0),
				 full ? ShareLock : AccessShareLock);
	check.format = check.inspect.space.format;

	/* expressions and predicates are the owner's, and run as the owner */
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(check.inspect.heap->rd_rel->relowner,
						   context | SECURITY_RESTRICTED_OPERATION);
	nest_level = NewGUCNestLevel();
	hnsw_restrict_search_path();
	check_pages(&check);
	if (full)
	{
		inspect_graph_load(&check.graph, &check.inspect);
		check_graph(&check);
		check_codes(&check);
		check_heap(&check);
	}
	AtEOXact_GUC(false, nest_level);
	SetUserIdAndSecContext(user, context);
	inspect_close(&check.inspect);
	PG_RETURN_VOID();
}
