/*-------------------------------------------------------------------------
 *
 * am_build.h
 *	  Building an index: what the leader and its workers share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef AM_BUILD_H
#define AM_BUILD_H

#include "access/parallel.h"
#include "am/am_insert.h"
#include "storage/condition_variable.h"
#include "storage/spin.h"

/* Where the pages of the index being built are */
typedef enum AmBuildPlace
{
	BUILD_IN_ARENA,
	BUILD_MOVING,				/* somebody writes the arena to the index */
	BUILD_IN_INDEX				/* in the buffer manager */
} AmBuildPlace;

/* The part of a build that all its processes see */
typedef struct AmBuildShared
{
	/* What workers are told */
	Oid			heap;
	Oid			index;
	bool		concurrent_index;	/* CREATE INDEX CONCURRENTLY */
	int			processes;		/* that insert, at the most */
	dsm_handle	arena;

	/*
	 * insert_lock is held shared while a row is inserted, exclusively to
	 * promote its node and to change `place`.  insert_gate keeps newcomers
	 * back from a lock that somebody waits for exclusively.
	 */
	LWLock		insert_gate;
	LWLock		insert_lock;
	AmBuildPlace place;
	ConditionVariable moved;	/* place has become BUILD_IN_INDEX */

	/* Progress and results, under the mutex */
	slock_t		mutex;
	ConditionVariable worker_done;
	int			workers_done;
	double		heap_tuples;	/* of processes that are done */
	double		index_tuples;	/* so far */
	bool		broken_hot_chain;
} AmBuildShared;

/* One process's view of a build */
typedef struct AmBuild
{
	Relation	heap;
	Relation	index;
	IndexInfo  *index_info;
	AmBuildShared *shared;
	bool		parallel;		/* there are other processes */
	dsm_segment *segment;		/* of the arena, or NULL */
	PageArena	arena;
	AmInserter	inserter;
} AmBuild;

/* What is expected of a build */
typedef struct AmBuildPlan
{
	double		rows;			/* in the table, an estimate */
	double		most_rows;		/* there can hardly be more */
	double		heap_blocks;	/* of the table alone */
	double		rows_per_block; /* 0: nobody has counted */
	int			workers;		/* to ask for, without the leader */
} AmBuildPlan;

/* am_build_plan.c */
extern void am_build_plan(Relation heap, Relation index, AmBuildPlan *plan);
extern int	am_build_rowmap_blocks(Relation index, double rows_per_block);
extern BlockNumber am_build_arena_blocks(const AmBuildPlan *plan,
										 const PageMeta *meta,
										 int processes);

/* am_build.c */
extern void am_build_shared_init(AmBuildShared *shared, int processes);
extern void am_build_attach(AmBuild *build);
extern void am_build_scan(AmBuild *build, TableScanDesc scan);
extern int	am_build_tranche(void);

/*
 * Pages that one row may take: a node on every layer, a refine tuple, a
 * landmark, a part of the row map with its list, and postings that came to
 * nothing because others were faster, each on a page of its own.
 */
#define AM_BUILD_ROW_BLOCKS	(GRAPH_MAX_LAYER + 10)

/* am_build_parallel.c */
extern bool am_build_in_parallel(AmBuild *build, const AmBuildPlan *plan,
								 const PageMeta *meta);
extern PGDLLEXPORT void hnsw_build_worker_main(dsm_segment *seg,
											   shm_toc *toc);

#endif							/* AM_BUILD_H */
