/*-------------------------------------------------------------------------
 *
 * inspect_stats.c
 *	  What an index is made of: hnsw_stats(), hnsw_layers(), hnsw_degrees().
 *
 * All three read the whole index once and count.  Nobody is held up; what
 * changes meanwhile is seen as it is when the pass comes by.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "distance/distance_kernels.h"
#include "fmgr.h"
#include "funcapi.h"
#include "inspect/inspect_graph.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hnsw_stats);
PG_FUNCTION_INFO_V1(hnsw_layers);
PG_FUNCTION_INFO_V1(hnsw_degrees);
PG_FUNCTION_INFO_V1(hnsw_kernels);

/* Sums over the live nodes of a layer, or over all of them */
typedef struct LayerSums
{
	uint64		nodes;
	uint64		dying;			/* not live any more, and in nothing else */
	uint64		edges;
	uint64		min_edges;		/* of a node */
	uint64		max_edges;
	uint64		unreferenced;	/* nodes no edge leads to */
	uint64		reached;		/* from the entry point */
} LayerSums;

/* Counts of slots that are not live nodes, and of rows */
typedef struct SlotSums
{
	uint64		rows;
	uint64		states[NODE_POSTING + 1];
} SlotSums;

/* Sums per layer; `sums` holds GRAPH_MAX_LAYER + 1. */
static void
sum_layers(const InspectGraph *graph, LayerSums *sums)
{
	memset(sums, 0, (GRAPH_MAX_LAYER + 1) * sizeof(LayerSums));
	for (InspectSlotNo s = 0; s < graph->nslots; s++)
	{
		const InspectSlot *slot = &graph->slots[s];
		LayerSums  *sum = &sums[Min(slot->layer, GRAPH_MAX_LAYER)];

		if (!inspect_is_node(slot))
			continue;
		if (slot->state == NODE_DYING)
		{
			sum->dying++;
			continue;
		}
		sum->min_edges = sum->nodes == 0 ? slot->nedges :
			Min(sum->min_edges, slot->nedges);
		sum->max_edges = Max(sum->max_edges, slot->nedges);
		sum->edges += slot->nedges;
		sum->unreferenced += slot->nreferences == 0;
		sum->reached += slot->reached;
		sum->nodes++;
	}
}

/* Load an index's graph, and sum up its layers. */
static void
load_graph(InspectGraph *graph, LayerSums *layers, Oid oid)
{
	InspectIndex inspect;

	inspect_open(&inspect, oid, AccessShareLock);
	inspect_require_select(&inspect);
	inspect_graph_load(graph, &inspect);
	inspect_graph_reach(graph);
	inspect_close(&inspect);
	sum_layers(graph, layers);
}

static void
sum_slots(const InspectGraph *graph, SlotSums *sums)
{
	memset(sums, 0, sizeof(*sums));
	for (InspectSlotNo s = 0; s < graph->nslots; s++)
	{
		const InspectSlot *slot = &graph->slots[s];

		if (!slot->exists || slot->state > NODE_POSTING)
			continue;
		sums->states[slot->state]++;
		if ((slot->state == NODE_LIVE && slot->layer == 0) ||
			slot->state == NODE_POSTING)
			sums->rows += slot->nrows;
	}
}

static Datum
count_datum(uint64 count)
{
	return Int64GetDatum((int64) count);
}

/* A quotient, or NULL where there is none */
static Datum
ratio_datum(double a, double b, bool *isnull)
{
	*isnull = b == 0;
	return Float8GetDatum(b == 0 ? 0 : a / b);
}

/* The descriptor of the row that a function returns */
static TupleDesc
result_row(FunctionCallInfo fcinfo)
{
	TupleDesc	tupdesc;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return BlessTupleDesc(tupdesc);
}

/*
 * hnsw_stats(regclass): one row about the whole index.
 */
Datum
hnsw_stats(PG_FUNCTION_ARGS)
{
	TupleDesc	tupdesc = result_row(fcinfo);
	InspectGraph graph;
	LayerSums	layers[GRAPH_MAX_LAYER + 1];
	SlotSums	slots;
	Datum		values[21] = {0};
	bool		nulls[21] = {0};
	int			i = 0;

	load_graph(&graph, layers, PG_GETARG_OID(0));
	sum_slots(&graph, &slots);

	/* what it was made with */
	values[i++] = CStringGetTextDatum(inspect_metric_name(graph.format));
	values[i++] = Int32GetDatum(graph.format->codec.dimensions);
	values[i++] = Int32GetDatum(graph.format->m);
	values[i++] = Int32GetDatum(graph.format->sketch_bits);

	/* what it holds */
	values[i++] = count_datum(slots.rows);
	values[i++] = count_datum(layers[0].nodes);
	values[i] = ratio_datum(slots.rows, layers[0].nodes, &nulls[i]);
	i++;
	values[i++] = Int32GetDatum(graph.meta.entry == GRAPH_NO_NODE ? 0 :
								(int32) graph.meta.entry_layer + 1);
	values[i] = ratio_datum(layers[0].reached, layers[0].nodes, &nulls[i]);
	i++;

	/* slots, of all layers, that are not live nodes */
	values[i++] = count_datum(slots.states[NODE_POSTING]);
	values[i++] = count_datum(slots.states[NODE_DYING]);
	values[i++] = count_datum(slots.states[NODE_RESERVED]);
	values[i++] = count_datum(slots.states[NODE_FREE]);

	/* space */
	values[i++] = count_datum(graph.pages[PAGE_KIND_NODE]);
	values[i++] = count_datum(graph.pages[PAGE_KIND_REFINE]);
	values[i++] = count_datum(graph.pages[PAGE_KIND_LANDMARK]);
	values[i++] = count_datum(graph.pages[PAGE_KIND_ROWMAP] +
							  graph.pages[PAGE_KIND_ROWMAP_LIST]);
	values[i++] = count_datum(graph.pages[0]);
	values[i++] = Int32GetDatum(graph.format->nodes_per_page);
	values[i++] = Int32GetDatum(graph.format->node_size);
	values[i] = ratio_datum((double) graph.nblocks * BLCKSZ, layers[0].nodes,
							&nulls[i]);
	i++;
	Assert(i == lengthof(values) && i == tupdesc->natts);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(tupdesc, values,
													  nulls)));
}

/*
 * hnsw_layers(regclass): a row for each layer, the highest first.
 */
Datum
hnsw_layers(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	InspectGraph graph;
	LayerSums	layers[GRAPH_MAX_LAYER + 1];

	InitMaterializedSRF(fcinfo, 0);
	load_graph(&graph, layers, PG_GETARG_OID(0));
	for (int layer = GRAPH_MAX_LAYER; layer >= 0; layer--)
	{
		const LayerSums *sum = &layers[layer];
		Datum		values[9];
		bool		nulls[9] = {0};

		if (sum->nodes == 0 && sum->dying == 0)
			continue;
		values[0] = Int32GetDatum(layer);
		values[1] = count_datum(sum->nodes);
		values[2] = count_datum(sum->edges);
		values[3] = Int32GetDatum((int32) sum->min_edges);
		values[4] = ratio_datum(sum->edges, sum->nodes, &nulls[4]);
		values[5] = Int32GetDatum((int32) sum->max_edges);
		nulls[3] = nulls[5] = sum->nodes == 0;
		values[6] = count_datum(sum->unreferenced);
		values[7] = count_datum(sum->nodes - sum->reached);
		values[8] = count_datum(sum->dying);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
							 nulls);
	}
	return (Datum) 0;
}

/* Nodes of one layer by their number of edges out and in */
typedef struct Degrees
{
	uint64		n;				/* length of the arrays */
	uint64	   *out;
	uint64	   *in;
} Degrees;

static void
count_degrees(const InspectGraph *graph, int layer, Degrees *degrees)
{
	uint64		most = 0;

	for (InspectSlotNo s = 0; s < graph->nslots; s++)
	{
		const InspectSlot *slot = &graph->slots[s];

		if (slot->layer == layer)
			most = Max(most, Max(slot->nedges, slot->nreferences));
	}
	degrees->n = most + 1;
	degrees->out = palloc0(degrees->n * sizeof(uint64));
	degrees->in = palloc0(degrees->n * sizeof(uint64));
	for (InspectSlotNo s = 0; s < graph->nslots; s++)
	{
		const InspectSlot *slot = &graph->slots[s];

		if (!slot->exists || slot->state != NODE_LIVE ||
			slot->layer != layer)
			continue;
		degrees->out[slot->nedges]++;
		degrees->in[slot->nreferences]++;
	}
}

/*
 * hnsw_degrees(regclass): for each layer, how many nodes have so many edges,
 * and to how many so many lead.
 */
Datum
hnsw_degrees(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	InspectGraph graph;
	LayerSums	layers[GRAPH_MAX_LAYER + 1];

	InitMaterializedSRF(fcinfo, 0);
	load_graph(&graph, layers, PG_GETARG_OID(0));
	for (int layer = GRAPH_MAX_LAYER; layer >= 0; layer--)
	{
		Degrees		degrees;

		if (layers[layer].nodes == 0)
			continue;
		count_degrees(&graph, layer, &degrees);
		for (uint64 degree = 0; degree < degrees.n; degree++)
		{
			Datum		values[4];
			bool		nulls[4] = {0};

			if (degrees.out[degree] == 0 && degrees.in[degree] == 0)
				continue;
			values[0] = Int32GetDatum(layer);
			values[1] = Int32GetDatum((int32) degree);
			values[2] = count_datum(degrees.out[degree]);
			values[3] = count_datum(degrees.in[degree]);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
								 nulls);
		}
		pfree(degrees.out);
		pfree(degrees.in);
	}
	return (Datum) 0;
}

/*
 * hnsw_kernels(): the sets of distance functions this CPU can run, and which
 * one is used.
 */
Datum
hnsw_kernels(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (const DistanceKernels *const *set = distance_available(); *set; set++)
	{
		Datum		values[2];
		bool		nulls[2] = {0};

		values[0] = CStringGetTextDatum((*set)->name);
		values[1] = BoolGetDatum(*set == distance_kernels);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
							 nulls);
	}
	return (Datum) 0;
}
