/*-------------------------------------------------------------------------
 *
 * am_build.c
 *	  Building an index.
 *
 * The graph is built in an arena, memory of maintenance_work_mem that holds
 * the pages as they will be on disk, by the same code that inserts rows into
 * a finished index.  When the arena is full its pages are written to the
 * index, and the build goes on there, through the buffer manager.  WAL is
 * written at the end, for the whole index at once.
 *
 * With workers (am_build_parallel.c) the arena lies in shared memory, and
 * everybody inserts into it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/mman.h>

#include "access/tableam.h"
#include "access/xloginsert.h"
#include "am/am_build.h"
#include "catalog/index.h"
#include "catalog/pg_type_d.h"
#include "commands/progress.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/shmem.h"
#include "utils/backend_progress.h"
#include "utils/memutils.h"

/* Bytes; on other platforms the advice is a little off, no more */
#define HUGE_PAGE_SIZE		(2 * 1024 * 1024)

/*
 * The tranche of a build's locks, one for all processes of the server: they
 * cannot be given back.
 */
int
am_build_tranche(void)
{
	int		   *tranche;
	bool		found;

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	tranche = ShmemInitStruct("hnsw build tranche", sizeof(int), &found);
	if (!found)
		*tranche = LWLockNewTrancheId();
	LWLockRelease(AddinShmemInitLock);
	LWLockRegisterTranche(*tranche, "hnsw_build");
	return *tranche;
}

/*
 * Check the column and the options; fill in the meta page of a new index, but
 * for what follows from the table.
 */
static void
init_meta(Relation index, PageMeta *meta)
{
	const AmOptions *options = am_options(index);
	DistanceMetric metric = am_opclass(index)->metric;
	int			dimensions = TupleDescAttr(index->rd_att, 0)->atttypmod;
	int			bits = options->sketch_bits;
	int			most = Min(codec_code_size(dimensions), 64 * SKETCH_MAX_WORDS);

	if (dimensions < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column does not have dimensions")));
	if (dimensions > page_max_dimensions(metric, options->m))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("column cannot have more than %d dimensions for hnsw index",
						page_max_dimensions(metric, options->m)),
				 errdetail("The column has %d dimensions, and m is %d.",
						   dimensions, options->m)));
	if (options->ef_construction < 2 * options->m)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ef_construction must be greater than or equal to 2 * m")));
	if (bits < 0)
		bits = page_default_sketch_bits(metric, dimensions, options->m);
	if (metric == METRIC_L1)
		bits = 0;
	if (bits % 64 != 0 || bits > codec_code_size(dimensions))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid sketch_bits %d for %d dimensions",
						bits, dimensions),
				 errhint("Use a multiple of 64, at most %d.",
						 most / 64 * 64)));
	if (!page_fits(metric, dimensions, options->m, bits))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a node with sketch_bits = %d does not fit on a page",
						bits),
				 errhint("Use sketch_bits = %d or less.",
						 page_default_sketch_bits(metric, dimensions,
												  options->m))));

	memset(meta, 0, sizeof(*meta));
	meta->magic = PAGE_META_MAGIC;
	meta->version = PAGE_META_VERSION;
	meta->metric = metric;
	meta->dimensions = dimensions;
	meta->m = options->m;
	meta->sketch_bits = bits;
	meta->seed = pg_prng_uint64(&pg_global_prng_state);
	meta->entry = GRAPH_NO_NODE;
	for (int kind = 0; kind < PAGE_KINDS; kind++)
		meta->hint[kind] = InvalidBlockNumber;
}

/* CREATE UNLOGGED TABLE: the index that a crash leaves */
void
hnswbuildempty(Relation index)
{
	PageMeta	meta;

	init_meta(index, &meta);
	meta.rowmap_blocks = am_build_rowmap_blocks(index, 0);
	page_write_new(index, INIT_FORKNUM, &meta);
}

/* Set up what the processes of a build share: memory of the caller's. */
void
am_build_shared_init(AmBuildShared *shared, int processes)
{
	memset(shared, 0, sizeof(*shared));
	shared->processes = processes;
	LWLockInitialize(&shared->insert_gate, am_build_tranche());
	LWLockInitialize(&shared->insert_lock, am_build_tranche());
	shared->place = BUILD_IN_ARENA;
	ConditionVariableInit(&shared->moved);
	SpinLockInit(&shared->mutex);
	ConditionVariableInit(&shared->worker_done);
}

static void
acquire(AmBuild *build, LWLockMode mode)
{
	AmBuildShared *shared = build->shared;

	if (!build->parallel)
		return;

	/*
	 * Shared holders come and go all the time; without the gate there would
	 * hardly be a moment without one, which is what an exclusive one needs.
	 */
	LWLockAcquire(&shared->insert_gate, mode);
	LWLockAcquire(&shared->insert_lock, mode);
	LWLockRelease(&shared->insert_gate);
}

static void
release(AmBuild *build)
{
	if (build->parallel)
		LWLockRelease(&build->shared->insert_lock);
}

/* Go from one place to another, unless somebody else did before. */
static bool
change_place(AmBuild *build, AmBuildPlace from, AmBuildPlace to)
{
	bool		changed;

	acquire(build, LW_EXCLUSIVE);
	changed = build->shared->place == from;
	if (changed)
		build->shared->place = to;
	release(build);
	return changed;
}

static AmBuildPlace
read_place(AmBuild *build)
{
	AmBuildPlace place;

	acquire(build, LW_SHARED);
	place = build->shared->place;
	release(build);
	return place;
}

/*
 * Write the arena to the index, or wait for whoever does.  No lock is held
 * meanwhile, so that it can be cancelled; BUILD_MOVING keeps all others
 * from the arena.
 */
static void
move_to_index(AmBuild *build)
{
	AmBuildShared *shared = build->shared;

	if (change_place(build, BUILD_IN_ARENA, BUILD_MOVING))
	{
		ereport(NOTICE,
				(errmsg("hnsw graph no longer fits into maintenance_work_mem after %.0f tuples",
						shared->index_tuples),
				 errdetail("Building will take longer."),
				 errhint("Increase maintenance_work_mem to speed up builds.")));
		page_arena_flush(&build->inserter.space);
		change_place(build, BUILD_MOVING, BUILD_IN_INDEX);
		ConditionVariableBroadcast(&shared->moved);
		return;
	}
	ConditionVariablePrepareToSleep(&shared->moved);
	while (read_place(build) == BUILD_MOVING)
		ConditionVariableSleep(&shared->moved,
							   WAIT_EVENT_PARALLEL_CREATE_INDEX_SCAN);
	ConditionVariableCancelSleep();
}

/*
 * AmInsertLock.lock: returns when the row can be inserted, wherever the pages
 * are by now.  What is true of the place stays true until unlock().
 */
static void
build_lock(AmInserter *inserter, AmInsertMode mode)
{
	AmBuild    *build = inserter->lock_arg;
	AmBuildShared *shared = build->shared;

	for (;;)
	{
		acquire(build, mode == INSERT_EXCLUSIVE ? LW_EXCLUSIVE : LW_SHARED);
		if (shared->place == BUILD_IN_INDEX)
			break;

		/* everybody may be at it, with the lock held like us */
		if (shared->place == BUILD_IN_ARENA &&
			page_arena_has_room(&build->arena, AM_BUILD_ROW_BLOCKS *
								shared->processes))
			return;
		release(build);
		move_to_index(build);
	}
	if (inserter->space.arena)
	{
		inserter->space.arena = NULL;
		pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE,
									 AM_PHASE_BUILD_DISK);
	}
}

/* AmInsertLock.unlock */
static void
build_unlock(AmInserter *inserter, AmInsertMode mode)
{
	release(inserter->lock_arg);
}

static const AmInsertLock build_insert_lock = {
	.lock = build_lock,
	.unlock = build_unlock,
};

/* Open the pages of a build, in its arena, and get ready to insert. */
void
am_build_attach(AmBuild *build)
{
	AmInserter *inserter = &build->inserter;

	page_space_build(&inserter->space, build->index, &build->arena);
	am_inserter_init(inserter);
	inserter->lock = &build_insert_lock;
	inserter->lock_arg = build;
	inserter->alone = !build->parallel;
}

/* Count a tuple for the progress view. */
static void
count_tuple(AmBuildShared *shared)
{
	double		total;

	SpinLockAcquire(&shared->mutex);
	total = ++shared->index_tuples;
	SpinLockRelease(&shared->mutex);
	if (!IsParallelWorker())
		pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE,
									 (int64) total);
}

/* Called for every row of the table. */
static void
build_tuple(Relation index, ItemPointer tid, Datum *values, bool *isnull,
			bool alive, void *state)
{
	AmBuild    *build = state;

	CHECK_FOR_INTERRUPTS();
	if (isnull[0] || !am_inserter_encode(&build->inserter, values[0]))
		return;
	am_inserter_add(&build->inserter, tid, false);
	count_tuple(build->shared);
}

/*
 * Insert the rows that this process gets from a scan of the table; NULL
 * makes one of the whole table.  Adds to the shared results.
 */
void
am_build_scan(AmBuild *build, TableScanDesc scan)
{
	AmBuildShared *shared = build->shared;
	double		heap_tuples;

	heap_tuples = table_index_build_scan(build->heap, build->index,
										 build->index_info, true,
										 !IsParallelWorker(), build_tuple,
										 build, scan);
	SpinLockAcquire(&shared->mutex);
	shared->heap_tuples += heap_tuples;
	if (build->index_info->ii_BrokenHotChain)
		shared->broken_hot_chain = true;
	SpinLockRelease(&shared->mutex);
}

/*
 * Ask for huge pages: visits go all over the arena, and with small ones most
 * would miss the CPU's address cache as well.  A hint; no is no matter.
 */
static void
ask_for_huge_pages(void *memory, Size size)
{
#ifdef MADV_HUGEPAGE
	uintptr_t	start = TYPEALIGN(HUGE_PAGE_SIZE, memory);
	uintptr_t	end = TYPEALIGN_DOWN(HUGE_PAGE_SIZE,
									 (uintptr_t) memory + size);

	if (end > start)
		(void) madvise((void *) start, end - start, MADV_HUGEPAGE);
#endif
}

/* Build in this process alone. */
static void
build_alone(AmBuild *build, const AmBuildPlan *plan, const PageMeta *meta)
{
	BlockNumber blocks = am_build_arena_blocks(plan, meta, 1);
	Size		size = page_arena_bytes(blocks);
	void	   *memory = MemoryContextAllocHuge(CurrentMemoryContext,
												size + BLCKSZ);

	/* whole cache lines, as in shared buffers */
	memory = (void *) TYPEALIGN(BLCKSZ, memory);
	ask_for_huge_pages(memory, size);
	build->parallel = false;
	build->shared = palloc(sizeof(AmBuildShared));
	am_build_shared_init(build->shared, 1);
	page_arena_attach(&build->arena, memory);
	build->arena.concurrent = false;
	page_arena_init(&build->arena, blocks, am_build_tranche(), meta);
	am_build_attach(build);
	am_build_scan(build, NULL);
}

/* Bring the index to disk, and into WAL. */
static void
build_write(AmBuild *build)
{
	Relation	index = build->index;

	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, AM_PHASE_WRITE);
	if (build->shared->place == BUILD_IN_ARENA)
		page_arena_flush(&build->inserter.space);
	if (RelationNeedsWAL(index))
		log_newpage_range(index, MAIN_FORKNUM, 0,
						  RelationGetNumberOfBlocks(index), true);
}

IndexBuildResult *
hnswbuild(Relation heap, Relation index, IndexInfo *indexInfo)
{
	IndexBuildResult *result = palloc0(sizeof(IndexBuildResult));
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "hnsw build",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;
	AmBuild		build = {0};
	AmBuildPlan plan;
	PageMeta	meta;

	if (RelationGetNumberOfBlocks(index) != 0)
		elog(ERROR, "index \"%s\" already contains data",
			 RelationGetRelationName(index));
	init_meta(index, &meta);
	old = MemoryContextSwitchTo(context);
	build.heap = heap;
	build.index = index;
	build.index_info = indexInfo;
	am_build_plan(heap, index, &plan);
	meta.rowmap_blocks = am_build_rowmap_blocks(index, plan.rows_per_block);
	pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_TOTAL,
								 (int64) plan.rows);
	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE,
								 AM_PHASE_BUILD_MEMORY);

	if (!am_build_in_parallel(&build, &plan, &meta))
		build_alone(&build, &plan, &meta);
	build_write(&build);

	indexInfo->ii_BrokenHotChain |= build.shared->broken_hot_chain;
	result->heap_tuples = build.shared->heap_tuples;
	result->index_tuples = build.shared->index_tuples;
	if (build.segment)
		dsm_detach(build.segment);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return result;
}
