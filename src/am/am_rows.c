/*-------------------------------------------------------------------------
 *
 * am_rows.c
 *	  What the index knows of the distances of given rows.
 *
 * Who knows the rows that match can have each one's distance from the table.
 * Where vectors are out of line that is dear, and the node of a row, found by
 * the row map, tells nearly as well: the lower bound is never more than what
 * SQL computes, so that only rows whose bound is less than the distances of
 * those found need be looked at in the table.  Visits are kept, for the refine
 * tuple then tells nearly exactly.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/am_scan.h"

/* How many rows can be asked for within so much memory, in bytes? */
int64
am_rows_in(Size memory)
{
	return memory / sizeof(PageVisit);
}

/* Can the index tell of rows? */
bool
am_has_rows(const AmStream *stream)
{
	return stream->space.format->rowmap_blocks > 0;
}

/*
 * Get ready to ask, in the current memory context.  NULL if the index cannot
 * tell, or if there are no distances to the query.
 */
AmRows *
am_rows_begin(AmStream *stream, Datum query, bool isnull)
{
	PageSpace  *space = &stream->space;
	AmRows	   *rows;

	if (!am_has_rows(stream))
		return NULL;
	rows = palloc0(sizeof(AmRows));
	if (!am_encode_query(&space->format->codec, query, isnull,
						 &rows->vector))
		return NULL;
	page_store_init(&rows->store, space, STORE_WITHOUT_CODES);
	page_store_query(&rows->store, rows->vector.rotated, CODEC_SEARCH);
	rows->map = page_rowmap_open(space);
	return rows;
}

/*
 * A row's node will be visited soon: have its page read meanwhile.  (With a
 * map of its own, as it is for other rows than those being asked for.)
 */
void
am_rows_ask_for(AmRows *rows, const ItemPointerData *row)
{
	GraphNode	node;

	if (rows->map_ahead == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(rows->store.context);

		rows->map_ahead = page_rowmap_open(rows->store.space);
		MemoryContextSwitchTo(old);
	}
	node = page_rowmap_find(rows->map_ahead, row);
	if (node != GRAPH_NO_NODE)
		page_ask_for(rows->store.space, page_tid_block(node));
}

/*
 * How far is a row at least, if it can be seen?  Rows had better come in the
 * order of the table.  False if the index does not tell; otherwise *visit is
 * for am_rows_refine().
 */
bool
am_rows_lower_bound(AmRows *rows, const ItemPointerData *row, uint32 *visit,
					double *lower)
{
	GraphNode	node = page_rowmap_find(rows->map, row);

	if (node == GRAPH_NO_NODE ||
		!page_store_visit_row(&rows->store, node, row, visit))
		return false;
	*lower = page_store_bounds(&rows->store, *visit).lower;
	return true;
}

/* Bounds that are narrower: it reads another page. */
CodecBounds
am_rows_refine(AmRows *rows, uint32 visit)
{
	CodecBounds bounds = page_store_bounds(&rows->store, visit);
	CodecBounds refined;

	/* for L1 it takes the node's code, which is not kept */
	if (rows->store.format->codec.metric == METRIC_L1)
		return bounds;
	refined = page_store_refine(&rows->store, visit);
	refined.lower = Max(refined.lower, bounds.lower);
	return refined;
}
