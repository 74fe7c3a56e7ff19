/*-------------------------------------------------------------------------
 *
 * am_cost.c
 *	  What a scan will cost.
 *
 * All of a search up to the first row is startup cost: the descent and, on
 * layer 0, some VISITS_PER_EF nodes for each of hnsw.ef_search.  Then the
 * scan is a stream.  It yields what was found, and as more rows are wanted
 * the search goes on, so that n rows cost some VISITS_PER_ROW * n visits and
 * as many refinements as rows.  The planner charges a LIMIT its share of
 * the stream: so a condition that rejects most rows, of which the stream
 * must bring forth more, makes it dearer in proportion, and a LIMIT near
 * the table's size makes it lose against a sort.
 *
 * Where the query is known to want more rows than a search finds within its
 * limits, reading and sorting the table is added.
 *
 * Pages.  The planner takes it that pages of a btree above the leaves are in
 * memory, and does not charge them.  Here those are the pages that every
 * search goes through: the upper layers, and the nodes by which one gets
 * from there to anywhere.  We take half of a search's pages for such.  For
 * the others we charge what sequential reading costs as far as the index
 * fits into effective_cache_size, and random_page_cost beyond: whoever
 * searches by vectors does so all the time.
 *
 * CPU.  Measured, all in memory, with a cpu_operator_cost of 8 ns (see
 * src/vector/vector_cost.c): a visit takes 0.6 us at 128 dimensions and
 * 1 us at 784 with the usual 32 edges, most of it for pin and lock and for
 * bringing the node's memory in, a refinement half of that.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "am/am.h"
#include "hnsw_version.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/float.h"
#include "utils/selfuncs.h"
#include "utils/spccache.h"

/* How many nodes are visited */
#define VISITS_PER_EF		5.0 /* ef_search is doubled, see am_stream.c */
#define VISITS_PER_LAYER	3.0
#define VISITS_PER_ROW		1.5

/* Memory of a search, in bytes a row */
#define MEMORY_PER_ROW		2000.0

/* Share of a search's pages that is not in memory anyway */
#define PAGES_COLD			0.5

/* Operators' worth of a visit: fixed, of an edge, of a dimension */
#define OPS_VISIT			30
#define OPS_EDGE			1
#define OPS_DIMENSION		(1 / 12.0)
#define OPS_REFINE			40

/* Is this relation all that the query is over? */
bool
am_is_whole_query(const PlannerInfo *root, const RelOptInfo *rel)
{
	return rel->reloptkind == RELOPT_BASEREL &&
		bms_equal(root->all_baserels, rel->relids);
}

/* How many rows will be taken of a relation?  0 if that is not known. */
double
am_rows_wanted(const PlannerInfo *root, const RelOptInfo *rel)
{
	if (root->tuple_fraction == 0)
		return AM_ALL_ROWS;
	if (am_is_whole_query(root, rel) && root->limit_tuples > 0)
		return root->limit_tuples;
	return 0;
}

/*
 * Can a search be expected to find that many rows, within
 * hnsw.max_scan_tuples and its memory?
 */
bool
am_is_within_reach(double rows)
{
	double		memory = am_scan_mem_multiplier * work_mem * 1024.0;

	return rows <= am_ef_search ||
		rows <= Min(am_max_scan_tuples / VISITS_PER_ROW,
					memory / MEMORY_PER_ROW);
}

/*
 * A search that comes to its end before the query has its rows is in vain:
 * the table is to be read and sorted all the same.  (Except where it is to
 * end early.)
 */
Cost
am_cost_beyond_reach(const PlannerInfo *root, const IndexOptInfo *info)
{
	const RelOptInfo *rel = info->rel;
	double		tuples = Max(rel->tuples, 2);
	double		wanted = Min(am_rows_wanted(root, rel),
							 info->indpred ? info->tuples : tuples);

	if (am_iterative_scan == ITERATIVE_SCAN_OFF || am_is_within_reach(wanted))
		return 0;
	return rel->pages * seq_page_cost +
		tuples * (cpu_tuple_cost + 2 * cpu_operator_cost * log2(tuples));
}

/* Half the number of a node's edges; a hypothetical index has no options */
static int
index_m(const IndexOptInfo *info)
{
	Relation	index;
	int			m;

	if (info->hypothetical)
		return AM_DEFAULT_M;
	index = index_open(info->indexoid, NoLock);
	m = am_options(index)->m;
	index_close(index, NoLock);
	return m;
}

/* Dimensions of the indexed column or expression, 0 if it does not say */
static int
index_dimensions(const IndexOptInfo *info)
{
	TargetEntry *column = linitial_node(TargetEntry, info->indextlist);

	return Max(exprTypmod((Node *) column->expr), 0);
}

/* What a page of the index costs, see above */
static Cost
page_cost(const IndexOptInfo *info)
{
	double		random_cost;
	double		sequential_cost;
	double		cached = Min(1, (double) effective_cache_size /
							 Max(info->pages, 1));

	get_tablespace_page_costs(info->reltablespace, &random_cost,
							  &sequential_cost);
	return cached * sequential_cost + (1 - cached) * random_cost;
}

/* Without an order there is nothing to search for. */
static void
refuse(IndexPath *path, Cost *startup, Cost *total)
{
	*startup = *total = get_float8_infinity();
	hnsw_path_disable(&path->path);
}

void
hnswcostestimate(PlannerInfo *root, IndexPath *path, double loop_count,
				 Cost *indexStartupCost, Cost *indexTotalCost,
				 Selectivity *indexSelectivity, double *indexCorrelation,
				 double *indexPages)
{
	IndexOptInfo *info = path->indexinfo;
	GenericCosts generic = {0};
	int			m = index_m(info);
	double		layers = log(Max(info->tuples, 1)) / log(m);
	double		rows;
	double		visits;
	double		pages;
	Cost		visit;
	Cost		page = page_cost(info);

	genericcostestimate(root, path, loop_count, &generic);
	*indexSelectivity = generic.indexSelectivity;
	*indexPages = generic.numIndexPages;
	*indexCorrelation = 0;
	if (path->indexorderbys == NIL)
	{
		refuse(path, indexStartupCost, indexTotalCost);
		return;
	}

	/* the search */
	rows = Max(generic.numIndexTuples, 1);
	visit = cpu_operator_cost * (OPS_VISIT + OPS_EDGE * 2 * m +
								 OPS_DIMENSION * index_dimensions(info));
	visits = Min(VISITS_PER_EF * am_ef_search + VISITS_PER_LAYER * layers,
				 rows);
	pages = Min(visits, info->pages) * PAGES_COLD;
	*indexStartupCost = generic.indexStartupCost + visits * visit +
		pages * page + am_cost_beyond_reach(root, info);

	/* the stream, if all rows are taken from it */
	pages = index_pages_fetched(rows * (VISITS_PER_ROW + 1), info->pages,
								info->pages, root);
	*indexTotalCost = *indexStartupCost + pages * page +
		rows * (VISITS_PER_ROW * visit + OPS_REFINE * cpu_operator_cost);
}
