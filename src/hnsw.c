/*-------------------------------------------------------------------------
 *
 * hnsw.c
 *	  The module's entry: each room sets itself up.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "am/am.h"
#include "distance/distance_kernels.h"
#include "hnsw_version.h"
#include "plan/plan.h"

HNSW_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	distance_init();
	plan_init();
	am_init();
}
