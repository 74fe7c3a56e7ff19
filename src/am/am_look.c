/*-------------------------------------------------------------------------
 *
 * am_look.c
 *	  A filtered search that looks around before it minds the filter.
 *
 * Where a good part of the rows near the query match, the cheapest search is
 * one that does not care: the nearest nodes are found as if there were no
 * filter, and only their rows are asked, nearest first, until enough match.
 * A walk asks rows of nodes as well that turn out not to be near, several
 * for each that it visits.
 *
 * How many match there nobody can know before: the share of all rows that do
 * says little of those near the query.  So we look, and whoever made the
 * filter compares what it costs to look farther with what a walk would.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/am_walk.h"
#include "page/page_landmark.h"

/*
 * Hold at least so many times the nodes held before, so that there are not
 * too many steps; at most twice as many, for the estimate is a rough one.
 */
#define LEAST_STEP		1.25
#define GREATEST_STEP	2

/* Rows of a sample, and pages of landmarks to take them from */
#define SAMPLE_ROWS		64
#define SAMPLE_PAGES	8

/* How many nodes to hold, so that enough match, not only as many as found? */
static int
look_wider(const AmWalk *walk, int ef, int found)
{
	double		nodes = ef * walk->graph_filter.sure / (found + 1.0);

	return (int) Min(Max(nodes, ef * LEAST_STEP + 1), ef * GREATEST_STEP + 1);
}

/*
 * Has a node a row that matches?  One that has none need not be put in order
 * with the others.
 */
static bool
look_matches(AmWalk *walk, uint32 payload)
{
	PageVisit  *visit = page_store_visit(walk->store, payload);

	if (visit->queued)
		return false;
	if (am_walk_accepts(walk, payload))
		return true;
	visit->queued = true;
	walk->refused++;
	return false;
}

/*
 * Ask that many of the nodes held, nearest first.  Unless enough match, or
 * too few, *ef becomes the number of nodes to hold next.
 */
AmLook
am_look_ask(AmWalk *walk, int nodes, int *ef)
{
	const AmFilter *filter = walk->filter;
	GraphSearch *search = walk->search;
	int			held = search->results.n;
	GraphCandidate *nearest = palloc(Max(held, 1) * sizeof(GraphCandidate));
	AmLook		look = LOOK_FARTHER;
	int			sure = walk->graph_filter.sure;
	int			asked = 0;
	int			found = 0;

	memcpy(nearest, search->results.items, held * sizeof(GraphCandidate));
	graph_candidates_sort(nearest, held);
	while (look == LOOK_FARTHER && asked < Min(nodes, held))
	{
		if (look_matches(walk, nearest[asked++].payload))
			found++;
		if (sure > 0 && found >= sure)
			look = LOOK_ENOUGH;
		else if (!filter->looks_on(filter->arg, held, asked, found))
			look = LOOK_ASTRAY;
	}
	pfree(nearest);
	walk->found = found;
	*ef = look_wider(walk, *ef, found);
	return look;
}

/*
 * Ask rows from all over the table: those of landmarks, which are as good as
 * drawn by lot.
 */
void
am_look_sample(AmWalk *walk)
{
	const AmFilter *filter = walk->filter;
	PageSpace  *space = walk->store->space;
	PageLandmark *landmarks = palloc(PAGE_MAX_LANDMARKS *
									 sizeof(PageLandmark));
	PageLandmarks some;
	int			asked = 0;
	int			found = 0;

	page_landmark_sample(space, SAMPLE_PAGES, &some);
	for (uint32 i = 0; i < some.npages; i++)
	{
		int			n = page_landmark_read(space, some.pages[i], NULL,
											   landmarks);
		int			step = Max(n * some.npages / SAMPLE_ROWS, 1);

		for (int k = 0; k < n; k += step)
		{
			AmAnswer	answer = filter->matches(filter->arg,
												 &landmarks[k].row);

			asked += answer != ANSWERED_GONE;
			found += answer == ANSWERED_YES;
		}
	}
	pfree(landmarks);
	pfree(some.pages);
	filter->sampled(filter->arg, asked, found);
}
