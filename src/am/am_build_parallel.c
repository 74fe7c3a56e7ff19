/*-------------------------------------------------------------------------
 *
 * am_build_parallel.c
 *	  Building an index with several processes.
 *
 * The leader and its workers scan the table together and insert the rows
 * they get into one graph.  There are two segments of shared memory: that of
 * the parallel context holds what they agree on (AmBuildShared) and the
 * state of the table scan, another one the arena.  The arena is large and
 * /dev/shm may be too small for it, which is an error of dsm_create()'s that
 * we survive: then, as when there are no workers to be had, the leader
 * builds alone.
 *
 * Workers end with the parallel context; what they left in the arena, or in
 * shared buffers, is the index.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "am/am_build.h"
#include "catalog/index.h"
#include "commands/progress.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "pgstat.h"
#include "storage/dsm.h"
#include "tcop/tcopprot.h"
#include "utils/backend_progress.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

/* Chunks of the parallel context's memory */
#define KEY_SHARED		UINT64CONST(0xB000000000000001)
#define KEY_SCAN		UINT64CONST(0xB000000000000002)
#define KEY_QUERY		UINT64CONST(0xB000000000000003)
#define KEY_WAL_USAGE	UINT64CONST(0xB000000000000004)
#define KEY_BUFFER_USAGE	UINT64CONST(0xB000000000000005)

/* How often the leader looks how far its workers are, in ms */
#define PROGRESS_INTERVAL	500

/* What the leader holds while there are workers */
typedef struct BuildLeader
{
	ParallelContext *pcxt;
	Snapshot	snapshot;
	ParallelTableScanDesc scan;
	WalUsage   *wal_usage;
	BufferUsage *buffer_usage;
} BuildLeader;

/* Is this an error of a machine that has not got so much shared memory? */
static bool
is_out_of_memory(void)
{
	int			code = geterrcode();

	return code == ERRCODE_OUT_OF_MEMORY || code == ERRCODE_DISK_FULL ||
		code == ERRCODE_INSUFFICIENT_RESOURCES;
}

/* Say why a build that should have had workers goes on without. */
static void
report_alone(const char *reason)
{
	ereport(NOTICE,
			(errmsg("building the index without parallel workers"),
			 errdetail_internal("%s", reason)));
}

/*
 * Make a segment of shared memory.  If there is not enough, says so and
 * returns NULL.  A resource owner of its own cleans up after an attempt that
 * failed.
 */
static dsm_segment *
create_segment(Size size)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ResourceOwner attempt = ResourceOwnerCreate(owner, "hnsw build");
	dsm_segment *volatile segment = NULL;

	CurrentResourceOwner = attempt;
	PG_TRY();
	{
		segment = dsm_create(size, 0);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		CurrentResourceOwner = owner;
		MemoryContextSwitchTo(context);
		if (!is_out_of_memory())
			PG_RE_THROW();
		error = CopyErrorData();
		FlushErrorState();
		report_alone(error->message);
		FreeErrorData(error);
	}
	PG_END_TRY();
	CurrentResourceOwner = owner;
	if (segment)
	{
		/* from here on it belongs to the build's own resource owner */
		dsm_pin_mapping(segment);
		dsm_unpin_mapping(segment);
	}
	ResourceOwnerRelease(attempt, RESOURCE_RELEASE_BEFORE_LOCKS, false, false);
	ResourceOwnerDelete(attempt);
	return segment;
}

/* Reserve room in the parallel context's memory and create it. */
static void
estimate_shared(BuildLeader *leader, Relation heap)
{
	ParallelContext *pcxt = leader->pcxt;
	shm_toc_estimator *estimator = &pcxt->estimator;

	shm_toc_estimate_chunk(estimator, sizeof(AmBuildShared));
	shm_toc_estimate_chunk(estimator,
						   table_parallelscan_estimate(heap,
													   leader->snapshot));
	shm_toc_estimate_chunk(estimator,
						   mul_size(sizeof(WalUsage), pcxt->nworkers));
	shm_toc_estimate_chunk(estimator,
						   mul_size(sizeof(BufferUsage), pcxt->nworkers));
	shm_toc_estimate_keys(estimator, 4);
	if (debug_query_string)
	{
		shm_toc_estimate_chunk(estimator, strlen(debug_query_string) + 1);
		shm_toc_estimate_keys(estimator, 1);
	}
	InitializeParallelDSM(pcxt);
}

/* A chunk of the memory that estimate_shared() made room for */
static void *
allocate_shared(ParallelContext *pcxt, uint64 key, Size size)
{
	void	   *chunk = shm_toc_allocate(pcxt->toc, size);

	shm_toc_insert(pcxt->toc, key, chunk);
	return chunk;
}

/* Fill the parallel context's memory. */
static void
fill_shared(BuildLeader *leader, AmBuild *build, const PageMeta *meta,
			BlockNumber blocks)
{
	ParallelContext *pcxt = leader->pcxt;
	AmBuildShared *shared = allocate_shared(pcxt, KEY_SHARED,
											sizeof(AmBuildShared));
	Size		scan_size = table_parallelscan_estimate(build->heap,
														leader->snapshot);

	am_build_shared_init(shared, pcxt->nworkers + 1);
	shared->heap = RelationGetRelid(build->heap);
	shared->index = RelationGetRelid(build->index);
	shared->concurrent_index = build->index_info->ii_Concurrent;
	shared->arena = dsm_segment_handle(build->segment);
	build->shared = shared;

	page_arena_attach(&build->arena, dsm_segment_address(build->segment));
	build->arena.concurrent = true;
	page_arena_init(&build->arena, blocks, am_build_tranche(), meta);

	leader->scan = allocate_shared(pcxt, KEY_SCAN, scan_size);
	table_parallelscan_initialize(build->heap, leader->scan,
								  leader->snapshot);
	leader->wal_usage =
		allocate_shared(pcxt, KEY_WAL_USAGE,
						mul_size(sizeof(WalUsage), pcxt->nworkers));
	leader->buffer_usage =
		allocate_shared(pcxt, KEY_BUFFER_USAGE,
						mul_size(sizeof(BufferUsage), pcxt->nworkers));
	if (debug_query_string)
		strcpy(allocate_shared(pcxt, KEY_QUERY,
							   strlen(debug_query_string) + 1),
			   debug_query_string);
}

/* Wait until all workers that were launched have inserted their rows. */
static void
wait_for_workers(AmBuild *build, int workers)
{
	AmBuildShared *shared = build->shared;
	int			done;
	double		tuples;

	ConditionVariablePrepareToSleep(&shared->worker_done);
	for (;;)
	{
		SpinLockAcquire(&shared->mutex);
		done = shared->workers_done;
		tuples = shared->index_tuples;
		SpinLockRelease(&shared->mutex);
		pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE,
									 (int64) tuples);
		if (done == workers)
			break;
		ConditionVariableTimedSleep(&shared->worker_done, PROGRESS_INTERVAL,
									WAIT_EVENT_PARALLEL_CREATE_INDEX_SCAN);
	}
	ConditionVariableCancelSleep();
}

/* Start the parallel context.  Returns false if there can be no workers. */
static bool
leader_begin(BuildLeader *leader, AmBuild *build, const AmBuildPlan *plan,
			 const PageMeta *meta, BlockNumber blocks)
{
	EnterParallelMode();
	leader->pcxt = CreateParallelContext("$libdir/hnsw",
										 "hnsw_build_worker_main",
										 plan->workers);

	/*
	 * All rows that anybody may see, or for CREATE INDEX CONCURRENTLY those
	 * of one snapshot; the rest come in when the index is validated.
	 */
	leader->snapshot = build->index_info->ii_Concurrent ?
		RegisterSnapshot(GetTransactionSnapshot()) : SnapshotAny;
	estimate_shared(leader, build->heap);
	if (leader->pcxt->seg == NULL)
		return false;
	fill_shared(leader, build, meta, blocks);
	LaunchParallelWorkers(leader->pcxt);
	ereport(DEBUG1,
			(errmsg_internal("building index \"%s\" with %d parallel workers",
							 RelationGetRelationName(build->index),
							 leader->pcxt->nworkers_launched)));
	return leader->pcxt->nworkers_launched > 0;
}

/* End the parallel context, when all workers are done. */
static void
leader_end(BuildLeader *leader)
{
	ParallelContext *pcxt = leader->pcxt;

	WaitForParallelWorkersToFinish(pcxt);
	for (int i = 0; i < pcxt->nworkers_launched; i++)
		InstrAccumParallelQuery(&leader->buffer_usage[i],
								&leader->wal_usage[i]);
	if (IsMVCCSnapshot(leader->snapshot))
		UnregisterSnapshot(leader->snapshot);
	DestroyParallelContext(pcxt);
	ExitParallelMode();
}

/*
 * Build with workers.  Returns false, with nothing done, if none are wanted
 * or to be had.
 */
bool
am_build_in_parallel(AmBuild *build, const AmBuildPlan *plan,
					 const PageMeta *meta)
{
	BuildLeader leader = {0};
	BlockNumber blocks;
	bool		built;

	if (plan->workers == 0)
		return false;
	blocks = am_build_arena_blocks(plan, meta, plan->workers + 1);
	build->segment = create_segment(page_arena_bytes(blocks));
	if (build->segment == NULL)
		return false;
	build->parallel = true;
	built = leader_begin(&leader, build, plan, meta, blocks);
	if (built)
	{
		AmBuildShared *copy = palloc(sizeof(AmBuildShared));

		am_build_attach(build);
		am_build_scan(build, table_beginscan_parallel(build->heap,
													  leader.scan));
		WaitForParallelWorkersToAttach(leader.pcxt);
		wait_for_workers(build, leader.pcxt->nworkers_launched);
		*copy = *build->shared;
		build->shared = copy;
	}
	leader_end(&leader);
	build->parallel = false;
	build->arena.concurrent = false;
	if (!built)
	{
		dsm_detach(build->segment);
		build->segment = NULL;
		report_alone(_("No worker process could be started."));
	}
	return built;
}

/* Get at what the leader has set up. */
static void
worker_attach(AmBuild *build, shm_toc *toc)
{
	AmBuildShared *shared = build->shared;

	build->parallel = true;
	build->index_info = BuildIndexInfo(build->index);
	build->index_info->ii_Concurrent = shared->concurrent_index;
	build->segment = dsm_attach(shared->arena);
	if (build->segment == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("could not map dynamic shared memory segment")));
	page_arena_attach(&build->arena, dsm_segment_address(build->segment));
	build->arena.concurrent = true;
	am_build_tranche();
	am_build_attach(build);
}

/* A worker, from its beginning to its end */
void
hnsw_build_worker_main(dsm_segment *seg, shm_toc *toc)
{
	AmBuild		build = {0};
	AmBuildShared *shared = shm_toc_lookup(toc, KEY_SHARED, false);
	WalUsage   *wal_usage = shm_toc_lookup(toc, KEY_WAL_USAGE, false);
	BufferUsage *buffer_usage = shm_toc_lookup(toc, KEY_BUFFER_USAGE, false);
	LOCKMODE	heap_lock = ShareLock;
	LOCKMODE	index_lock = AccessExclusiveLock;

	debug_query_string = shm_toc_lookup(toc, KEY_QUERY, true);
	pgstat_report_activity(STATE_RUNNING, debug_query_string);

	/* the locks that index.c took for the leader */
	if (shared->concurrent_index)
	{
		heap_lock = ShareUpdateExclusiveLock;
		index_lock = RowExclusiveLock;
	}
	build.shared = shared;
	build.heap = table_open(shared->heap, heap_lock);
	build.index = index_open(shared->index, index_lock);
	worker_attach(&build, toc);

	InstrStartParallelQuery();
	am_build_scan(&build,
				  table_beginscan_parallel(build.heap,
										   shm_toc_lookup(toc, KEY_SCAN,
														  false)));
	InstrEndParallelQuery(&buffer_usage[ParallelWorkerNumber],
						  &wal_usage[ParallelWorkerNumber]);

	SpinLockAcquire(&shared->mutex);
	shared->workers_done++;
	SpinLockRelease(&shared->mutex);
	ConditionVariableSignal(&shared->worker_done);

	dsm_detach(build.segment);
	index_close(build.index, index_lock);
	table_close(build.heap, heap_lock);
}
