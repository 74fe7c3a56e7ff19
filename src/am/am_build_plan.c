/*-------------------------------------------------------------------------
 *
 * am_build_plan.c
 *	  How large a build will be, and how many processes are to do it.
 *
 * The number of rows follows from what is known of the table and from the
 * bytes that a vector takes, since most vectors are stored as they are, in
 * the table or in its TOAST table.  A wrong estimate costs memory, or time,
 * never the build.
 *
 * PostgreSQL's own rule for workers looks at the table without its TOAST
 * table, which for long vectors is where the rows' substance is, and shares
 * maintenance_work_mem out among processes; here all use the same.  So the
 * number of workers comes from the same formula, but for the whole size, and
 * is the same in all versions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "am/am_build.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "nodes/pathnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
#include "storage/bufmgr.h"
#include "utils/relcache.h"
#include "vector/vector.h"

/* How far a table may have outgrown what is known of it */
#define ROWS_GROWTH		1.5

/*
 * Rows of a block, where nobody has counted them yet: of some short columns
 * and a vector out of line.  The row map has room for more than there are, by
 * a share and a number, and a page of it is for so many blocks at most.
 */
#define ROWMAP_ROWS			100
#define ROWMAP_GROWTH		1.2
#define ROWMAP_MORE_ROWS	16
#define ROWMAP_MOST_BLOCKS	64

/* The table's pages, those of its TOAST table included */
static double
table_blocks(Relation heap)
{
	Oid			toast_oid = heap->rd_rel->reltoastrelid;
	double		blocks = RelationGetNumberOfBlocks(heap);

	if (OidIsValid(toast_oid))
	{
		Relation	toast = table_open(toast_oid, AccessShareLock);

		blocks += RelationGetNumberOfBlocks(toast);
		table_close(toast, AccessShareLock);
	}
	return blocks;
}

/* Are the indexed values stored in the table, and not compressed? */
static bool
stored_plainly(Relation heap, Relation index)
{
	AttrNumber	attribute = index->rd_index->indkey.values[0];
	char		storage;

	if (attribute <= 0)
		return false;
	storage = TupleDescAttr(RelationGetDescr(heap), attribute - 1)->attstorage;
	return storage == TYPSTORAGE_PLAIN || storage == TYPSTORAGE_EXTERNAL;
}

static void
estimate_rows(Relation heap, Relation index, double blocks,
			  AmBuildPlan *plan)
{
	int			dimensions = TupleDescAttr(index->rd_att, 0)->atttypmod;
	BlockNumber heap_blocks;
	double		tuples;
	double		all_visible;

	estimate_rel_size(heap, NULL, &heap_blocks, &tuples, &all_visible);
	plan->rows = tuples;
	plan->most_rows = MaxHeapTuplesPerPage * (double) heap_blocks;
	if (heap->rd_rel->reltuples > 0)
		plan->most_rows = Min(plan->most_rows, tuples * ROWS_GROWTH);
	if (stored_plainly(heap, index) && dimensions > 0)
		plan->most_rows = Min(plan->most_rows, blocks * BLCKSZ /
							  vector_size(dimensions));
	plan->rows = Min(plan->rows, plan->most_rows);
	plan->heap_blocks = heap_blocks;
	if (heap->rd_rel->reltuples > 0 && heap_blocks > 0)
		plan->rows_per_block = tuples / heap_blocks;
}

/* May workers compute the index's expressions and its predicate? */
static bool
is_index_parallel_safe(Relation index)
{
	PlannerInfo *root = makeNode(PlannerInfo);

	/* all that the check looks at */
	root->glob = makeNode(PlannerGlobal);
	root->glob->maxParallelHazard = PROPARALLEL_UNSAFE;
	return
		is_parallel_safe(root, (Node *) RelationGetIndexExpressions(index)) &&
		is_parallel_safe(root, (Node *) RelationGetIndexPredicate(index));
}

static int
plan_workers(Relation heap, Relation index, double blocks)
{
	RelOptInfo *rel = makeNode(RelOptInfo);

	if (!IsUnderPostmaster || max_parallel_maintenance_workers == 0 ||
		RelationUsesLocalBuffers(heap) || !is_index_parallel_safe(index))
		return 0;
	/* all that the formula looks at */
	rel->reloptkind = RELOPT_BASEREL;
	rel->rel_parallel_workers = RelationGetParallelWorkers(heap, -1);
	return compute_parallel_worker(rel, blocks, -1,
								   max_parallel_maintenance_workers);
}

void
am_build_plan(Relation heap, Relation index, AmBuildPlan *plan)
{
	double		blocks = table_blocks(heap);

	memset(plan, 0, sizeof(*plan));
	estimate_rows(heap, index, blocks, plan);
	plan->workers = plan_workers(heap, index, blocks);
}

/*
 * How many of the table's blocks, which have so many rows (0: nobody has
 * counted), is a page of the row map to be for?  0: the index is to have none,
 * since the table tells a vector that is in its row as cheaply as a node does.
 */
int
am_build_rowmap_blocks(Relation index, double rows_per_block)
{
	int			dimensions = TupleDescAttr(index->rd_att, 0)->atttypmod;
	double		rows = rows_per_block > 0 ? rows_per_block : ROWMAP_ROWS;

	if (!vector_is_out_of_line(index->rd_index->indrelid,
							   index->rd_index->indkey.values[0],
							   dimensions) &&
		!am_debug_rowmap)
		return 0;
	rows = rows * ROWMAP_GROWTH + ROWMAP_MORE_ROWS;
	return (int) Min(Max(PAGE_ROWMAP_ENTRIES / rows, 1), ROWMAP_MOST_BLOCKS);
}

/* Pages of the finished index, if the table has all the rows it may have */
static double
most_blocks(const AmBuildPlan *plan, const PageMeta *meta)
{
	PageFormat *format = palloc0(page_format_bytes(meta->dimensions));
	double		nodes = plan->most_rows * meta->m / (meta->m - 1.0);
	double		blocks;

	page_format_init(format, meta);
	blocks = nodes / format->nodes_per_page +
		plan->most_rows / format->refines_per_page;
	pfree(format);
	if (meta->rowmap_blocks > 0)
		blocks += plan->heap_blocks / meta->rowmap_blocks;

	/* layers are drawn at random */
	return blocks * 1.02 + 100;
}

/*
 * Pages that an arena is to have: those of the finished index, within
 * maintenance_work_mem, and what so many processes need for a row each.
 */
BlockNumber
am_build_arena_blocks(const AmBuildPlan *plan, const PageMeta *meta,
					  int processes)
{
	double		reserve = AM_BUILD_ROW_BLOCKS * (processes + 1);
	double		most = maintenance_work_mem * (1024.0 / BLCKSZ);

	most = Min(most, most_blocks(plan, meta) + reserve);
	return (BlockNumber) Min(Max(most, reserve), MaxBlockNumber / 2);
}
