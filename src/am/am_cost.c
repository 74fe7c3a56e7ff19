/*-------------------------------------------------------------------------
 *
 * am_cost.c
 *	  What a scan will cost.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "am/am.h"
#include "nodes/pathnodes.h"
#include "optimizer/cost.h"
#include "utils/float.h"
#include "utils/selfuncs.h"

void
hnswcostestimate(PlannerInfo *root, IndexPath *path, double loop_count,
				 Cost *indexStartupCost, Cost *indexTotalCost,
				 Selectivity *indexSelectivity, double *indexCorrelation,
				 double *indexPages)
{
	GenericCosts costs = {0};

	/* without an order there is nothing to search for */
	if (path->indexorderbys == NIL)
	{
		*indexStartupCost = *indexTotalCost = get_float8_infinity();
		*indexSelectivity = 0;
		*indexCorrelation = 0;
		*indexPages = 0;
		return;
	}
	genericcostestimate(root, path, loop_count, &costs);
	*indexStartupCost = 100 * 1;
	*indexTotalCost = costs.indexTotalCost;
	*indexSelectivity = costs.indexSelectivity;
	*indexCorrelation = costs.indexCorrelation;
	*indexPages = costs.numIndexPages;
}
