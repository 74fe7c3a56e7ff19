/*-------------------------------------------------------------------------
 *
 * am_walk.c
 *	  A search that takes part in a WHERE clause.
 *
 * Stepping over matching nodes only loses its way when they are few, and
 * walking as if there were no filter drowns in nodes that do not match.  So
 * nodes that do not match are penalised: their distance counts `penalty`
 * times.
 *
 * First among the matching nodes: from a few of them, found in the list of
 * landmarks, and from the usual start; the walk crosses nodes next to matches
 * that are as near as the rows wanted, and others only where it must.  Then,
 * over all that was seen so far, any that are so near: matches near the query
 * that the first walk's starting points did not reach.
 *
 * Where that ends without a find, and matches lead to few others, or one that
 * counts is by itself, they may be strewn about in small groups: it is gone on
 * with for longer, or left to the exact way, as soon as it is clear that it
 * will be.
 *
 * A walk that has cost as much as the exact way would is given up, unless what
 * is left of it will take less than that: which is known where it goes on only
 * until so many crossings were in vain.
 *
 * Where a list does not decide alone, rows that it allows and that do not match
 * are as good a way as those that do: others of that kind are next to them.
 *
 * All of it relies on rows named by edges.  Where visits show that they are
 * often wrong (rows were updated since, or share a node) a "no" is doubted:
 * nodes that are as near as the rows wanted are visited all the same, next to
 * matches first, then away from them as long as that is any good.
 *
 * When more rows are wanted it is the same again, over what was seen, for more
 * rows to be sure of.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "am/am.h"
#include "am/am_walk.h"
#include "page/page_landmark.h"

/* The penalty of nodes that do not match, on squared distances */
#define PENALTY				1.25f

/*
 * Matches are of use up to so many times the squared distance of those to be
 * sure of; farther where estimates err by more, since sketches are of part of
 * the coordinates, or where others are crossed no farther than that distance.
 * (Where distances are not squared ones it means nothing.)
 */
#define REACH				1.14f
#define REACH_FARTHER		1.20f

/*
 * If it costs nothing to ask whether nodes match, others are crossed up to so
 * many times that distance: estimates err, and not all nodes near those to be
 * sure of have an edge from one that is nearer.
 */
#define CROSSING_REACH		1.05f

/*
 * Crossings in vain that end crossing: next to matches, and wherever it is
 * near
 */
#define MAX_CROSSED			40
#define MAX_CROSSED_NEARBY	100

/*
 * If matches do not lead to each other, so many more; if only those near the
 * query do not, while others do, so many; if they are in groups even more, or
 * none where this part of the budget is used up (SIFT, the greatest `response`:
 * among 1 % mostly, among 2 % seldom): the exact way is next
 */
#define MAX_CROSSED_SPARSE	125
#define MAX_CROSSED_LONELY	300
#define MAX_CROSSED_STREWN	300
#define STREWN_BUDGET		0.45

/* Where edges are doubted, expansions in vain that end the search */
#define MAX_DRY				100

/*
 * All that is so for graphs of up to so many nodes; for 4 times as many it is
 * twice as much, and so on (and what is beyond 1 of REACH).
 */
#define EFFORT_NODES		262144
#define EFFORT_DOUBLINGS	2

/*
 * Where edges are doubted, nodes have to be as near as the rows wanted, but
 * for so much of what estimates err by (1/sqrt(bits) of the distance)
 */
#define DOUBTED_ERROR		0.6f

/* Of nodes visited, at most one in so many has other rows than edges said. */
#define MISLED_MAX			100

/* What a walk that is nearly through may cost, in budgets */
#define OVERDRAFT			2

/*
 * Matching landmarks to start from, and pages to find them on: more where the
 * nearest are wanted.
 */
#define SEED_PAGES			6
#define SEED_PAGES_NEAREST	12
#define SEEDS				16
/*
 * Landmarks to ask about, on all pages; and rows, before the first that match
 * will do
 */
#define SEED_QUESTIONS		4096
#define SEED_ROWS			300

/* How many visits may it take? */
static int64
walk_allowed(const AmWalk *walk)
{
	int64		allowed = Min(*walk->budget, walk->limit);

	return walk->overdrawn ? Min(allowed * OVERDRAFT, walk->limit) : allowed;
}

/* Put a question to the filter; one so dear that fewer visits are left. */
static AmAnswer
walk_ask(AmWalk *walk, const ItemPointerData *row)
{
	AmAnswer	answer = walk->filter->matches(walk->filter->arg, row);

	walk->asked++;
	walk->search->max_visits = Min(walk->search->max_visits,
								   walk_allowed(walk));
	return answer;
}

/* So many, in a graph of this size */
static int
walk_patience(const AmWalk *walk, int patience)
{
	return (int) (patience * walk->effort);
}

/* GraphFilter.allows */
static bool
walk_allows(void *arg, uint64 row)
{
	AmWalk	   *walk = arg;
	ItemPointerData tid = page_tid_unpack(row);

	return walk->filter->allows(walk->filter->arg, &tid);
}

/* There may be a list by now, and it may answer alone, or have proved to. */
static void
walk_hear_of_list(AmWalk *walk)
{
	if (!walk->filter->is_cheap)
		return;
	walk->graph_filter.allows = walk_allows;
	walk->graph_filter.crossing_reach = CROSSING_REACH;
	if (!walk->filter->is_certain)
		return;
	walk->graph_filter.asks_at_sight = true;
	if (walk->phase == WALK_MATCHING && walk->graph_filter.sure > 0)
		walk->graph_filter.max_crossed = walk_patience(walk, MAX_CROSSED);
}

/*
 * GraphFilter.matches.  Where a row is gone the node may have another, such
 * as its next version: that is to be seen there.
 */
static GraphMatch
walk_matches(void *arg, uint64 row)
{
	AmWalk	   *walk = arg;
	ItemPointerData tid = page_tid_unpack(row);
	AmAnswer	answer = walk_ask(walk, &tid);

	if (!walk->graph_filter.asks_at_sight)
		walk_hear_of_list(walk);
	if (answer == ANSWERED_NO)
		return MATCH_NO;
	return answer == ANSWERED_ALMOST ? MATCH_ALMOST : MATCH_YES;
}

/*
 * Has a visited node a row that matches?  The last one is the newest.  Others
 * may be old versions, in which case a list that allows them is wrong, and as
 * results they would keep the search from matches farther away.  So they are
 * looked at.
 */
bool
am_walk_accepts(AmWalk *walk, uint32 payload)
{
	const AmFilter *filter = walk->filter;
	PageVisit  *visit = page_store_visit(walk->store, payload);
	int			last = visit->nrows - 1;

	/* rows in postings: whoever fetches them will see */
	if (ItemPointerIsValid(&visit->posting))
		return true;
	for (int i = last; i >= 0; i--)
	{
		const ItemPointerData *row = &visit->rows[i];

		if (walk_ask(walk, row) == ANSWERED_YES &&
			(i == last || filter->sees(filter->arg, row) == ANSWERED_YES))
			return true;
	}
	return false;
}

/* GraphFilter.accepts */
static bool
walk_accepts(void *arg, uint32 payload, uint64 row)
{
	AmWalk	   *walk = arg;
	PageVisit  *visit = page_store_visit(walk->store, payload);

	if (row != 0 &&
		(visit->nrows != 1 || page_tid_pack(&visit->rows[0]) != row))
		walk->misled++;
	return am_walk_accepts(walk, payload);
}

/*
 * In a larger graph a search goes wrong more often if it gives up as soon as
 * in a small one, and more nodes are about as near as those that are wanted.
 */
static double
walk_effort(double nodes)
{
	if (nodes <= EFFORT_NODES)
		return 1;
	return 1 + log2(nodes / EFFORT_NODES) / EFFORT_DOUBLINGS;
}

/*
 * Prepare a search within a budget of visits, which is what it would cost to
 * do without it, and a limit that nobody goes beyond.  Of how many rows it is
 * to be sure (graph_filter.sure) the caller says.
 */
void
am_walk_init(AmWalk *walk, const AmFilter *filter, PageStore *store,
			 GraphSearch *search, const int64 *budget, int64 limit)
{
	memset(walk, 0, sizeof(*walk));
	walk->nodes = (double) store->format->nodes_per_page *
		RelationGetNumberOfBlocks(store->space->index);
	walk->effort = walk_effort(walk->nodes);
	walk->filter = filter;
	walk->store = store;
	walk->search = search;
	walk->budget = budget;
	walk->limit = limit;
	walk->graph_filter.matches = walk_matches;
	walk->graph_filter.accepts = walk_accepts;
	walk->graph_filter.arg = walk;
	walk->graph_filter.penalty = PENALTY;
	walk->graph_filter.least = am_ef_search;
}

/* Is a landmark's row one to start from?  If it is on a list it may match. */
static bool
walk_starts_from(AmWalk *walk, const ItemPointerData *row)
{
	const AmFilter *filter = walk->filter;

	if (!filter->is_cheap)
		return walk_ask(walk, row) == ANSWERED_YES;
	walk->asked++;
	return filter->allows(filter->arg, row);
}

/*
 * Are the nearest of the landmarks that match wanted?  Estimates tell which are
 * near; but unless there is a list each costs a row.
 */
static bool
walk_wants_nearest(const AmWalk *walk)
{
	return walk->search->store->has_estimates &&
		(walk->filter->is_cheap || walk->asked < SEED_ROWS);
}

/* Landmarks to start from, as far as they have been chosen */
typedef struct WalkSeeds
{
	GraphCandidate items[SEEDS];	/* the farthest first, as in a heap */
	int			n;
} WalkSeeds;

/*
 * Choose landmarks of one page, until there are `most`; after that nearer ones
 * instead of others.
 */
static void
walk_choose_seeds(AmWalk *walk, const PageLandmark *landmarks, int n,
				  WalkSeeds *seeds, int most)
{
	for (int i = 0; i < n && walk->asked < SEED_QUESTIONS &&
		 walk->search->visits < walk->search->max_visits; i++)
	{
		GraphCandidate seed = {
			.distance = landmarks[i].estimate,
			.node = landmarks[i].node
		};

		if (seeds->n >= most &&
			(seed.distance >= seeds->items[0].distance ||
			 !walk_wants_nearest(walk)))
			continue;
		if (!walk_starts_from(walk, &landmarks[i].row))
			continue;
		if (seeds->n < most)
			graph_worst_push(seeds->items, seeds->n++, seed);
		else
			graph_worst_replace(seeds->items, seeds->n, seed);
	}
}

/* Choose landmarks from pages all over the list. */
static void
walk_find_seeds(AmWalk *walk, WalkSeeds *seeds)
{
	PageSpace  *space = walk->store->space;
	PageLandmark *landmarks = palloc(PAGE_MAX_LANDMARKS *
									 sizeof(PageLandmark));
	PageLandmarks some;

	page_landmark_sample(space, walk_wants_nearest(walk) ?
						 SEED_PAGES_NEAREST : SEED_PAGES, &some);
	for (uint32 i = 0; i < some.npages; i++)
	{
		int			n = page_landmark_read(space, some.pages[i],
										   &walk->store->query, landmarks);

		walk_choose_seeds(walk, landmarks, n, seeds,
						  walk_wants_nearest(walk) ? SEEDS :
						  (int) (SEEDS * (i + 1) / some.npages));
	}
	pfree(landmarks);
	pfree(some.pages);
}

/*
 * Start from landmarks that match, the nearest first as far as that is known;
 * their pages are asked for all at once.
 */
static void
walk_seed(AmWalk *walk)
{
	GraphStore *store = walk->search->store;
	WalkSeeds	seeds = {0};

	walk_find_seeds(walk, &seeds);
	graph_candidates_sort(seeds.items, seeds.n);
	for (int i = 0; i < seeds.n; i++)
		store->methods->prefetch(store, seeds.items[i].node);
	for (int i = 0; i < seeds.n; i++)
		graph_search_go_down(walk->search, seeds.items[i].node);
}

/* GraphFilter.doubted */
static float
walk_doubted(const AmWalk *walk)
{
	int			bits = walk->store->format->sketch_bits;

	return bits > 0 ? 1 - DOUBTED_ERROR / sqrtf((float) bits) : 1;
}

/*
 * GraphFilter.reach.  One match of a group may be far, and lead to another
 * group that is not.
 */
static float
walk_reach(const AmWalk *walk)
{
	GraphStore *store = walk->search->store;
	bool		farther = walk->graph_filter.crossing_reach == 0 ||
		(store->has_estimates && am_walk_sees_partly(walk));
	float		reach = farther ? REACH_FARTHER : REACH;

	if (!store->is_distance || walk->phase == WALK_STREWN)
		return 0;
	return 1 + (reach - 1) * walk->effort;
}

/* What is to be visited in a phase, and when to end it */
static void
walk_set_phase(AmWalk *walk, AmWalkPhase phase, GraphCrossing crossing,
			   int patience)
{
	GraphFilter *filter = &walk->graph_filter;
	bool		doubts = phase == WALK_DOUBTING || phase == WALK_DOUBTING_ALL;

	walk->phase = phase;
	filter->crossing = CROSS_ALL;
	filter->doubted = filter->reach = 0;
	filter->max_crossed = filter->max_dry = 0;
	if (filter->sure == 0)
		return;
	patience = walk_patience(walk, patience);
	filter->crossing = crossing;
	if (doubts)
	{
		filter->doubted = walk_doubted(walk);
		filter->max_dry = patience;
	}
	else
	{
		filter->reach = walk_reach(walk);
		filter->max_crossed = patience;
	}
}

/* Begin, or begin anew with more to be sure of. */
static void
walk_set_first_phase(AmWalk *walk)
{
	walk_set_phase(walk, WALK_MATCHING, CROSS_AT_MATCHES,
				   walk->filter->is_certain ? MAX_CROSSED : 0);
}

static void
walk_enter(AmWalk *walk, AmWalkPhase phase, GraphCrossing crossing,
		   int patience)
{
	walk_set_phase(walk, phase, crossing, patience);
	graph_search_set_filter(walk->search, &walk->graph_filter);
}

/* Had so many nodes other rows than edges said that these are doubtful? */
static bool
walk_is_misled(const AmWalk *walk)
{
	return walk->misled * MISLED_MAX > walk->search->visits;
}

/*
 * May there be matches that no other leads to?  Without a list nobody knows.
 * If one of those that count is by itself there are others strewn about near
 * the query, even if most are far and close together.
 */
static bool
walk_is_lonely(const AmWalk *walk)
{
	return walk->filter->is_cheap && !walk_is_misled(walk) &&
		(graph_search_has_lonely(walk->search) ||
		 !graph_search_is_connected(walk->search));
}

/* Has the search ended because nothing was found, where there may be such? */
static bool
walk_is_strewn(const AmWalk *walk)
{
	const GraphSearch *search = walk->search;

	return graph_search_is_tired(search) && walk_is_lonely(walk);
}

/* Are matches in groups that do not lead to each other? */
static bool
walk_is_grouped(const AmWalk *walk)
{
	return !graph_search_is_connected(walk->search) &&
		graph_search_is_grouped(walk->search);
}

/*
 * Give it up, if matches are in groups that lead nowhere and, once so many
 * more nodes are visited, the exact way is better.
 */
static void
walk_give_up(AmWalk *walk, int more)
{
	GraphSearch *search = walk->search;

	if (walk_is_strewn(walk) && walk_is_grouped(walk) &&
		search->visits + more > STREWN_BUDGET * *walk->budget)
		search->max_visits = search->visits;
}

/* How many more crossings in vain where matches are strewn about? */
static int
walk_more(const AmWalk *walk)
{
	return walk_patience(walk, graph_search_is_connected(walk->search) ?
						 MAX_CROSSED_LONELY : MAX_CROSSED_SPARSE);
}

/* Go on for longer where matches are strewn about. */
static void
walk_go_on(AmWalk *walk)
{
	if (!walk_is_grouped(walk))
	{
		/* all that waits is in its place */
		walk->phase = WALK_STREWN;
		walk->graph_filter.max_crossed += walk_more(walk);
		return;
	}
	walk_give_up(walk, 0);
	walk_enter(walk, WALK_STREWN, CROSS_NEARBY, MAX_CROSSED_STREWN);
}

/* How many crossings nearby may be in vain?  A look has made some of them. */
static int
walk_left_nearby(const AmWalk *walk)
{
	return Max(walk_patience(walk, MAX_CROSSED_NEARBY) - walk->looked, 0);
}

/* What was to be done in this phase is done. */
static void
walk_next_phase(AmWalk *walk)
{
	if (walk->phase == WALK_NEARBY && walk_is_strewn(walk))
	{
		walk_go_on(walk);
		return;
	}
	if (walk->phase == WALK_MATCHING)
	{
		/* to find none nearby either takes so many visits at least */
		walk_give_up(walk, walk_left_nearby(walk));
		walk_enter(walk, WALK_NEARBY, CROSS_NEARBY, MAX_CROSSED_NEARBY);
		walk->search->crossed = Min(walk->looked,
									walk->graph_filter.max_crossed);
		walk->looked = 0;
		return;
	}

	/* what edges say of rows is not to be relied on: see for ourselves */
	if ((walk->phase == WALK_NEARBY || walk->phase == WALK_STREWN) &&
		walk_is_misled(walk))
	{
		walk_enter(walk, WALK_DOUBTING, CROSS_AT_MATCHES, 0);
		return;
	}
	if (walk->phase == WALK_DOUBTING)
	{
		walk_enter(walk, WALK_DOUBTING_ALL, CROSS_NEARBY, MAX_DRY);
		return;
	}
	walk->phase = WALK_DONE;
}

/*
 * How many visits will the walk take yet, if it finds nothing more?  That is
 * known once enough matches have been found, and crossing may be in vain; not
 * where rows have to be asked, or matches are in groups.
 */
static int64
walk_rest(const AmWalk *walk)
{
	const GraphSearch *search = walk->search;
	const GraphFilter *filter = &walk->graph_filter;
	int64		rest = Max(filter->max_crossed - search->crossed, 0);

	if (walk->phase < WALK_MATCHING || walk->phase > WALK_STREWN ||
		!filter->asks_at_sight || filter->max_crossed == 0 ||
		search->sure.n < filter->sure)
		return PG_INT64_MAX;
	if (walk_is_lonely(walk))
	{
		if (walk_is_grouped(walk))
			return PG_INT64_MAX;
		if (walk->phase != WALK_STREWN)
			rest += walk_more(walk);
	}
	if (walk->phase == WALK_MATCHING)
		rest += walk_left_nearby(walk);
	return rest + graph_search_waiting(search);
}

/*
 * The visits allowed are used up.  Returns whether the walk is to go on none
 * the less: if the rest of it will take less than to begin with the exact way,
 * which would cost as much again.  If that turns out to be wrong, since it goes
 * on to find matches, the exact way follows after all.
 */
static bool
walk_overdraws(AmWalk *walk)
{
	GraphSearch *search = walk->search;

	if (search->visits >= walk->limit || walk->overdrawn)
		return false;
	walk->overdrawn = walk_rest(walk) < *walk->budget;
	search->max_visits = walk_allowed(walk);
	return walk->overdrawn;
}

/* Go down to layer 0, without the filter.  No budget ends this short way. */
bool
am_walk_descend(AmWalk *walk, int ef)
{
	GraphSearch *search = walk->search;
	int64		max_visits = search->max_visits;
	bool		found;

	search->max_visits = PG_INT64_MAX;
	found = graph_search_descend(search, 0, ef);
	search->max_visits = max_visits;
	return found;
}

/*
 * Begin to mind the filter, on layer 0.  What a look has seen there is of use,
 * unless rows are asked: it is forgotten then, since so many nodes near the
 * query would be asked in vain before the walk gets away from them.
 */
static void
walk_begin(AmWalk *walk, int ef)
{
	GraphSearch *search = walk->search;
	bool		looked = walk->phase == WALK_LOOKING;

	walk_hear_of_list(walk);
	walk_set_first_phase(walk);
	if (looked && walk->filter->is_cheap)
		walk->looked = graph_search_narrow(search, &walk->graph_filter, ef);
	else
	{
		if (looked)
			graph_search_begin_again(search, ef);
		graph_search_set_filter(search, &walk->graph_filter);
	}
	walk_seed(walk);
}

/*
 * Search for the ef nearest nodes that match.  Returns false if the search
 * has used up its max_visits: call again to go on, once there are more.
 */
bool
am_walk_run(AmWalk *walk, int ef)
{
	GraphSearch *search = walk->search;

	if (walk->phase == WALK_START || walk->phase == WALK_LOOKING)
	{
		if (walk->phase == WALK_START && !am_walk_descend(walk, ef))
		{
			walk->phase = WALK_DONE;
			return true;
		}
		walk_begin(walk, ef);
	}
	while (walk->phase != WALK_DONE)
	{
		graph_search_run(search);
		if (search->visits < search->max_visits)
			walk_next_phase(walk);
		else if (!walk_overdraws(walk))
			return false;
	}
	return true;
}

/*
 * Go on to the ef nearest, and be sure of so many rows, or of all (0): the
 * same way again, over what was seen.  Returns what am_walk_run() does.
 */
bool
am_walk_widen(AmWalk *walk, int ef, int sure)
{
	walk->graph_filter.sure = sure;
	walk->overdrawn = false;
	walk_set_first_phase(walk);
	graph_search_widen(walk->search, ef);
	return am_walk_run(walk, ef);
}
