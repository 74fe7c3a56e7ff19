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
#include "utils/backend_progress.h"
#include "utils/memutils.h"

/*
 * Pages an arena must have left before a row is inserted: a node on every layer, its
 * refine tuple and a posting, in every process that may insert at once.
 */
#define PAGES_PER_INSERT	(GRAPH_MAX_LAYER + 4)
#define MAX_PROCESSES		64

int
am_build_tranche(void)
{
	static int	tranche = 0;

	if (tranche == 0)
		tranche = LWLockNewTrancheId();
	LWLockRegisterTranche(tranche, "hnsw_build");
	return tranche;
}

/* Pages that fit into so many bytes, but at least what a build needs. */
uint32
am_build_arena_blocks(Size memory)
{
	Size		least = 2 * PAGES_PER_INSERT * MAX_PROCESSES;
	Size		blocks = memory / BLCKSZ;

	return (uint32) Min(Max(blocks, least), MaxBlockNumber / 2);
}

/* Check the column and the options; fill in the meta page of a new index. */
static void
init_meta(Relation index, PageMeta *meta)
{
	const AmOptions *options = am_options(index);
	DistanceMetric metric = am_opclass(index)->metric;
	int			dimensions = TupleDescAttr(index->rd_att, 0)->atttypmod;
	int			bits = options->sketch_bits;

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
						 Min(codec_code_size(dimensions), 64 * SKETCH_MAX_WORDS) / 64 * 64)));
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
	page_write_new(index, INIT_FORKNUM, &meta);
}

/* Open the pages of a build and get ready to insert into them. */
void
am_build_attach(AmBuild *build)
{
	page_space_build(&build->inserter.space, build->index,
					 build->shared->flushed ? NULL : &build->arena);
	am_inserter_init(&build->inserter);
}

/* The arena is (nearly) full: go on in the buffer manager. */
static void
build_flush(AmBuild *build)
{
	AmInserter *inserter = &build->inserter;

	if (inserter->lock_kind != INSERT_LOCK_NONE)
		LWLockAcquire(&build->shared->insert_lock, LW_EXCLUSIVE);
	if (!build->shared->flushed)
	{
		ereport(NOTICE,
				(errmsg("hnsw graph no longer fits into maintenance_work_mem after %.0f tuples",
						Max(build->shared->index_tuples,
							build->index_tuples)),
				 errdetail("Building will take longer."),
				 errhint("Increase maintenance_work_mem to speed up builds.")));
		page_arena_flush(&inserter->space);
		build->shared->flushed = true;
		pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE,
									 AM_PHASE_BUILD_DISK);
	}
	inserter->space.arena = NULL;
	if (inserter->lock_kind != INSERT_LOCK_NONE)
		LWLockRelease(&build->shared->insert_lock);
}

/* Count a tuple for the progress view. */
static void
build_count(AmBuild *build)
{
	AmBuildShared *shared = build->shared;
	double		total;

	build->index_tuples++;
	SpinLockAcquire(&shared->mutex);
	total = ++shared->index_tuples;
	SpinLockRelease(&shared->mutex);
	if (!IsParallelWorker())
		pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE,
									 (int64) total);
}

/* Called for every row of the table. */
void
am_build_tuple(Relation index, ItemPointer tid, Datum *values, bool *isnull,
			   bool alive, void *state)
{
	AmBuild    *build = state;
	AmInserter *inserter = &build->inserter;

	CHECK_FOR_INTERRUPTS();
	if (isnull[0] || !am_inserter_encode(inserter, values[0]))
		return;
	if (inserter->space.arena &&
		(build->shared->flushed ||
		 !page_arena_has_room(inserter->space.arena,
							  PAGES_PER_INSERT * (build->nworkers + 2))))
		build_flush(build);
	am_inserter_add(inserter, tid, false);
	build_count(build);
}

/* Build in this process alone.  Returns the number of heap tuples. */
static double
build_serially(AmBuild *build, const PageMeta *meta)
{
	double		heap_tuples;
	uint32		blocks = am_build_arena_blocks((Size) maintenance_work_mem *
											   1024);

	build->shared = palloc0(sizeof(AmBuildShared));
	SpinLockInit(&build->shared->mutex);
	build->arena.shared = palloc0(page_arena_shared_bytes());
	build->arena.pages = MemoryContextAllocExtended(CurrentMemoryContext,
													(Size) blocks * BLCKSZ,
													MCXT_ALLOC_HUGE);
	build->arena.concurrent = false;
	page_arena_init(&build->arena, blocks, am_build_tranche(), meta);
	am_build_attach(build);
	build->inserter.lock_kind = INSERT_LOCK_NONE;
	heap_tuples = table_index_build_scan(build->heap, build->index,
										 build->index_info, true, true,
										 am_build_tuple, build, NULL);
	return heap_tuples;
}

IndexBuildResult *
hnswbuild(Relation heap, Relation index, IndexInfo *indexInfo)
{
	IndexBuildResult *result = palloc0(sizeof(IndexBuildResult));
	AmBuild		build = {0};
	PageMeta	meta;

	if (RelationGetNumberOfBlocks(index) != 0)
		elog(ERROR, "index \"%s\" already contains data",
			 RelationGetRelationName(index));
	init_meta(index, &meta);
	build.heap = heap;
	build.index = index;
	build.index_info = indexInfo;
	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE,
								 AM_PHASE_BUILD_MEMORY);

	result->heap_tuples = build_serially(&build, &meta);
	result->index_tuples = build.shared->index_tuples;

	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, AM_PHASE_WRITE);
	if (build.inserter.space.arena)
		page_arena_flush(&build.inserter.space);
	if (RelationNeedsWAL(index))
		log_newpage_range(index, MAIN_FORKNUM, 0,
						  RelationGetNumberOfBlocks(index), true);
	return result;
}
