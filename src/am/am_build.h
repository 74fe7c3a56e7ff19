/*-------------------------------------------------------------------------
 *
 * am_build.h
 *	  Building an index: what the leader and its workers share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef AM_BUILD_H
#define AM_BUILD_H

#include "am/am_insert.h"
#include "access/parallel.h"
#include "storage/condition_variable.h"
#include "storage/spin.h"

/*
 * The part of a build that all its processes see.  In a parallel build it
 * lies in shared memory, followed by the table scan's own shared state; the arena
 * lies in a chunk of its own.
 */
typedef struct AmBuildShared
{
	Oid			heap;
	Oid			index;
	bool		concurrent_index;	/* CREATE INDEX CONCURRENTLY */

	/*
	 * Held shared while a row is inserted; exclusive to promote, and to
	 * flush the arena.
	 */
	LWLock		insert_lock;
	bool		flushed;		/* under insert_lock: arena is on disk */

	/* Progress and results, under the mutex */
	slock_t		mutex;
	ConditionVariable workers_done;
	int			nworkers_done;
	double		heap_tuples;
	double		index_tuples;
} AmBuildShared;

/* One process's view of a build */
typedef struct AmBuild
{
	Relation	heap;
	Relation	index;
	IndexInfo  *index_info;
	AmBuildShared *shared;
	PageArena	arena;
	AmInserter	inserter;
	int			nworkers;		/* planned, the leader not counted */
	double		index_tuples;	/* of this process */
} AmBuild;

/* Shared-memory keys */
#define AM_BUILD_KEY_SHARED		UINT64CONST(0xB000000000000001)
#define AM_BUILD_KEY_ARENA		UINT64CONST(0xB000000000000002)
#define AM_BUILD_KEY_QUERY		UINT64CONST(0xB000000000000003)

extern void am_build_attach(AmBuild *build);
extern void am_build_tuple(Relation index, ItemPointer tid, Datum *values,
						   bool *isnull, bool alive, void *state);
extern uint32 am_build_arena_blocks(Size memory);
extern int	am_build_tranche(void);

/* am_build_parallel.c */
extern bool am_build_in_parallel(AmBuild *build, const PageMeta *meta,
								 double *heap_tuples);
extern PGDLLEXPORT void hnsw_build_worker_main(dsm_segment *seg,
											   shm_toc *toc);

#endif							/* AM_BUILD_H */
