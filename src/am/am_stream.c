/*-------------------------------------------------------------------------
 *
 * am_stream.c
 *	  A nearest-neighbor search as a stream of rows in order of distance.
 *
 * The search leaves visited nodes whose distance is known to within the
 * error of their own code.  Each has an interval for the distance that SQL
 * computes.  They wait in a heap ordered by lower bound:
 *
 *	  take the first; if it has not been refined, read its refine tuple,
 *	  which makes the interval some 250 times smaller, and put it back;
 *	  otherwise it is next
 *
 * If its interval overlaps neither those returned before nor that of the
 * one after it, its place is certain.  Otherwise the executor is asked to
 * compute the exact distance from the row and to put it in its place.
 *
 * When all are returned and more rows are wanted, the search goes on with a
 * larger ef.  In strict order a node found so late that it surely belongs
 * before one already returned is left out (among many that are as good as
 * equally far none is).  When the graph has no more to give, the index's pages
 * are swept for nodes no edge leads to, so that a query for all rows gets all
 * rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "am/am_insert.h"
#include "am/am_scan.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/memutils.h"
#include "vector/vector.h"

/*
 * With a filter more, and most with one that costs nothing to ask: where
 * matches are far from the query, edges and sketches tell less of which is
 * nearer, and least where sketches are of part of the coordinates.
 */
#define NODES_FOR_EF_FILTER	3
#define NODES_FOR_EF_CHEAP	4
#define NODES_FOR_EF_PARTLY	5

/* A look without the filter begins with one node in so many of ef_search. */
#define GLANCE			2

/* If fewer of these match, a sample is to tell how many rows do elsewhere. */
#define LEAST_FOUND		2

/*
 * A filtered search is to be sure of one in so many of ef_search at least, and
 * of so many times ef_search at most; rows beyond them come when it goes on.
 */
#define LEAST_SURE			4
#define MOST_SURE			10

/*
 * It returns somewhat more rows than those before it goes on: to know their
 * order one has to see the next, and some may not match after all.
 */
#define BEYOND_SURE			1.25

/*
 * Fewer where nobody knows how many are wanted, and when it went on: a row
 * that was missed is too late, in strict order, once one beyond is returned.
 */
#define BEYOND_WIDER		1.1

/*
 * Of many nodes a greater share is sure.  (SIFT and others: of 1,280 nodes
 * the first 1,024 were the nearest to four digits, with half of the visits.
 * But not with a filter: 94 % of them, where twice as many make it 99.)
 */
#define FEW_NODES			160
#define UNSURE_OF_MANY(n)	((n) / 5)

/* A batch is not worth it with room for less than so many times the last */
#define LEAST_WIDENING		1.25

/* Set up a stream over an index, in the current memory context. */
AmStream *
am_stream_create(Relation index)
{
	AmStream   *stream = palloc0(sizeof(AmStream));

	stream->context = AllocSetContextCreate(CurrentMemoryContext,
											"hnsw scan",
											ALLOCSET_DEFAULT_SIZES);
	page_space_open(&stream->space, index);
	return stream;
}

/*
 * Encode a query in the current memory context, as zeros if it is NULL.
 * Returns false if it has no distance to anything.
 */
bool
am_encode_query(const Codec *codec, Datum query, bool isnull,
				CodecVector *vector)
{
	bool		encoded = false;

	am_vector_alloc(codec, vector);
	if (!isnull)
	{
		Vector	   *v = DatumGetVector(query);

		if (v->dim != codec->dimensions)
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("different vector dimensions %d and %d",
							codec->dimensions, v->dim)));
		encoded = codec_encode(codec, v->x, vector);
	}
	if (!encoded)
		memset(vector->rotated, 0, codec->code_size * sizeof(float));
	return encoded;
}

/*
 * Of how many rows is a filtered search to be sure before it goes on, if so
 * many are wanted (0: not known)?  It is dear to be sure of many.
 */
int
am_stream_sure_rows(double wanted)
{
	if (wanted <= 0)
		return am_ef_search;
	return (int) Max(Min(wanted, (double) MOST_SURE * am_ef_search),
					 am_ef_search / LEAST_SURE);
}

/* How many rows does a search find at once that is to be sure of so many? */
int
am_stream_batch_rows(int sure)
{
	return Max(am_ef_search, (int) (BEYOND_SURE * sure));
}

/* How many nodes does a walk hold for each row that it finds at once? */
static int
stream_nodes_for_row(const AmStream *stream)
{
	if (!stream->filter->is_cheap)
		return NODES_FOR_EF_FILTER;
	return am_walk_sees_partly(&stream->walk) ?
		NODES_FOR_EF_PARTLY : NODES_FOR_EF_CHEAP;
}

/* How many nodes is a walk to hold? */
static int
stream_walk_nodes(const AmStream *stream)
{
	return (int) (am_stream_batch_rows(stream->sure) *
				  stream_nodes_for_row(stream) * stream->walk.effort);
}

/* Of how many rows is a walk sure?  One that has room for all of all: 0. */
static int
stream_sure_rows(const AmStream *stream)
{
	return stream_walk_nodes(stream) < stream->walk.nodes ? stream->sure : 0;
}

/* How many rows does a walk return that goes on anyway? */
static int
stream_wider_rows(const AmStream *stream)
{
	return (int) (BEYOND_WIDER * stream->sure);
}

/* Begin a search; forgets the one before. */
void
am_stream_start(AmStream *stream, Datum query, bool isnull)
{
	MemoryContext old;

	MemoryContextReset(stream->context);
	old = MemoryContextSwitchTo(stream->context);
	page_store_init(&stream->store, &stream->space,
					stream->space.format->codec.metric == METRIC_L1 ?
					STORE_WITH_CODES : STORE_WITHOUT_CODES);
	graph_search_create(&stream->search, &stream->store.graph,
						SEARCH_RESUMABLE);
	stream->null_query = isnull;
	stream->no_query = !am_encode_query(&stream->space.format->codec, query,
										isnull, &stream->vector);
	page_store_query(&stream->store, stream->vector.rotated, CODEC_SEARCH);
	MemoryContextSwitchTo(old);

	stream->iterative = (AmIterativeScan) am_iterative_scan;
	stream->max_rows = am_ef_search;
	stream->ef = am_ef_search * AM_NODES_FOR_EF;
	stream->max_scan_tuples = am_max_scan_tuples;
	stream->max_memory = (Size) (am_scan_mem_multiplier * work_mem * 1024.0);
	stream->max_visits = PG_INT64_MAX;
	stream->at_limit = LIMIT_DRAINS;
	stream->taken = 0;
	stream->late = 0;
	if (stream->filter)
	{
		stream->sure = am_stream_sure_rows(stream->filter->wanted);
		am_walk_init(&stream->walk, stream->filter, &stream->store,
					 &stream->search, &stream->max_visits,
					 stream->max_scan_tuples);
		stream->walk.graph_filter.sure = stream_sure_rows(stream);
	}
	stream->phase = STREAM_START;
	stream->swept = false;
	stream->pending = NULL;
	stream->npending = 0;
	stream->pending_size = 0;
	stream->last_lower = -get_float8_infinity();
	stream->last_upper = -get_float8_infinity();
	stream->returned = 0;
	stream->rows = NULL;
	stream->nrows = 0;
	stream->next_row = 0;
}

static void
pending_push(AmStream *stream, AmPending item)
{
	AmPending  *heap;
	int			hole = stream->npending++;

	if (stream->npending > stream->pending_size)
	{
		stream->pending_size = Max(256, stream->pending_size * 2);
		if (stream->pending == NULL)
			stream->pending = MemoryContextAllocHuge(stream->context,
													 stream->pending_size *
													 sizeof(AmPending));
		else
			stream->pending = repalloc_huge(stream->pending,
											stream->pending_size *
											sizeof(AmPending));
	}
	heap = stream->pending;
	while (hole > 0 && heap[(hole - 1) / 2].lower > item.lower)
	{
		heap[hole] = heap[(hole - 1) / 2];
		hole = (hole - 1) / 2;
	}
	heap[hole] = item;
}

static AmPending
pending_pop(AmStream *stream)
{
	AmPending  *heap = stream->pending;
	AmPending	top = heap[0];
	AmPending	last = heap[--stream->npending];
	int			hole = 0;

	for (;;)
	{
		int			child = 2 * hole + 1;

		if (child >= stream->npending)
			break;
		if (child + 1 < stream->npending &&
			heap[child + 1].lower < heap[child].lower)
			child++;
		if (last.lower <= heap[child].lower)
			break;
		heap[hole] = heap[child];
		hole = child;
	}
	heap[hole] = last;
	return top;
}

/* Let a visited node wait for its turn. */
static void
stream_queue(AmStream *stream, uint32 payload)
{
	PageVisit  *visit = page_store_visit(&stream->store, payload);
	CodecBounds bounds;
	AmPending	item;

	if (visit->queued)
		return;
	visit->queued = true;
	bounds = page_store_bounds(&stream->store, payload);
	item.lower = bounds.lower;
	item.upper = bounds.upper;
	item.payload = payload;
	item.refined = false;
	if (stream->no_query)
	{
		item.lower = item.upper = 0;
		item.refined = true;
	}
	pending_push(stream, item);
}

/* Let all results of the search wait for their turn. */
static void
stream_queue_results(AmStream *stream)
{
	for (int i = 0; i < stream->search.results.n; i++)
		stream_queue(stream, stream->search.results.items[i].payload);
}

/* What the search pushed out belongs to the stream as well, at its end. */
static void
stream_queue_spare(AmStream *stream)
{
	for (int i = 0; i < stream->search.spare.n; i++)
		stream_queue(stream, stream->search.spare.items[i].payload);
}

static void
sweep_found(void *arg, const GraphCandidate *candidate)
{
	AmStream   *stream = arg;

	if (!graph_search_has_seen(&stream->search, candidate->node) &&
		(stream->filter == NULL ||
		 am_walk_accepts(&stream->walk, candidate->payload)))
		stream_queue(stream, candidate->payload);
}

/* Has the search, or what began to work on its behalf, reached a limit? */
static bool
stream_is_limited(AmStream *stream)
{
	return stream->search.visits >= stream->max_scan_tuples ||
		MemoryContextMemAllocated(stream->context, true) > stream->max_memory;
}

/* Everything seen was visited: what no edge leads to is still missing. */
static void
stream_sweep(AmStream *stream)
{
	BlockNumber nblocks = RelationGetNumberOfBlocks(stream->space.index);

	for (BlockNumber block = PAGE_META_BLOCK + 1; block < nblocks; block++)
		page_store_sweep(&stream->store, block, sweep_found, stream);
	stream->swept = true;
}

/* How many visits the search may make altogether */
static int64
stream_max_visits(const AmStream *stream)
{
	return Min(stream->max_visits, stream->max_scan_tuples);
}

/*
 * Look without the filter for rows that match, as far as is worth while: at
 * a few nodes first, which tell whether it is, then at as many as a search
 * without a filter holds, at least.  Returns false if the budget ran out, or
 * at a limit.
 */
static bool
stream_look(AmStream *stream)
{
	GraphSearch *search = &stream->search;
	AmWalk	   *walk = &stream->walk;
	int			least = am_ef_search * AM_NODES_FOR_EF;
	AmLook		look = LOOK_FARTHER;

	stream->ef = Max(am_ef_search / GLANCE, 1);
	walk->phase = WALK_LOOKING;
	if (!am_walk_descend(walk, stream->ef))
	{
		walk->phase = WALK_DONE;
		return true;
	}
	while (look == LOOK_FARTHER)
	{
		bool		glance = stream->ef < least;
		int			ef = stream->ef;

		CHECK_FOR_INTERRUPTS();
		search->max_visits = stream_max_visits(stream);
		graph_search_run(search);
		if (search->visits >= search->max_visits || stream_is_limited(stream))
			return false;
		look = am_look_ask(walk, glance ? ef : (int) (ef / AM_LOOK_HELD), &ef);
		if (glance && stream->filter->is_guess && walk->found < LEAST_FOUND)
		{
			am_look_sample(walk);
			look = am_look_ask(walk, ef, &ef);
		}
		if (look == LOOK_ASTRAY)
		{
			stream->filter->walks(stream->filter->arg);
			return true;
		}
		if (graph_search_exhausted(search))
			break;
		if (look == LOOK_FARTHER || glance)
		{
			look = LOOK_FARTHER;
			stream->ef = Max(ef, least);
			graph_search_widen(search, stream->ef);
		}
	}
	walk->phase = WALK_DONE;
	stream->taken = walk->refused;
	return true;
}

/*
 * First batch with a filter.  Returns false if the search has used up its
 * visits.
 */
static bool
stream_walk(AmStream *stream)
{
	AmWalk	   *walk = &stream->walk;

	if (stream->filter->looks && stream->iterative != ITERATIVE_SCAN_OFF &&
		!stream_look(stream))
		return false;
	if (walk->phase == WALK_DONE)
		return true;
	stream->ef = stream_walk_nodes(stream);
	stream->due = stream->filter->wants_more ?
		stream_wider_rows(stream) : am_stream_batch_rows(stream->sure);
	stream->search.max_visits = stream_max_visits(stream);
	return am_walk_run(walk, stream->ef);
}

/*
 * First batch.  If there are not even ef nodes to be reached, all that can
 * be reached have been visited.  Returns false if the budget ran out, or at a
 * limit that stops: rows of a search that was cut off are not the nearest.
 */
static bool
stream_begin(AmStream *stream)
{
	GraphSearch *search = &stream->search;

	if (stream->filter)
	{
		if (!stream_walk(stream) &&
			(stream->at_limit == LIMIT_STOPS ||
			 search->visits >= stream->max_visits))
			return false;
	}
	else
		graph_search_find(search, stream->ef);
	stream_queue_results(stream);
	stream->phase = stream->iterative == ITERATIVE_SCAN_OFF ?
		STREAM_END : STREAM_SEARCH;
	if (search->results.n < stream->ef && graph_search_exhausted(search))
	{
		if (!stream_is_limited(stream))
			stream_sweep(stream);
		else if (stream->at_limit == LIMIT_STOPS)
			return false;
		stream->phase = STREAM_END;
	}
	return true;
}

/*
 * How many times as many results next?  Twice; but where a limit stops the
 * search, as many as it will find until then, if visits go on like that.
 */
static double
stream_wider(const AmStream *stream)
{
	const GraphSearch *search = &stream->search;

	if (stream->at_limit != LIMIT_STOPS)
		return 2;
	return Min(2, (double) search->max_visits / Max(search->visits, 1));
}

/*
 * The next batch of a walk: sure of so many times the rows.  Returns false if
 * the search has used up its visits.
 */
static bool
stream_walk_on(AmStream *stream, double factor)
{
	double		sure = Max(stream->sure, stream->due / BEYOND_WIDER);

	stream->sure = (int) ceil(sure * factor);
	stream->due = stream_wider_rows(stream);
	stream->ef = stream_walk_nodes(stream);
	return am_walk_widen(&stream->walk, stream->ef, stream_sure_rows(stream));
}

/*
 * Further batches: with room for more results.  Returns false at a limit that
 * stops.  A batch that was cut off has not found the nearest yet: who returned
 * its rows could not return in their places those that are still missing.
 */
static bool
stream_widen(AmStream *stream)
{
	GraphSearch *search = &stream->search;
	double		factor;
	bool		complete;

	search->max_visits = stream_max_visits(stream);
	factor = stream_wider(stream);
	if (stream_is_limited(stream) || factor < LEAST_WIDENING)
	{
		if (stream->at_limit == LIMIT_STOPS)
			return false;
		stream_queue_spare(stream);
		stream->phase = STREAM_END;
		return true;
	}
	if (search->filter)
		complete = stream_walk_on(stream, factor);
	else
	{
		stream->ef = (int) ceil(stream->ef * factor);
		graph_search_widen(search, stream->ef);
		graph_search_run(search);
		complete = search->visits < search->max_visits;
	}
	if (!complete && stream->at_limit == LIMIT_STOPS)
		return false;
	stream_queue_results(stream);
	if (graph_search_exhausted(search))
		stream->phase = STREAM_SWEEP;
	return true;
}

/* Find more nodes.  STREAM_ROW: perhaps there are some now. */
static AmStreamResult
stream_more(AmStream *stream)
{
	switch (stream->phase)
	{
		case STREAM_START:
			return stream_begin(stream) ? STREAM_ROW : STREAM_BUDGET;
		case STREAM_SEARCH:
			return stream_widen(stream) ? STREAM_ROW : STREAM_BUDGET;
		case STREAM_SWEEP:
			stream_queue_spare(stream);
			stream_sweep(stream);
			stream->phase = STREAM_END;
			return STREAM_ROW;
		case STREAM_END:
			break;
	}
	return stream->swept ? STREAM_DONE : STREAM_BUDGET;
}

/* How many nodes, nearest first, does the search answer for? */
static int
stream_sure_nodes(const AmStream *stream)
{
	if (stream->search.filter)
		return stream->due;
	if (stream->filter || stream->ef <= FEW_NODES)
		return stream->ef / AM_NODES_FOR_EF;
	return stream->ef - UNSURE_OF_MANY(stream->ef);
}

/* Have all nodes had their turn that the search answers for? */
static bool
stream_is_due(const AmStream *stream)
{
	return stream->phase == STREAM_START ||
		(stream->phase == STREAM_SEARCH &&
		 stream->taken >= stream_sure_nodes(stream));
}

/* Narrow the interval of a waiting node down and let it wait again. */
static void
stream_refine(AmStream *stream, AmPending item)
{
	CodecBounds bounds = page_store_refine(&stream->store, item.payload);

	/* both intervals hold the distance, so their intersection does */
	item.lower = Max(item.lower, bounds.lower);
	item.upper = Min(item.upper, bounds.upper);
	item.refined = true;
	pending_push(stream, item);
}

/*
 * Pages have to be read: ask for what those at the front will be refined by,
 * and for their rows.
 */
static void
stream_ask_ahead(AmStream *stream)
{
	int			n = Min(page_readahead(&stream->space.readahead),
						stream->npending);

	for (int i = 0; i < n; i++)
	{
		PageVisit  *visit = page_store_visit(&stream->store,
											 stream->pending[i].payload);

		if (visit->asked_for)
			continue;
		visit->asked_for = true;
		if (ItemPointerIsValid(&visit->refine))
			page_ask_for(&stream->space,
						 ItemPointerGetBlockNumber(&visit->refine));
		if (stream->table && visit->nrows > 0)
			PrefetchBuffer(stream->table, MAIN_FORKNUM,
						   ItemPointerGetBlockNumber(&visit->rows[0]));
	}
}

/* Take the next node and its rows.  False if no node waits. */
static bool
stream_take(AmStream *stream)
{
	AmPending	item;
	MemoryContext old;

	stream_ask_ahead(stream);

	while (stream->npending > 0 && !stream->pending[0].refined)
		stream_refine(stream, pending_pop(stream));
	if (stream->npending == 0)
		return false;
	item = pending_pop(stream);
	stream->taken++;

	/* is the one after it clear of it? */
	while (stream->npending > 0 && !stream->pending[0].refined &&
		   stream->pending[0].lower <= item.upper)
		stream_refine(stream, pending_pop(stream));
	stream->current.recheck = !stream->no_query &&
		(item.lower <= stream->last_upper ||
		 (stream->npending > 0 && stream->pending[0].lower <= item.upper));
	stream->current.distance = item.lower;
	stream->current.upper = item.upper;
	stream->current.is_null = stream->null_query;
	if (stream->no_query && !stream->null_query)
		stream->current.distance = get_float8_nan();

	stream->nrows = 0;
	stream->next_row = 0;
	if (item.upper < stream->last_lower &&
		stream->iterative == ITERATIVE_SCAN_STRICT)
	{
		stream->late++;
		return true;			/* surely too late: no rows of it */
	}
	stream->last_lower = Max(stream->last_lower, item.lower);
	stream->last_upper = Max(stream->last_upper, item.upper);
	if (stream->rows)
		pfree(stream->rows);
	old = MemoryContextSwitchTo(stream->context);
	stream->nrows = page_store_rows(&stream->store, item.payload,
									&stream->rows);
	MemoryContextSwitchTo(old);

	/* rows of one node are equally far: their order does not matter */
	return true;
}

/* The next row, nearest first. */
AmStreamResult
am_stream_next(AmStream *stream, AmStreamRow *row)
{
	while (stream->next_row >= stream->nrows)
	{
		if (stream->iterative == ITERATIVE_SCAN_OFF &&
			stream->returned >= stream->max_rows)
			return STREAM_BUDGET;
		if (stream_is_due(stream) || !stream_take(stream))
		{
			AmStreamResult result = stream_more(stream);

			if (result != STREAM_ROW)
				return result;
		}
	}
	stream->current.tid = stream->rows[stream->next_row++];
	stream->returned++;
	*row = stream->current;
	return STREAM_ROW;
}

/* Let the search take part in a condition; before am_stream_start(). */
void
am_stream_set_filter(AmStream *stream, const AmFilter *filter)
{
	stream->filter = filter;
}

void
am_stream_free(AmStream *stream)
{
	MemoryContextDelete(stream->context);
	pfree(stream);
}
