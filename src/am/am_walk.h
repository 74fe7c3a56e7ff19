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

/* Does the row match? */
typedef enum AmAnswer
{
	ANSWERED_NO,
	ANSWERED_ALMOST,			/* no, but it is one of those on a list */
	ANSWERED_GONE,				/* no such row (any more) */
	ANSWERED_YES
} AmAnswer;

/*
 * A condition on rows that the search is to take part in (src/plan makes
 * it).  It is asked of rows named by hints, which may be stale: a wrong
 * answer costs time, never rows, provided that it is right for rows that
 * the snapshot can see.  Called with no page locked.
 */
typedef struct AmFilter
{
	AmAnswer	(*matches) (void *arg, const ItemPointerData *row);
	/* Where there is a list: has it the row?  Then it may match. */
	bool		(*allows) (void *arg, const ItemPointerData *row);
	/* The same, but not from a list, which may allow old versions as well */
	AmAnswer	(*sees) (void *arg, const ItemPointerData *row);

	/*
	 * A search that holds so many nodes, found without regard to the filter,
	 * has put the nearest to the question: so many were asked, of which so
	 * many match.  Shall it go on like that?
	 */
	bool		(*looks_on) (void *arg, int held, int asked, int found);
	/* It shall not, and will walk: the time to change what follows here. */
	void		(*walks) (void *arg);
	/* Of so many rows from all over the table so many match. */
	void		(*sampled) (void *arg, int asked, int found);
	void	   *arg;
	int			wanted;			/* rows the query wants, or 0: not known */
	bool		wants_more;		/* that was a guess: perhaps more */
	bool		looks;			/* begin without regard to the filter */
	bool		is_guess;		/* and nothing but a sample can tell how many
								 * rows match */
	bool		is_cheap;		/* there is a list: `allows` can be asked */
	bool		is_certain;		/* and it decides: no row is fetched */
} AmFilter;

typedef enum AmWalkPhase
{
	WALK_START,
	WALK_LOOKING,				/* without regard to the filter */
	WALK_MATCHING,				/* among matching nodes, where they connect */
	WALK_NEARBY,				/* the query's own neighborhood */
	WALK_STREWN,				/* more of it, if matches are in groups */
	WALK_DOUBTING,				/* next to matches, whatever edges say */
	WALK_DOUBTING_ALL,			/* and away from them */
	WALK_DONE
} AmWalkPhase;

/* A search that takes part in a filter, batch by batch */
typedef struct AmWalk
{
	const AmFilter *filter;
	PageStore  *store;
	GraphSearch *search;
	GraphFilter graph_filter;	/* the filter as the search sees it */
	AmWalkPhase phase;
	const int64 *budget;		/* visits allowed; answering may lower it */
	int64		limit;			/* and so many, come what may */
	bool		overdrawn;		/* it is nearly through, and takes more */
	double		nodes;			/* the index's, at most */
	double		effort;			/* more than 1 if these are many */
	int64		asked;			/* questions put to the filter */
	int			found;			/* nodes that matched when we looked last */
	int			refused;		/* nodes that did not, whenever we looked */
	int			looked;			/* of these, nodes that the walk need not
								 * cross any more */
	int64		misled;			/* nodes with other rows than edges said */
} AmWalk;

/* Are sketches, if there are any, of part of the coordinates only? */
static inline bool
am_walk_sees_partly(const AmWalk *walk)
{
	const Codec *codec = &walk->store->format->codec;

	return codec->sketch_words * 64 < codec->code_size;
}

extern void am_walk_init(AmWalk *walk, const AmFilter *filter,
						 PageStore *store, GraphSearch *search,
						 const int64 *budget, int64 limit);
extern bool am_walk_accepts(AmWalk *walk, uint32 payload);
extern bool am_walk_descend(AmWalk *walk, int ef);
extern bool am_walk_run(AmWalk *walk, int ef);
extern bool am_walk_widen(AmWalk *walk, int ef, int sure);

/* am_look.c */
typedef enum AmLook
{
	LOOK_ENOUGH,				/* enough rows match: go on without walking */
	LOOK_FARTHER,				/* hold more nodes, and look again */
	LOOK_ASTRAY					/* too few match: walk */
} AmLook;

extern void am_look_sample(AmWalk *walk);
extern AmLook am_look_ask(AmWalk *walk, int nodes, int *ef);

#endif							/* AM_WALK_H */
