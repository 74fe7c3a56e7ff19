/*-------------------------------------------------------------------------
 *
 * inspect_path.c
 *	  The way a search takes: hnsw_search_path().
 *
 * This runs the very search that an index scan begins with, on a store that
 * takes notes: a copy of its methods in which visiting a node is also
 * written down.  A node is visited because an edge of a node visited before
 * led to it, or because it is the same vertex one layer below; the first
 * that told of it is noted, which makes the visits a tree with the entry
 * point at its root.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "am/am_scan.h"
#include "fmgr.h"
#include "funcapi.h"
#include "inspect/inspect_index.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(hnsw_search_path);

/* Which step first told of a node */
typedef struct PathSource
{
	GraphNode	node;
	int			step;
	char		status;			/* simplehash's */
} PathSource;

#define SH_PREFIX		path_sources
#define SH_ELEMENT_TYPE	PathSource
#include "page/page_nodetable.h"

#define NO_STEP		0

/* A visit */
typedef struct PathStep
{
	GraphCandidate candidate;
	GraphVisit	visit;
	int			layer;
	int			from;			/* step that led here, or NO_STEP */
	int			nedges;			/* followed; -1: it was only looked at */
} PathStep;

/*
 * Takes notes.  Since a store's methods are found by the pointer to them,
 * and ours are the first thing here, so is the rest.
 */
typedef struct PathRecorder
{
	GraphStoreMethods methods;	/* must be first */
	const GraphStoreMethods *inner; /* the store's own */
	path_sources_hash *sources;
	PathStep   *steps;
	int			nsteps;
	int			size;
} PathRecorder;

/* Note which step told of a node, if it is the first. */
static void
note_source(PathRecorder *recorder, GraphNode node, int step)
{
	bool		found;
	PathSource *source = path_sources_insert(recorder->sources, node, &found);

	if (!found)
		source->step = step;
}

/* GraphStoreMethods.visit */
static GraphVisit
recording_visit(GraphStore *store, int layer, GraphCandidate *candidate,
				GraphEdges *edges)
{
	PathRecorder *recorder = (PathRecorder *) store->methods;
	PathSource *source = path_sources_lookup(recorder->sources,
											 candidate->node);
	int			from = source ? source->step : NO_STEP;
	GraphVisit	visit = recorder->inner->visit(store, layer, candidate, edges);
	PathStep   *step;

	if (recorder->nsteps == recorder->size)
	{
		recorder->size *= 2;
		recorder->steps = repalloc_huge(recorder->steps,
										recorder->size * sizeof(PathStep));
	}
	step = &recorder->steps[recorder->nsteps++];
	step->candidate = *candidate;
	step->visit = visit;
	step->layer = layer;
	step->from = from;
	step->nedges = -1;
	if (visit == VISIT_GONE)
		return visit;
	if (edges)
	{
		step->nedges = edges->n;
		for (int i = 0; i < edges->n; i++)
			note_source(recorder, edges->nodes[i], recorder->nsteps);
	}
	if (layer > 0)
		note_source(recorder, recorder->inner->down(store,
													candidate->payload),
					recorder->nsteps);
	return visit;
}

/* Have the store's visits recorded from now on. */
static PathRecorder *
recorder_create(GraphStore *store)
{
	PathRecorder *recorder = palloc(sizeof(PathRecorder));

	recorder->methods = *store->methods;
	recorder->methods.visit = recording_visit;
	recorder->inner = store->methods;
	recorder->sources = path_sources_create(CurrentMemoryContext, 4096, NULL);
	recorder->size = 256;
	recorder->nsteps = 0;
	recorder->steps = palloc(recorder->size * sizeof(PathStep));
	store->methods = &recorder->methods;
	return recorder;
}

/* The distance as SQL has it, as far as the own code tells */
static double
sql_distance(DistanceMetric metric, float key)
{
	switch (metric)
	{
		case METRIC_L2:
			return sqrt(key);
		case METRIC_COSINE:
			return key / 2;		/* of squared distance of unit vectors */
		case METRIC_INNER_PRODUCT:
		case METRIC_L1:
			break;
	}
	return key;
}

/* A row of a visited node: go down to layer 0.  False if there is none. */
static bool
find_row(PageStore *store, const PathStep *step, ItemPointerData *row)
{
	const GraphStoreMethods *methods =
		((PathRecorder *) store->graph.methods)->inner;
	GraphCandidate candidate = step->candidate;
	ItemPointerData *rows;

	if (step->visit == VISIT_GONE)
		return false;
	for (int layer = step->layer; layer > 0; layer--)
	{
		candidate.node = methods->down(&store->graph, candidate.payload);
		if (methods->visit(&store->graph, layer - 1, &candidate,
						   NULL) == VISIT_GONE)
			return false;
	}
	if (page_store_rows(store, candidate.payload, &rows) == 0)
		return false;
	*row = rows[0];
	pfree(rows);
	return true;
}

/* Is the node among the search's results? */
static bool
is_result(const GraphSearch *search, const PathStep *step)
{
	for (int i = 0; i < search->results.n && step->layer == 0; i++)
	{
		if (search->results.items[i].node == step->candidate.node)
			return true;
	}
	return false;
}

/* Write one visit as a row of the function's result. */
static void
put_step(ReturnSetInfo *rsinfo, AmStream *stream,
		 const PathRecorder *recorder, int i)
{
	const PathStep *step = &recorder->steps[i];
	DistanceMetric metric = stream->space.format->codec.metric;
	ItemPointerData node = page_tid_unpack(step->candidate.node);
	ItemPointerData row;
	Datum		values[8] = {0};
	bool		nulls[8] = {0};

	values[0] = Int32GetDatum(i + 1);
	values[1] = Int32GetDatum(step->from);
	nulls[1] = step->from == NO_STEP;
	values[2] = Int32GetDatum(step->layer);
	values[3] = PointerGetDatum(&node);
	nulls[4] = !find_row(&stream->store, step, &row);
	values[4] = PointerGetDatum(&row);
	nulls[5] = step->visit == VISIT_GONE || stream->no_query;
	if (!nulls[5])
		values[5] = Float8GetDatum(sql_distance(metric,
												step->candidate.distance));
	values[6] = Int32GetDatum(step->nedges);
	nulls[6] = step->nedges < 0;
	values[7] = BoolGetDatum(is_result(&stream->search, step));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Search as an index scan does until it has its first row. */
static void
record_search(FunctionCallInfo fcinfo, InspectIndex *inspect, Datum query,
			  int ef_search)
{
	AmStream   *stream = am_stream_create(inspect->index);
	PathRecorder *recorder;
	AmStreamRow row;

	am_stream_start(stream, query, false);
	stream->iterative = ITERATIVE_SCAN_OFF;
	stream->ef = stream->ef / am_ef_search * ef_search;
	recorder = recorder_create(&stream->store.graph);
	am_stream_next(stream, &row);
	for (int i = 0; i < recorder->nsteps; i++)
		put_step((ReturnSetInfo *) fcinfo->resultinfo, stream, recorder, i);
	am_stream_free(stream);
}

/*
 * hnsw_search_path(regclass, vector, ef_search int): the nodes that a search
 * visits, in its order.
 */
Datum
hnsw_search_path(PG_FUNCTION_ARGS)
{
	InspectIndex inspect;
	int			ef_search = PG_ARGISNULL(2) ? am_ef_search :
		PG_GETARG_INT32(2);

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	if (ef_search < AM_MIN_EF_SEARCH || ef_search > AM_MAX_EF_SEARCH)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ef_search must be between %d and %d",
						AM_MIN_EF_SEARCH, AM_MAX_EF_SEARCH)));
	inspect_open(&inspect, PG_GETARG_OID(0), AccessShareLock);
	inspect_require_select(&inspect);
	record_search(fcinfo, &inspect, PG_GETARG_DATUM(1), ef_search);
	inspect_close(&inspect);
	return (Datum) 0;
}
