/*-------------------------------------------------------------------------
 *
 * am_walk.h
 *	  A search that takes part in a WHERE clause.
 *
 *-------------------------------------------------------------------------
 */
#ifndef AM_WALK_H
#define AM_WALK_H

#include "graph/graph_search.h"
#include "page/page_store.h"

/*
 * A condition on rows that the search is to take part in (src/plan makes
 * it).  It is asked of rows named by hints, which may be stale: a wrong
 * answer costs time, never rows, provided that it is right for rows that
 * the snapshot can see.  Called with no page locked.
 */
typedef struct AmFilter
{
	bool		(*matches) (void *arg, const ItemPointerData *row);
	void	   *arg;
} AmFilter;

typedef enum AmWalkPhase
{
	WALK_START,
	WALK_MATCHING,				/* among matching nodes, where they connect */
	WALK_WIDER,					/* the same with room for more */
	WALK_NEARBY,				/* the query's own neighborhood */
	WALK_DONE
} AmWalkPhase;

/* A filtered search's first batch; later ones only widen it */
typedef struct AmWalk
{
	const AmFilter *filter;
	PageStore  *store;
	GraphSearch *search;
	GraphFilter graph_filter;	/* the filter as the search sees it */
	AmWalkPhase phase;
	const int64 *budget;		/* visits allowed; answering may lower it */
	int64		asked;			/* questions put to the filter */
} AmWalk;

extern void am_walk_init(AmWalk *walk, const AmFilter *filter,
						 PageStore *store, GraphSearch *search,
						 const int64 *budget);
extern bool am_walk_accepts(AmWalk *walk, uint32 payload);
extern bool am_walk_run(AmWalk *walk, int ef);

#endif							/* AM_WALK_H */
