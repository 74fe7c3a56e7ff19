/*-------------------------------------------------------------------------
 *
 * inspect_check_heap.c
 *	  Rows of the table and of the index, both ways: I13 to I17, I19.
 *
 * All rows of the index are gathered, page by page, and each page's rows are
 * shown to the table, which knows whether there can be such rows: the same
 * routine by which btree has the table tell which of an index page's rows
 * are dead.  Then the table is scanned as for a concurrent index build, with
 * the latest snapshot, and every row that ought to be indexed is looked for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "access/tableam.h"
#include "am/am_insert.h"
#include "catalog/index.h"
#include "inspect/inspect_check.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "page/page_rowmap.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "vector/vector.h"

/* A row of the index */
typedef struct CheckRow
{
	uint64		row;			/* page_tid_pack() */
	InspectSlotNo slot;			/* where it was found */
	InspectSlotNo node;			/* whose row it is */
} CheckRow;

typedef struct HeapCheck
{
	InspectCheck *check;
	CheckRow   *rows;
	uint64		nrows;
	uint64		size;
	TM_IndexDeleteOp op;		/* rows of one page */
	int			op_size;
	CodecVector vector;			/* of a row of the table */
	float	   *decoded;
	PageRowMap *rowmap;			/* or NULL */
	MemoryContext row_context;
} HeapCheck;

/* Note a row of a page. */
static void
add_row(HeapCheck *state, const ItemPointerData *tid, CheckPlace place,
		InspectSlotNo slot, InspectSlotNo node)
{
	TM_IndexDeleteOp *op = &state->op;

	if (state->nrows == state->size)
	{
		state->size *= 2;
		state->rows = repalloc_huge(state->rows,
									state->size * sizeof(CheckRow));
	}
	state->rows[state->nrows].row = page_tid_pack(tid);
	state->rows[state->nrows].slot = slot;
	state->rows[state->nrows].node = node;
	state->nrows++;

	Assert(op->ndeltids < state->op_size);
	op->deltids[op->ndeltids].tid = *tid;
	op->deltids[op->ndeltids].id = op->ndeltids;
	memset(&op->status[op->ndeltids], 0, sizeof(TM_IndexStatus));
	op->status[op->ndeltids].idxoffnum = place.offset;
	op->status[op->ndeltids].knowndeletable = true; /* only look it up */
	op->ndeltids++;
}

/* I15: have the table look at the rows of one page of the index. */
static void
check_rows_exist(HeapCheck *state, BlockNumber nblocks)
{
	InspectCheck *check = state->check;
	TM_IndexDeleteOp *op = &state->op;

	for (int i = 0; i < op->ndeltids; i++)
	{
		CheckPlace	place = {op->iblknum, op->status[i].idxoffnum};
		const ItemPointerData *tid = &op->deltids[i].tid;

		if (ItemPointerGetBlockNumber(tid) >= nblocks)
			check_fail(check, I15_ROW_EXISTS, place,
					   "Row (%u,%u) is beyond the end of the table.",
					   ItemPointerGetBlockNumber(tid),
					   ItemPointerGetOffsetNumber(tid));
	}
	if (op->ndeltids > 0)
		table_index_delete_tuples(check->inspect.heap, op);
}

/* The error that the table raises names index, block and offset. */
static void
row_error_context(void *arg)
{
	errcontext("checking invariant I%d of index \"%s\"",
			   (int) I15_ROW_EXISTS, (const char *) arg);
}

/* Note the rows of a page, those of nodes and of postings nodes know. */
static void
gather_page(HeapCheck *state, BlockNumber block, Page page)
{
	InspectCheck *check = state->check;
	CheckPlace	place = {.block = block};

	state->op.iblknum = block;
	state->op.ndeltids = 0;
	for (place.offset = FirstOffsetNumber;
		 place.offset <= PageGetMaxOffsetNumber(page); place.offset++)
	{
		PageNode   *node = page_node(page, place.offset);
		InspectSlotNo slot = inspect_slot_no(&check->graph, block,
											 place.offset);
		InspectSlotNo owner = slot;
		const ItemPointerData *rows = node->rows;

		if (node->state == NODE_POSTING)
		{
			owner = check->posting_owners[slot];
			rows = page_posting_rows(node);
		}
		else if (node->state != NODE_LIVE || node->layer > 0)
			continue;
		if (owner == INSPECT_NO_SLOT)
			continue;
		for (int i = 0; i < node->nrows; i++)
			add_row(state, &rows[i], place, slot, owner);
	}
}

/* Gather all rows of the index and have each looked up in the table. */
static void
gather_rows(HeapCheck *state)
{
	InspectCheck *check = state->check;
	BlockNumber nblocks = RelationGetNumberOfBlocks(check->inspect.heap);
	ErrorContextCallback context;
	PGAlignedBlock page;

	context.callback = row_error_context;
	context.arg = RelationGetRelationName(check->inspect.index);
	context.previous = error_context_stack;
	error_context_stack = &context;
	for (BlockNumber block = 0; block < check->graph.nblocks; block++)
	{
		if (!inspect_read_page(&check->inspect, block, &page) ||
			page_special((Page) page.data)->kind != PAGE_KIND_NODE)
			continue;
		gather_page(state, block, (Page) page.data);
		check_rows_exist(state, nblocks);
	}
	error_context_stack = context.previous;
}

static int
compare_rows(const void *a, const void *b)
{
	uint64		x = ((const CheckRow *) a)->row;
	uint64		y = ((const CheckRow *) b)->row;

	return (x > y) - (x < y);
}

/* I14; sorts the rows. */
static void
check_rows_once(HeapCheck *state)
{
	qsort(state->rows, state->nrows, sizeof(CheckRow), compare_rows);
	for (uint64 i = 1; i < state->nrows; i++)
	{
		const CheckRow *row = &state->rows[i];

		if (row->row == row[-1].row)
			check_fail(state->check, I14_ROW_ONCE,
					   check_place(state->check, row->slot),
					   "Row (%u,%u) is also at (%u,%u).",
					   page_tid_block(row->row), page_tid_offset(row->row),
					   check_place(state->check, row[-1].slot).block,
					   check_place(state->check, row[-1].slot).offset);
	}
}

/* I17: is the vector last encoded where its node's own code says? */
static void
check_row_code(HeapCheck *state, const CheckRow *row)
{
	InspectCheck *check = state->check;
	const Codec *codec = &check->format->codec;
	CheckPlace	place = check_place(check, row->node);
	double		distance;
	double		error;
	double		norm2;
	PageNode   *node;
	PageRef		ref;

	page_open(&check->inspect.space, place.block, PAGE_KIND_NODE, &ref);
	node = page_node(ref.page, place.offset);
	error = node->error;
	norm2 = node->norm2;
	codec_decode(codec, page_node_code(check->format, node), node->scale,
				 state->decoded);
	page_close(&ref);

	if (codec->metric == METRIC_L1)
		distance = distance_kernels->l1(codec->code_size,
										state->vector.rotated,
										state->decoded);
	else
		distance = sqrt(distance_kernels->l2_squared(codec->code_size,
													 state->vector.rotated,
													 state->decoded));

	/* another CPU's rotation may round differently: some slack */
	if (distance > error * 1.01 + 1e-5 * sqrt(norm2) + FLT_MIN)
		check_fail(check, I17_ROW_NEAR_CODE, place,
				   "Row (%u,%u) is %g from the own code, but the error is %g.",
				   page_tid_block(row->row), page_tid_offset(row->row),
				   distance, error);
}

/* I19: does the row map, if there is one, know the row's node? */
static void
check_row_mapped(HeapCheck *state, const CheckRow *row)
{
	InspectCheck *check = state->check;
	CheckPlace	place = check_place(check, row->node);
	ItemPointerData tid = page_tid_unpack(row->row);
	GraphNode	node;

	if (state->rowmap == NULL || row->slot != row->node ||
		!page_rowmap_has_place(&check->inspect.space, &tid))
		return;
	node = page_rowmap_find(state->rowmap, &tid);
	if (page_tid_block(node) != place.block ||
		page_tid_offset(node) != place.offset)
		check_fail(check, I19_ROWMAP, place,
				   "To the row map, row (%u,%u) is that of (%u,%u).",
				   page_tid_block(row->row), page_tid_offset(row->row),
				   page_tid_block(node), page_tid_offset(node));
}

/* Encode a row's vector.  False if such rows are not indexed. */
static bool
encode_row(HeapCheck *state, Datum value)
{
	MemoryContext old = MemoryContextSwitchTo(state->row_context);
	Vector	   *v = DatumGetVector(value);
	bool		encoded;

	am_check_dimensions(state->check->format, v->dim);
	encoded = codec_encode(&state->check->format->codec, v->x,
						   &state->vector);
	MemoryContextSwitchTo(old);
	MemoryContextReset(state->row_context);
	return encoded;
}

/* I16, for a row of the table */
static void
check_heap_row(Relation index, ItemPointer tid, Datum *values, bool *isnull,
			   bool alive, void *arg)
{
	HeapCheck  *state = arg;
	InspectCheck *check = state->check;
	CheckPlace	nowhere = {.block = InvalidBlockNumber};
	CheckRow	key;
	CheckRow   *found;

	CHECK_FOR_INTERRUPTS();
	if (!alive || isnull[0] || !encode_row(state, values[0]))
		return;
	key.row = page_tid_pack(tid);
	found = bsearch(&key, state->rows, state->nrows, sizeof(CheckRow),
					compare_rows);
	if (found == NULL)
		check_fail(check, I16_ROW_INDEXED, nowhere,
				   "Row (%u,%u) of table \"%s\" is not in the index.",
				   page_tid_block(key.row), page_tid_offset(key.row),
				   RelationGetRelationName(check->inspect.heap));
	if (check->graph.meta.entry == GRAPH_NO_NODE)
		check_fail(check, I13_ENTRY, check_place(check, found->slot),
				   "There is no entry point, but row (%u,%u) can be seen.",
				   page_tid_block(key.row), page_tid_offset(key.row));
	check_row_code(state, found);
	check_row_mapped(state, found);
}

/* Look for every visible row of the table among those of the index. */
static void
check_heap_rows(HeapCheck *state)
{
	InspectIndex *inspect = &state->check->inspect;
	IndexInfo  *info = BuildIndexInfo(inspect->index);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan;

	/* ends the scan; rows come under the first TID of their HOT chain */
	scan = table_beginscan_strat(inspect->heap, snapshot, 0, NULL, true,
								 true);
	info->ii_Concurrent = true;
	table_index_build_scan(inspect->heap, inspect->index, info, true, false,
						   check_heap_row, state, scan);
	UnregisterSnapshot(snapshot);
}

/* Check the rows of the index against the table, and the other way round. */
void
check_heap(InspectCheck *check)
{
	const Codec *codec = &check->format->codec;
	HeapCheck	state = {.check = check};

	state.size = 1024;
	state.rows = palloc(state.size * sizeof(CheckRow));
	state.op.irel = check->inspect.index;
	state.op_size = BLCKSZ / sizeof(ItemPointerData);
	state.op.deltids = palloc(state.op_size * sizeof(TM_IndexDelete));
	state.op.status = palloc(state.op_size * sizeof(TM_IndexStatus));
	state.row_context = AllocSetContextCreate(CurrentMemoryContext,
											  "hnsw check",
											  ALLOCSET_SMALL_SIZES);
	am_vector_alloc(codec, &state.vector);
	state.decoded = palloc(codec->code_size * sizeof(float));

	state.rowmap = page_rowmap_open(&check->inspect.space);

	gather_rows(&state);
	check_rows_once(&state);
	check_heap_rows(&state);
}
