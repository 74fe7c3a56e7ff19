/*-------------------------------------------------------------------------
 *
 * am_handler.c
 *	  The access method's handler.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/am.h"
#include "commands/progress.h"
#include "commands/vacuum.h"
#include "fmgr.h"
#include "nodes/pathnodes.h"

PG_FUNCTION_INFO_V1(hnswhandler);

/* Name of a phase in pg_stat_progress_create_index, NULL if there is none. */
static char *
hnswbuildphasename(int64 phasenum)
{
	switch (phasenum)
	{
		case PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE:
			return "initializing";
		case AM_PHASE_BUILD_MEMORY:
			return "loading tuples";
		case AM_PHASE_BUILD_DISK:
			return "loading tuples beyond maintenance_work_mem";
		case AM_PHASE_WRITE:
			return "writing index";
		default:
			return NULL;
	}
}

Datum
hnswhandler(PG_FUNCTION_ARGS)
{
	IndexAmRoutine *amroutine = makeNode(IndexAmRoutine);

	amroutine->amstrategies = 0;
	amroutine->amsupport = AM_SUPPORT_COUNT;
	amroutine->amcanorderbyop = true;
	amroutine->amoptionalkey = true;
	amroutine->amparallelvacuumoptions = VACUUM_OPTION_PARALLEL_BULKDEL;
	amroutine->amkeytype = InvalidOid;
#if PG_VERSION_NUM >= 170000
	amroutine->amcanbuildparallel = true;
#endif

	amroutine->ambuild = hnswbuild;
	amroutine->ambuildempty = hnswbuildempty;
	amroutine->aminsert = hnswinsert;
	amroutine->ambulkdelete = hnswbulkdelete;
	amroutine->amvacuumcleanup = hnswvacuumcleanup;
	amroutine->amcostestimate = hnswcostestimate;
	amroutine->amoptions = hnswoptions;
	amroutine->ambuildphasename = hnswbuildphasename;
	amroutine->amvalidate = hnswvalidate;
	amroutine->ambeginscan = hnswbeginscan;
	amroutine->amrescan = hnswrescan;
	amroutine->amgettuple = hnswgettuple;
	amroutine->amendscan = hnswendscan;

	PG_RETURN_POINTER(amroutine);
}
