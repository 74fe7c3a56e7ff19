/*-------------------------------------------------------------------------
 *
 * am.h
 *	  The access method as PostgreSQL knows it: settings, options, opclasses.
 *
 *-------------------------------------------------------------------------
 */
#ifndef AM_H
#define AM_H

#include "postgres.h"

#include "access/amapi.h"
#include "distance/distance_metric.h"
#include "nodes/execnodes.h"
#include "page/page_format.h"
#include "utils/rel.h"

/* Limits and defaults of CREATE INDEX ... WITH (...) */
#define AM_DEFAULT_M				16
#define AM_MIN_M					2
#define AM_MAX_M					100
#define AM_DEFAULT_EF_CONSTRUCTION	64
#define AM_MIN_EF_CONSTRUCTION		4
#define AM_MAX_EF_CONSTRUCTION		1000
#define AM_DEFAULT_SKETCH_BITS		(-1)	/* as fits the pages best */

/* hnsw.ef_search */
#define AM_DEFAULT_EF_SEARCH		40
#define AM_MIN_EF_SEARCH			1
#define AM_MAX_EF_SEARCH			10000

/*
 * hnsw.scan_mem_multiplier: with work_mem as installed, a search then reaches
 * hnsw.max_scan_tuples before it runs out of memory.
 */
#define AM_DEFAULT_SCAN_MEM			8

/* Rows wanted where there is no LIMIT (a plan has no way to say infinity) */
#define AM_ALL_ROWS					1e300

typedef enum AmIterativeScan
{
	ITERATIVE_SCAN_OFF,			/* ef_search rows at the most */
	ITERATIVE_SCAN_RELAXED,		/* late finds may be out of order */
	ITERATIVE_SCAN_STRICT		/* late finds out of order are left out */
} AmIterativeScan;

extern PGDLLIMPORT int am_ef_search;
extern PGDLLIMPORT int am_iterative_scan;
extern PGDLLIMPORT int am_max_scan_tuples;
extern PGDLLIMPORT double am_scan_mem_multiplier;

/* Debugging: every index gets a row map, and it is used where it can be */
extern PGDLLIMPORT bool am_debug_rowmap;

/* CREATE INDEX ... WITH (...), as parsed */
typedef struct AmOptions
{
	int32		vl_len_;		/* varlena header */
	int			m;
	int			ef_construction;
	int			sketch_bits;
} AmOptions;

/* What an opclass's support function 2 returns a pointer to */
typedef struct AmOpclass
{
	DistanceMetric metric;
} AmOpclass;

#define AM_SUPPORT_DISTANCE		1
#define AM_SUPPORT_OPCLASS		2
#define AM_SUPPORT_COUNT		2

/* Phases shown in pg_stat_progress_create_index */
#define AM_PHASE_BUILD_MEMORY	2
#define AM_PHASE_BUILD_DISK		3
#define AM_PHASE_WRITE			4

extern void am_init(void);

/* am_options.c */
extern bytea *hnswoptions(Datum reloptions, bool validate);
extern const AmOptions *am_options(Relation index);

/* am_opclass.c */
extern const AmOpclass *am_opclass(Relation index);
extern bool hnswvalidate(Oid opclassoid);

/* am_build.c */
extern IndexBuildResult *hnswbuild(Relation heap, Relation index,
								   IndexInfo *indexInfo);
extern void hnswbuildempty(Relation index);

/* am_insert.c */
extern bool hnswinsert(Relation index, Datum *values, bool *isnull,
					   ItemPointer heap_tid, Relation heap,
					   IndexUniqueCheck checkUnique, bool indexUnchanged,
					   IndexInfo *indexInfo);

/* am_vacuum.c */
extern IndexBulkDeleteResult *hnswbulkdelete(IndexVacuumInfo *info,
											 IndexBulkDeleteResult *stats,
											 IndexBulkDeleteCallback callback,
											 void *callback_state);
extern IndexBulkDeleteResult *hnswvacuumcleanup(IndexVacuumInfo *info,
												IndexBulkDeleteResult *stats);

/* am_scan.c */
extern IndexScanDesc hnswbeginscan(Relation index, int nkeys, int norderbys);
extern void hnswrescan(IndexScanDesc scan, ScanKey keys, int nkeys,
					   ScanKey orderbys, int norderbys);
extern bool hnswgettuple(IndexScanDesc scan, ScanDirection dir);
extern void hnswendscan(IndexScanDesc scan);

/* am_cost.c */
struct PlannerInfo;
struct RelOptInfo;
struct IndexPath;
struct IndexOptInfo;
extern bool am_is_whole_query(const struct PlannerInfo *root,
							  const struct RelOptInfo *rel);
extern double am_rows_wanted(const struct PlannerInfo *root,
							 const struct RelOptInfo *rel);
extern bool am_is_within_reach(double rows);
extern Cost am_cost_beyond_reach(const struct PlannerInfo *root,
								 const struct IndexOptInfo *info);
extern void hnswcostestimate(struct PlannerInfo *root, struct IndexPath *path,
							 double loop_count, Cost *indexStartupCost,
							 Cost *indexTotalCost,
							 Selectivity *indexSelectivity,
							 double *indexCorrelation, double *indexPages);

#endif							/* AM_H */
