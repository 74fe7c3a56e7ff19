/*-------------------------------------------------------------------------
 *
 * am_scan.h
 *	  A nearest-neighbor search as a stream of rows in order of distance.
 *
 * Used by index scans and by the filtered-scan node.
 *
 *-------------------------------------------------------------------------
 */
#ifndef AM_SCAN_H
#define AM_SCAN_H

#include "am/am.h"
#include "am/am_walk.h"
#include "graph/graph_search.h"
#include "page/page_rowmap.h"
#include "page/page_store.h"

/*
 * The search keeps twice as many nodes as ef_search says: a visit is cheap
 * here, and whoever comes with settings found elsewhere loses no recall.
 * Those that are nearest are the surest: only so many as ef_search says are
 * returned before the search goes on.
 */
#define AM_NODES_FOR_EF		2

/*
 * A search that looks asks the nearest of the nodes it holds, one in so many:
 * the others are there to make sure that these are the nearest.
 */
#define AM_LOOK_HELD		2.5

/* A visited node on its way to the user */
typedef struct AmPending
{
	double		lower;			/* bounds of the distance SQL computes */
	double		upper;
	uint32		payload;
	bool		refined;
} AmPending;

/* Where the stream is */
typedef enum AmStreamPhase
{
	STREAM_START,
	STREAM_SEARCH,				/* the graph has more to give */
	STREAM_SWEEP,				/* what no edge leads to */
	STREAM_END
} AmStreamPhase;

/* A row the stream returns */
typedef struct AmStreamRow
{
	ItemPointerData tid;
	double		distance;		/* lower bound of the SQL distance */
	double		upper;			/* upper bound of it */
	bool		is_null;		/* NULL query: there is no distance */
	bool		recheck;		/* order is not certain: recheck distance */
} AmStreamRow;

/* How a call for the next row ended */
typedef enum AmStreamResult
{
	STREAM_ROW,					/* a row */
	STREAM_DONE,				/* all rows of the index have been returned */
	STREAM_BUDGET				/* a limit: the caller goes on without it */
} AmStreamResult;

/* What happens at a limit: hnsw.max_scan_tuples, memory or max_visits */
typedef enum AmStreamAtLimit
{
	LIMIT_DRAINS,				/* all that was visited is returned */
	LIMIT_STOPS					/* STREAM_BUDGET: the caller does the rest */
} AmStreamAtLimit;

typedef struct AmStream
{
	PageSpace	space;
	Relation	table;			/* whose rows will be fetched, or NULL */
	PageStore	store;
	GraphSearch search;
	CodecVector vector;			/* the encoded query */
	MemoryContext context;		/* of everything below, and of the store */
	AmIterativeScan iterative;	/* settings when the scan began */
	int			ef;				/* nodes to hold */
	int			sure;			/* rows that a walk is to be sure of */
	int			due;			/* nodes that it returns before it goes on */
	int			max_rows;		/* to return, ITERATIVE_SCAN_OFF only */
	int			max_scan_tuples;
	Size		max_memory;
	bool		no_query;		/* NULL, or no direction: no order either */
	bool		null_query;
	const AmFilter *filter;		/* or NULL */
	int64		max_visits;		/* the caller's budget, no limit by default */
	AmStreamAtLimit at_limit;	/* LIMIT_DRAINS by default */
	AmWalk		walk;			/* only with a filter */

	AmStreamPhase phase;
	bool		swept;			/* nothing of the index is missing */
	AmPending  *pending;		/* min-heap by lower bound */
	int			npending;
	int			pending_size;
	double		last_lower;		/* of the last node returned */
	double		last_upper;		/* greatest of all returned */
	int64		returned;		/* rows */
	int64		taken;			/* nodes whose turn has come */
	int64		late;			/* of these, left out of strict order */

	ItemPointerData *rows;		/* of the node being returned */
	int			nrows;
	int			next_row;
	AmStreamRow current;
} AmStream;

/* What the index knows of the distances of given rows */
typedef struct AmRows
{
	PageStore	store;
	PageRowMap *map;
	PageRowMap *map_ahead;		/* of am_rows_ask_for(), or NULL */
	CodecVector vector;			/* the encoded query */
} AmRows;

extern bool am_encode_query(const Codec *codec, Datum query, bool isnull,
							CodecVector *vector);

/* am_rows.c */
extern bool am_has_rows(const AmStream *stream);
extern AmRows *am_rows_begin(AmStream *stream, Datum query, bool isnull);
extern int64 am_rows_in(Size memory);
extern void am_rows_ask_for(AmRows *rows, const ItemPointerData *row);
extern bool am_rows_lower_bound(AmRows *rows, const ItemPointerData *row,
								uint32 *visit, double *lower);
extern CodecBounds am_rows_refine(AmRows *rows, uint32 visit);

extern AmStream *am_stream_create(Relation index);
extern void am_stream_start(AmStream *stream, Datum query, bool isnull);
extern int	am_stream_sure_rows(double wanted);
extern int	am_stream_batch_rows(int sure);
extern void am_stream_set_filter(AmStream *stream, const AmFilter *filter);
extern AmStreamResult am_stream_next(AmStream *stream, AmStreamRow *row);
extern void am_stream_free(AmStream *stream);

#endif							/* AM_SCAN_H */
