/*-------------------------------------------------------------------------
 *
 * graph_bounds.h
 *	  How far a search goes: keys, penalties and bounds.
 *
 * A seen node waits for its visit with a key: its estimated distance or, if
 * it is known not to match the filter, that counted several times.  Bounds
 * say beyond which key a visit is of no use:
 *
 *	  search_bound			no node can become a result
 *	  search_reach			not even one that matches is of use
 *	  search_crossing_limit	one that does not match is not crossed
 *
 * Part of graph_search.c, which alone includes it: called for each edge.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRAPH_BOUNDS_H
#define GRAPH_BOUNDS_H

#include <float.h>

#include "graph/graph_search.h"

/*
 * The penalty, on squared distances, of nodes that do not match and are away
 * from matches, while the search keeps to these
 */
#define PENALTY_AWAY	4.0f

/*
 * If more edges than this have led to a node that does not match, it has to
 * be nearer: its estimate counts so many times
 */
#define MANY_EDGES		3
#define PENALTY_KNOWN	1.2f

/* Beyond this key nothing can become a result. */
static inline float
search_bound(const GraphSearch *search)
{
	if (search->results.n < search->ef)
		return FLT_MAX;
	return search->results.items[0].distance;
}

/* An estimate, counted `factor` times from where distances start */
static inline float
search_scaled(const GraphSearch *search, float estimate, float factor)
{
	float		base = search->store->is_distance ? 0 : search->nearest;

	if (estimate <= base)
		return estimate;
	return base + (estimate - base) * factor;
}

/*
 * Is the node known not to match?  There may be no filter any more by then.
 */
static inline bool
seen_is_refused(const GraphSearch *search, const GraphSeen *seen)
{
	return (seen->match == MATCH_NO || seen->match == MATCH_ALMOST) &&
		search->filter != NULL;
}

/* Do we keep to matches, and is this node away from them? */
static inline bool
seen_is_away(const GraphSearch *search, const GraphSeen *seen)
{
	return search->filter->crossing == CROSS_AT_MATCHES && !seen->at_match &&
		seen->match != MATCH_ALMOST;
}

/* Have so many edges led to the node that little is left to see from it? */
static inline bool
seen_is_known(const GraphSearch *search, const GraphSeen *seen)
{
	return search->filter->crossing != CROSS_ALL &&
		search->filter->doubted == 0 && seen->nestimates > MANY_EDGES;
}

/*
 * The estimate of a node that does not match, counted `usual` times, or more
 * where it is less likely to be of use
 */
static inline float
seen_penalised(const GraphSearch *search, const GraphSeen *seen, float usual)
{
	float		penalty = usual;

	if (seen_is_away(search, seen))
		penalty = PENALTY_AWAY;
	else if (search->filter->doubted > 0)
		penalty = search->filter->doubted;
	if (seen_is_known(search, seen))
		penalty *= PENALTY_KNOWN;
	return search_scaled(search, seen->estimate, penalty);
}

/* Where a seen node belongs in the frontier */
static pg_attribute_always_inline float
search_key(const GraphSearch *search, const GraphSeen *seen)
{
	if (!seen_is_refused(search, seen))
		return seen->estimate;
	return seen_penalised(search, seen, search->filter->penalty);
}

/* The farthest of the results to be sure of, once there are so many */
static inline float
search_sure_bound(const GraphSearch *search)
{
	if (search->sure.n == 0 || search->sure.n < search->filter->sure)
		return FLT_MAX;
	return search->sure.items[0].distance;
}

/*
 * So many times that distance.  (Where distances are not squared ones they are
 * scaled from the nearest that was met.)
 */
static inline float
search_beyond_sure(const GraphSearch *search, float factor)
{
	float		sure = search_sure_bound(search);

	return sure == FLT_MAX ? FLT_MAX : search_scaled(search, sure, factor);
}

/* How far beyond them are nodes that do not match crossed? */
static inline float
search_crossing_reach(const GraphSearch *search)
{
	float		reach = search->filter->crossing_reach;

	return reach > 0 ? reach : 1;
}

/* Beyond this key not even a node that matches is of use. */
static inline float
search_reach(const GraphSearch *search)
{
	const GraphFilter *filter = search->filter;
	float		bound = search_bound(search);
	float		reach;

	if (filter == NULL || filter->reach == 0 ||
		search->least.n < filter->least)
		return bound;
	reach = search_beyond_sure(search, filter->reach);
	if (filter->least > 0)
		reach = Max(reach, search->least.items[0].distance);
	return Min(bound, reach);
}

/* Is it worth while to visit a seen node with this key? */
static pg_attribute_always_inline bool
search_wants(const GraphSearch *search, const GraphSeen *seen, float key)
{
	if (seen_is_refused(search, seen) &&
		search->filter->crossing != CROSS_ALL)
		return seen_penalised(search, seen, 1) <=
			search_beyond_sure(search, search_crossing_reach(search));
	return key <= search_reach(search);
}

/* Is none to be crossed for now? */
static inline bool
search_pauses(const GraphSearch *search)
{
	return graph_search_is_tired(search) &&
		search_sure_bound(search) < FLT_MAX;
}

/* Beyond this key no node is worth being crossed. */
static inline float
search_crossing_limit(const GraphSearch *search)
{
	const GraphFilter *filter = search->filter;

	if (filter->crossing == CROSS_ALL)
		return search_bound(search);
	if (search_pauses(search))
		return -FLT_MAX;
	return search_beyond_sure(search, filter->penalty *
							  search_crossing_reach(search));
}

#endif							/* GRAPH_BOUNDS_H */
