/*-------------------------------------------------------------------------
 *
 * graph_search.c
 *	  Best-first search over one layer, resumable.
 *
 * A node is first *seen*, when an edge of a visited node leads to it: it
 * waits in the frontier, a heap ordered by estimated distance.  It is then
 * *visited*: the store reads it, which yields its own distance and its
 * edges.  Live visited nodes compete for the ef places among the results.
 *
 *	  take the frontier's nearest node
 *	  stop if the results are full and it is beyond the farthest of them
 *	  visit it: results get it, the frontier gets its unseen neighbors
 *
 * Neighbors that the store keeps in one place with the visited node, its mates,
 * are cheaper to visit now than later: those that are near enough to be results
 * need not wait for their turn.
 *
 * Nothing that was seen is thrown away: neighbors too far to matter for now
 * are parked, nodes not worth a visit set aside, results pushed out by nearer
 * ones spared.  To resume with a larger ef, graph_search_widen() puts all of
 * these back.
 *
 * With a filter, the search asks whether a node matches when its turn comes,
 * before it is visited.  One that does not match is put back with a penalty:
 * it is a way for want of a better one, and never a result.  It is crossed to
 * see neighbors that nobody has seen, so
 *
 *	  it has to be nearer than the few nearest results that count, not than
 *	  all that are held;
 *	  one that several edges have led to has to be nearer still: what is
 *	  around it has mostly been seen from there;
 *	  now and then a match has to be found that way.
 *
 * Matches themselves are worth a visit if they are not much farther than
 * those few, within reach: they lead to nearer ones, and estimates err.
 * A node may match almost (a list allows it, its row does not): it is no
 * result, and crossed as others are, but what it has edges to counts as next
 * to a match.
 *
 * Visiting a node tells for certain whether it matches.  Where the filter
 * doubts what it is told before, any that is as near as that may be visited.
 *
 * A store without estimates cannot tell a neighbor's distance before it is
 * visited.  Neighbors are then visited (scored) at once and wait in the
 * frontier for their edges to be followed (expanded): the classic search.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "graph/graph_bounds.h"

/*
 * Nodes that may be seen to begin with, and slots of the table that leads to
 * them: at least two a node.  (Four times as many as a usual search sees: what
 * is looked up is mostly found, or not there, in the first slot.  A tenth of
 * a filtered search's time, a twentieth of another's.)
 */
#define SEEN_NODES		4096
#define SEEN_SLOTS		16384
#define FRONTIER_ITEMS	1024

/* Expansions without gain that end an unfiltered search: ef, but at least */
#define LEAST_DRY	32

/*
 * Matching nodes with less edges to other ones than this, on average, are in
 * small groups that do not lead to each other (SIFT, 1 %: ranges of far
 * vectors 8, the greatest `response` 2.2), or by themselves (drawn by lot .4)
 */
#define MATCH_EDGES		5

/* In groups, neighbors match so many times as often as whatever was seen. */
#define GROUPED			1.7

static void *
search_grow(GraphSearch *search, void *old, Size size)
{
	return search->store->methods->grow(search->store, old, size);
}

/* Allocate what a search needs; the memory is that of the store. */
void
graph_search_create(GraphSearch *search, GraphStore *store,
					GraphResume resume)
{
	int			n = store->max_edges;

	memset(search, 0, sizeof(*search));
	search->store = store;
	search->resumable = resume == SEARCH_RESUMABLE;
	search->max_visits = PG_INT64_MAX;
	search->seen = search_grow(search, NULL, SEEN_NODES * sizeof(GraphSeen));
	search->seen_size = SEEN_NODES;
	search->slots = search_grow(search, NULL,
								SEEN_SLOTS * sizeof(GraphSeenSlot));
	memset(search->slots, 0, SEEN_SLOTS * sizeof(GraphSeenSlot));
	search->slot_mask = SEEN_SLOTS - 1;
	search->edges.nodes = search_grow(search, NULL, n * sizeof(GraphNode));
	search->edges.rows = search_grow(search, NULL, n * sizeof(uint64));
	search->edges.estimates = search_grow(search, NULL, n * sizeof(float));
	search->edges.mates = search_grow(search, NULL, n * sizeof(int));
	search->mates = search_grow(search, NULL, n * sizeof(uint32));
}

/* Start anew, on a layer, with nothing seen. */
void
graph_search_begin(GraphSearch *search, int layer, int ef)
{
	search->layer = layer;
	search->ef = ef;
	search->frontier.n = 0;
	search->crossings.n = 0;
	search->parked.n = 0;
	search->aside.n = 0;
	search->results.n = 0;
	search->spare.n = 0;
	search->sure.n = 0;
	search->least.n = 0;
	search->has_dying = false;
	search->nearest = FLT_MAX;
	search->last_gain = search->last_sure = search->expansions;
	search->crossed = 0;
	search->rejected = 0;
	search->matches = 0;
	search->match_neighbors = 0;
	search->match_edges = 0;
	search->nseen = 0;
	if (++search->generation == 0)
	{
		/* wrapped around: old marks would look new */
		memset(search->slots, 0,
			   (search->slot_mask + (Size) 1) * sizeof(GraphSeenSlot));
		search->generation = 1;
	}
}

/* The node's slot, or the empty one where it belongs. */
static inline GraphSeenSlot *
seen_slot(const GraphSearch *search, GraphNode node)
{
	uint32		i = graph_node_hash(node) & search->slot_mask;

	while (search->slots[i].generation == search->generation &&
		   search->slots[i].node != node)
		i = (i + 1) & search->slot_mask;
	return &search->slots[i];
}

/* Twice as many slots, all of them filled in anew */
static void
seen_enlarge_slots(GraphSearch *search)
{
	Size		nslots = ((Size) search->slot_mask + 1) * 2;

	search->slots = search_grow(search, search->slots,
								nslots * sizeof(GraphSeenSlot));
	memset(search->slots, 0, nslots * sizeof(GraphSeenSlot));
	search->slot_mask = (uint32) (nslots - 1);
	search->generation = 1;
	for (uint32 i = 0; i < search->nseen; i++)
	{
		GraphSeenSlot *slot = seen_slot(search, search->seen[i].node);

		slot->node = search->seen[i].node;
		slot->index = i;
		slot->generation = search->generation;
	}
}

/* Make room for twice as many nodes. */
static void
seen_enlarge(GraphSearch *search)
{
	search->seen_size *= 2;
	search->seen = search_grow(search, search->seen,
							   search->seen_size * sizeof(GraphSeen));
	if (search->slot_mask + (Size) 1 < (Size) search->seen_size * 2)
		seen_enlarge_slots(search);
}

/*
 * Index of the node among those seen.  *is_new tells whether it was added,
 * with nothing but its name filled in.
 */
static inline uint32
seen_lookup(GraphSearch *search, GraphNode node, bool *is_new)
{
	GraphSeenSlot *slot = seen_slot(search, node);
	GraphSeen  *seen;

	*is_new = slot->generation != search->generation;
	if (!*is_new)
		return slot->index;
	if (search->nseen == search->seen_size)
	{
		seen_enlarge(search);
		slot = seen_slot(search, node);
	}
	slot->node = node;
	slot->index = search->nseen;
	slot->generation = search->generation;
	seen = &search->seen[search->nseen];
	seen->node = node;
	seen->row = 0;
	seen->scored = false;
	seen->expanded = false;
	seen->match = MATCH_UNKNOWN;
	seen->at_match = false;
	seen->lonely = false;
	seen->estimate = FLT_MAX;
	seen->nestimates = 0;
	return search->nseen++;
}

/* The node, if it was seen, otherwise NULL. */
static inline GraphSeen *
seen_find(const GraphSearch *search, GraphNode node)
{
	const GraphSeenSlot *slot = seen_slot(search, node);

	return slot->generation == search->generation ?
		&search->seen[slot->index] : NULL;
}

bool
graph_search_has_seen(const GraphSearch *search, GraphNode node)
{
	return seen_find(search, node) != NULL;
}

/*
 * Make room for one more in an array of n; `first` is how many it is to hold
 * to begin with.  Returns where the array is then.
 */
static inline void *
search_reserve(GraphSearch *search, void *items, int n, int *size, int first,
			   Size width)
{
	if (n < *size)
		return items;
	*size = *size ? *size * 2 : first;
	return search_grow(search, items, *size * width);
}

static inline void
candidates_reserve(GraphSearch *search, GraphCandidates *c)
{
	c->items = search_reserve(search, c->items, c->n, &c->size, 128,
							  sizeof(GraphCandidate));
}

/* Keep an edge for later, if there is to be a later. */
static void
search_park(GraphSearch *search, const GraphParked *edge)
{
	GraphParking *parked = &search->parked;

	if (!search->resumable)
		return;
	parked->items = search_reserve(search, parked->items, parked->n,
								   &parked->size, FRONTIER_ITEMS,
								   sizeof(GraphParked));
	parked->items[parked->n++] = *edge;
}

/* The same with a seen node. */
static void
search_set_aside(GraphSearch *search, uint32 index)
{
	GraphIndexes *aside = &search->aside;

	if (!search->resumable)
		return;
	aside->items = search_reserve(search, aside->items, aside->n,
								  &aside->size, FRONTIER_ITEMS,
								  sizeof(uint32));
	aside->items[aside->n++] = index;
}

/* Where does what is best to visit next wait?  NULL if nothing is worth it. */
static inline GraphItems *
search_next(GraphSearch *search)
{
	GraphItems *frontier = &search->frontier;
	GraphItems *crossings = &search->crossings;
	GraphItems *next = NULL;

	if (frontier->n > 0 && frontier->items[0].key <= search_reach(search))
		next = frontier;

	/* without a filter there are none */
	if (crossings->n > 0 &&
		crossings->items[0].key <= search_crossing_limit(search) &&
		(next == NULL || crossings->items[0].key < next->items[0].key))
		next = crossings;
	return next;
}

/*
 * Let a seen node wait for a visit or, if it is too far, aside.  (There as
 * well while none are crossed: mostly they never will be, and to keep a heap
 * of them would be dearer than to leave out some where a match is found.)
 */
static inline void
search_enqueue(GraphSearch *search, uint32 index, float key)
{
	GraphSeen  *seen = &search->seen[index];
	GraphItems *items = seen_is_refused(search, seen) ?
		&search->crossings : &search->frontier;
	GraphHeapItem item;

	if (!search_wants(search, seen, key) ||
		(items == &search->crossings && search_pauses(search)))
	{
		search_set_aside(search, index);
		return;
	}
	item.key = key;
	item.index = index;
	items->items = search_reserve(search, items->items, items->n,
								  &items->size, FRONTIER_ITEMS,
								  sizeof(GraphHeapItem));
	graph_heap_push(items->items, items->n++, item);
}

/*
 * Take one more estimate of a node's distance into account: the mean of
 * several errs less than each, whereas the least of them errs by what noise
 * did most.  Returns whether the node must be queued: it is new or nearer than
 * it was thought to be.  One that is farther stays where it is, and is moved
 * when its turn comes.
 */
static inline bool
seen_estimate(GraphSeen *seen, float estimate)
{
	float		before = seen->estimate;

	if (before == -FLT_MAX)
		return false;			/* a seed's turn comes first anyway */
	if (seen->nestimates == 0)
		seen->estimate = estimate;
	else
		seen->estimate += (estimate - seen->estimate) /
			(seen->nestimates + 1);
	if (seen->nestimates < PG_UINT16_MAX)
		seen->nestimates++;
	return seen->estimate < before;
}

/*
 * Ask whether a node matches, unless nobody can tell before it is visited.
 * Returns whether it has turned out not to.
 */
static bool
search_rejects(GraphSearch *search, GraphSeen *seen, float estimate)
{
	const GraphFilter *filter = search->filter;

	if ((seen->match != MATCH_UNKNOWN && seen->match != MATCH_MAYBE) ||
		seen->row == 0)
		return false;
	seen->match = filter->matches(filter->arg, seen->row);
	if (seen->match == MATCH_YES)
	{
		if (estimate <= search_sure_bound(search))
			search->crossed = 0;
		return false;
	}
	search->rejected += seen->match == MATCH_NO;
	return true;
}

/* Learn what can be known of a node's row at once. */
static inline void
search_ask_at_sight(GraphSearch *search, GraphSeen *seen, float estimate)
{
	const GraphFilter *filter = search->filter;

	if (filter->asks_at_sight)
		search_rejects(search, seen, estimate);
	else if (filter->allows && seen->row != 0)
	{
		seen->match = filter->allows(filter->arg, seen->row) ?
			MATCH_MAYBE : MATCH_NO;
		search->rejected += seen->match == MATCH_NO;
	}
}

/* Put a node back that does not match.  Returns whether that was done. */
static bool
search_put_back(GraphSearch *search, uint32 index)
{
	GraphSeen  *seen = &search->seen[index];

	if (!search_rejects(search, seen, seen->estimate))
		return false;
	search_enqueue(search, index, search_key(search, seen));
	return true;
}

/* A visited live node competes for a place among the results. */
static void
search_offer(GraphSearch *search, GraphCandidate candidate)
{
	GraphCandidates *results = &search->results;
	GraphCandidate loser = candidate;

	if (results->n < search->ef)
	{
		candidates_reserve(search, results);
		graph_worst_push(results->items, results->n++, candidate);
		search->last_gain = search->expansions;
		return;
	}
	if (candidate.distance < results->items[0].distance)
	{
		loser = results->items[0];
		graph_worst_replace(results->items, results->n, candidate);
		search->last_gain = search->expansions;
	}
	if (!search->resumable)
		return;
	candidates_reserve(search, &search->spare);
	search->spare.items[search->spare.n++] = loser;
}

/* A node competes for a place among the nearest so many. */
static bool
search_enters(GraphSearch *search, GraphCandidates *nearest, int size,
			  GraphCandidate candidate)
{
	if (nearest->n < size)
	{
		candidates_reserve(search, nearest);
		graph_worst_push(nearest->items, nearest->n++, candidate);
		return true;
	}
	if (size == 0 || candidate.distance >= nearest->items[0].distance)
		return false;
	graph_worst_replace(nearest->items, nearest->n, candidate);
	return true;
}

/* A matching node competes for a place among those that count more. */
static void
search_offer_match(GraphSearch *search, GraphCandidate candidate)
{
	const GraphFilter *filter = search->filter;

	search_enters(search, &search->least, filter->least, candidate);
	if (search_enters(search, &search->sure, filter->sure, candidate))
	{
		search->last_sure = search->expansions;
		search->crossed = 0;
	}
}

/* Does a visited live node match?  It tells, whatever an edge said. */
static bool
search_accepts(GraphSearch *search, GraphSeen *seen, uint32 payload)
{
	const GraphFilter *filter = search->filter;

	if (filter == NULL)
		return true;
	if (filter->accepts(filter->arg, payload, seen->row))
		seen->match = MATCH_YES;
	else if (seen->match != MATCH_ALMOST)
		seen->match = MATCH_NO;
	return seen->match == MATCH_YES;
}

/* Record what a visit told of a seen node. */
static void
search_score(GraphSearch *search, GraphVisit visit, GraphSeen *seen,
			 GraphCandidate candidate)
{
	const GraphFilter *filter = search->filter;

	seen->scored = true;
	search->nearest = Min(search->nearest, candidate.distance);
	if (visit == VISIT_LIVE &&
		search_accepts(search, seen, candidate.payload))
	{
		if (filter && filter->crossing != CROSS_ALL)
			search_offer_match(search, candidate);
		search_offer(search, candidate);
	}
	else if (visit == VISIT_DYING &&
			 (!search->has_dying ||
			  candidate.distance < search->dying.distance))
	{
		search->dying = candidate;
		search->has_dying = true;
	}
}

/*
 * Learn the distance of a neighbor by visiting it, for want of an estimate.
 */
static void
search_score_neighbor(GraphSearch *search, const GraphParked *edge)
{
	GraphCandidate candidate;
	GraphVisit	visit;
	bool		is_new;
	uint32		index = seen_lookup(search, edge->node, &is_new);

	if (!is_new)
		return;
	candidate.node = edge->node;
	search->seen[index].row = edge->row;
	search->seen[index].at_match = edge->at_match;
	visit = search->store->methods->visit(search->store, search->layer,
										  &candidate, NULL);
	search->visits++;
	if (visit == VISIT_GONE)
	{
		search->seen[index].expanded = true;
		return;
	}
	seen_estimate(&search->seen[index], candidate.distance);
	search_score(search, visit, &search->seen[index], candidate);
	search_enqueue(search, index, candidate.distance);
}

/*
 * Take an edge into account that is not too long.  (Most of a search's time is
 * spent here; left to itself the compiler calls it, which takes 7 % more.)
 */
static pg_attribute_always_inline void
search_take_edge(GraphSearch *search, const GraphParked *edge)
{
	bool		is_new;
	bool		is_better;
	uint32		index = seen_lookup(search, edge->node, &is_new);
	GraphSeen  *seen = &search->seen[index];

	if (is_new)
	{
		seen->row = edge->row;
		if (search->filter)
			search_ask_at_sight(search, seen, edge->estimate);
	}
	if (edge->at_match)
	{
		search->match_neighbors++;
		search->match_edges += seen->match >= MATCH_MAYBE;
	}
	if (seen->expanded)
		return;
	is_better = seen_estimate(seen, edge->estimate);
	if (edge->at_match && !seen->at_match)
	{
		seen->at_match = true;
		is_better |= seen_is_refused(search, seen);
	}
	if (is_better)
		search_enqueue(search, index, search_key(search, seen));
}

/* See a neighbor whose distance the edge estimates. */
static pg_attribute_always_inline void
search_see_neighbor(GraphSearch *search, const GraphParked *edge)
{
	/* most are too far once the results are full: do not even look them up */
	if (edge->estimate > search_bound(search))
		search_park(search, edge);
	else
		search_take_edge(search, edge);
}

/*
 * Fetch the slots of all neighbors before the first is needed: they lie all
 * over the table, which is larger than the nearest cache.
 */
static inline void
seen_prefetch(const GraphSearch *search)
{
	const GraphEdges *edges = &search->edges;

	for (int i = 0; i < edges->n; i++)
		__builtin_prefetch(&search->slots[graph_node_hash(edges->nodes[i]) &
										  search->slot_mask]);
}

/* Visit a seen node and see its neighbors.  Returns how far away it is. */
static float
search_follow(GraphSearch *search, uint32 index)
{
	GraphStore *store = search->store;
	GraphEdges *edges = &search->edges;
	GraphCandidate candidate;
	GraphMatch	match;
	GraphVisit	visit;
	int64		match_edges;

	candidate.node = search->seen[index].node;
	search->seen[index].expanded = true;
	edges->nmates = 0;
	visit = store->methods->visit(store, search->layer, &candidate, edges);
	search->visits++;
	search->expansions++;
	if (visit == VISIT_GONE)
		return FLT_MAX;
	if (!search->seen[index].scored)
		search_score(search, visit, &search->seen[index], candidate);
	match = search->seen[index].match;
	if (match >= MATCH_ALMOST && store->has_estimates)
		search->matches++;
	if (seen_is_refused(search, &search->seen[index]))
		search->crossed++;
	match_edges = search->match_edges;
	seen_prefetch(search);
	for (int i = 0; i < edges->n; i++)
	{
		GraphParked edge;

		edge.node = edges->nodes[i];
		edge.row = edges->rows[i];
		edge.estimate = store->has_estimates ? edges->estimates[i] : 0;
		edge.at_match = match >= MATCH_ALMOST;
		if (store->has_estimates)
			search_see_neighbor(search, &edge);
		else
			search_score_neighbor(search, &edge);
	}
	search->seen[index].lonely = store->has_estimates &&
		match == MATCH_YES && !search->seen[index].at_match &&
		search->match_edges == match_edges;
	return candidate.distance;
}

/*
 * Which mates of a node that was just visited were near enough to be seen?
 * They are put into search->mates, nearest first.  Returns how many they are.
 */
static int
search_find_mates(GraphSearch *search)
{
	const GraphEdges *edges = &search->edges;
	const GraphSeen *seen = search->seen;
	uint32	   *mates = search->mates;
	int			n = 0;

	for (int i = 0; i < edges->nmates; i++)
	{
		const GraphSeen *mate = seen_find(search,
										  edges->nodes[edges->mates[i]]);
		int			at = n;

		if (mate == NULL)
			continue;
		for (; at > 0 && seen[mates[at - 1]].estimate > mate->estimate; at--)
			mates[at] = mates[at - 1];
		mates[at] = mate - seen;
		n++;
	}
	return n;
}

/*
 * Is a mate worth a visit before its turn?  As long as anything is near enough
 * to be a result, only if it is nearer than the node visited.
 */
static bool
search_wants_mate(GraphSearch *search, uint32 index, float distance)
{
	GraphSeen  *seen = &search->seen[index];
	float		reach = search_reach(search);
	float		key;

	if (seen->expanded ||
		seen->estimate > (reach < FLT_MAX ? reach : distance))
		return false;
	if (search->filter)
		search_rejects(search, seen, seen->estimate);
	if (!seen_is_refused(search, seen))
		return true;
	key = search_key(search, seen);
	return key <= search_crossing_limit(search) &&
		search_wants(search, seen, key);
}

/* Visit a seen node, and mates of it that are worth it. */
static void
search_expand(GraphSearch *search, uint32 index)
{
	float		distance = search_follow(search, index);
	int			nmates;

	if (search->edges.nmates == 0)
		return;
	nmates = search_find_mates(search);
	for (int i = 0; i < nmates && search->visits < search->max_visits; i++)
	{
		if (search_wants_mate(search, search->mates[i], distance))
			search_follow(search, search->mates[i]);
	}
	search->store->methods->leave(search->store);
}

/* Visit a seen node, but none of its mates. */
static float
search_follow_alone(GraphSearch *search, uint32 index)
{
	float		distance = search_follow(search, index);

	if (search->edges.nmates > 0)
		search->store->methods->leave(search->store);
	return distance;
}

/* Have a node visited first, whatever its distance. */
void
graph_search_seed(GraphSearch *search, GraphNode node)
{
	bool		is_new;
	uint32		index = seen_lookup(search, node, &is_new);

	if (!is_new)
		return;
	search->seen[index].estimate = -FLT_MAX;
	search_enqueue(search, index, -FLT_MAX);
}

/*
 * Is it worth while to go down any farther from a node that is so much nearer
 * than the one before?  Steps get smaller: it is not if one like that does not
 * lead to where results are that count.
 */
static bool
search_goes_down(const GraphSearch *search, float distance, float gain)
{
	return distance - gain <= search_sure_bound(search);
}

/*
 * The nearest neighbor of the node just visited that may match and is nearer
 * than so much, by its estimate.  Returns NULL if none is, of those not
 * visited yet.
 */
static GraphSeen *
search_way_down(GraphSearch *search, float distance)
{
	const GraphEdges *edges = &search->edges;
	GraphSeen  *nearest = NULL;

	for (int i = 0; i < edges->n; i++)
	{
		GraphSeen  *seen = seen_find(search, edges->nodes[i]);

		if (seen == NULL || seen->expanded || seen->estimate >= distance)
			continue;
		if (seen->match == MATCH_UNKNOWN)
			search_rejects(search, seen, seen->estimate);
		if (seen->match < MATCH_MAYBE)
			continue;
		nearest = seen;
		distance = seen->estimate;
	}
	return nearest;
}

/*
 * Visit a node that may match, and from there go down, from one such node to
 * the next, until none that it leads to is nearer.  What is seen on the way
 * waits for its turn.  So a search that begins in several places learns what
 * each of them is good for, and not only of that which it happens to meet the
 * nearest node of first.
 */
void
graph_search_go_down(GraphSearch *search, GraphNode node)
{
	bool		is_new;
	uint32		index = seen_lookup(search, node, &is_new);
	GraphSeen  *next = &search->seen[index];
	float		before = FLT_MAX;

	if (is_new)
		next->estimate = -FLT_MAX;
	while (next && !next->expanded && search->visits < search->max_visits)
	{
		float		distance = search_follow_alone(search,
													next - search->seen);

		if (distance >= before ||
			!search_goes_down(search, distance, before - distance))
			break;
		before = distance;
		next = search_way_down(search, distance);
	}
}

/* Is one of the results to be sure of by itself? */
bool
graph_search_has_lonely(const GraphSearch *search)
{
	for (int i = 0; i < search->sure.n; i++)
	{
		if (seen_find(search, search->sure.items[i].node)->lonely)
			return true;
	}
	return false;
}

/* Do matching nodes lead to others? */
bool
graph_search_is_connected(const GraphSearch *search)
{
	return search->match_edges >= MATCH_EDGES * search->matches;
}

/* Are they more often next to each other than by chance? */
bool
graph_search_is_grouped(const GraphSearch *search)
{
	double		expected = search->match_neighbors *
		(1 - search->rejected / Max(search->nseen, 1.0));

	return search->match_edges > GROUPED * expected;
}

/* Has crossing been in vain for too long? */
bool
graph_search_is_tired(const GraphSearch *search)
{
	int			max_crossed = search->filter->max_crossed;

	return max_crossed > 0 && search->crossed > max_crossed;
}

/*
 * Has the search gone too long without finding anything?  Where all distances
 * are much the same, and sketches tell them apart worse than chance would,
 * there is always one more node that might be near.
 */
bool
graph_search_is_dry(const GraphSearch *search)
{
	const GraphFilter *filter = search->filter;

	if (filter == NULL)
		return search->results.n >= search->ef &&
			search->expansions - search->last_gain >
			Max(search->ef, LEAST_DRY);
	return filter->max_dry > 0 && search->sure.n == filter->sure &&
		search->expansions - search->last_sure > filter->max_dry;
}

/*
 * Tell the store what will most likely be visited after the next node: what
 * lies at the front of the heap.
 */
static inline void
search_prefetch(GraphSearch *search, const GraphItems *items)
{
	GraphStore *store = search->store;
	int			n = Min(items->n, store->ahead);

	for (int i = 0; i < n; i++)
		store->methods->prefetch(store,
								 search->seen[items->items[i].index].node);
}

/* Search until the results cannot be improved by what is known. */
void
graph_search_run(GraphSearch *search)
{
	while (search->visits < search->max_visits)
	{
		GraphItems *items = search_next(search);
		GraphHeapItem top;
		GraphSeen  *seen;
		float		key;

		if (items == NULL || graph_search_is_dry(search))
			break;
		top = graph_heap_pop(items->items, items->n--);
		seen = &search->seen[top.index];
		if (seen->expanded)
			continue;
		key = search_key(search, seen);
		if (key > top.key ||
			(items == &search->frontier && seen_is_refused(search, seen)))
		{
			search_enqueue(search, top.index, key);
			continue;
		}
		if (search->filter && search_put_back(search, top.index))
			continue;
		if (!search_wants(search, seen, key))
		{
			search_set_aside(search, top.index);
			continue;
		}
		search_prefetch(search, items);
		search_expand(search, top.index);
	}
}

/*
 * Let a parked edge wait in the frontier, if it still is not too far.  Returns
 * false if it is; to a node that was seen it counts none the less.
 */
static bool
search_unpark_edge(GraphSearch *search, const GraphParked *edge)
{
	if (edge->estimate > search_bound(search) &&
		!graph_search_has_seen(search, edge->node))
		return false;
	search_take_edge(search, edge);
	return true;
}

/* Put parked edges into the frontier, as far as there is room for more now. */
static void
search_unpark(GraphSearch *search)
{
	GraphParking *parked = &search->parked;
	int			kept = 0;

	for (int i = 0; i < parked->n; i++)
	{
		if (!search_unpark_edge(search, &parked->items[i]))
			parked->items[kept++] = parked->items[i];
	}
	parked->n = kept;
}

/* Put nodes into the frontier that may be worth a visit now. */
static void
search_take_up(GraphSearch *search)
{
	GraphIndexes *aside = &search->aside;
	int			n = aside->n;

	/* what is set aside again goes to a place that has been read */
	aside->n = 0;
	for (int i = 0; i < n; i++)
	{
		uint32		index = aside->items[i];
		const GraphSeen *seen = &search->seen[index];

		if (!seen->expanded)
			search_enqueue(search, index, search_key(search, seen));
	}
}

/* The filter may be to be sure of more by now: they are among the results. */
static void
search_choose_sure(GraphSearch *search)
{
	const GraphFilter *filter = search->filter;

	if (filter == NULL || filter->crossing == CROSS_ALL)
		return;
	search->sure.n = 0;
	search->least.n = 0;
	for (int i = 0; i < search->results.n; i++)
		search_offer_match(search, search->results.items[i]);
	search->last_sure = search->expansions;
	search->crossed = 0;
}

/*
 * Go on with room for more results, and to be sure of as many as the filter
 * says now; run the search again afterwards.
 */
void
graph_search_widen(GraphSearch *search, int ef)
{
	GraphCandidates spare = search->spare;

	Assert(search->resumable);
	search->ef = ef;
	/* the list is filled anew with what still does not fit */
	memset(&search->spare, 0, sizeof(search->spare));
	graph_candidates_sort(spare.items, spare.n);
	for (int i = 0; i < spare.n; i++)
		search_offer(search, spare.items[i]);
	if (spare.items)
		search_grow(search, spare.items, 0);
	search_choose_sure(search);
	search_unpark(search);
	search_take_up(search);
}

/* Work the keys of what waits out anew. */
static void
search_sort_anew(GraphSearch *search, GraphItems *items)
{
	int			n = items->n;

	items->n = 0;
	for (int i = 0; i < n; i++)
	{
		uint32		index = items->items[i].index;
		const GraphSeen *seen = &search->seen[index];

		/* goes to a place before the one it is taken from, or to that */
		if (!seen->expanded)
			search_enqueue(search, index, search_key(search, seen));
	}
}

/*
 * Go on with another filter, or another way of crossing.  Edges stay parked,
 * since there is no more room.
 */
void
graph_search_set_filter(GraphSearch *search, const GraphFilter *filter)
{
	search->filter = filter;
	search->last_gain = search->last_sure = search->expansions;
	search->crossed = 0;
	/* the frontier may have some for the other, but not the other way round */
	search_sort_anew(search, &search->frontier);
	search_sort_anew(search, &search->crossings);
	search_take_up(search);
}

/*
 * Spare all nodes that were visited, if they match; and visit these once more,
 * for now their edges lead to what is next to a match.
 */
static void
search_keep_matches(GraphSearch *search)
{
	GraphCandidates *results = &search->results;
	GraphCandidates *spare = &search->spare;
	int			kept = 0;

	for (int i = 0; i < results->n; i++)
	{
		candidates_reserve(search, spare);
		spare->items[spare->n++] = results->items[i];
	}
	results->n = 0;
	for (int i = 0; i < spare->n; i++)
	{
		GraphCandidate visited = spare->items[i];

		if (search_accepts(search, seen_find(search, visited.node),
						   visited.payload))
			spare->items[kept++] = visited;
	}
	spare->n = kept;
	for (int i = 0; i < kept && search->visits < search->max_visits; i++)
		search_follow_alone(search, seen_find(search, spare->items[i].node) -
							search->seen);
}

/*
 * Go on with a filter, where there was none, for ef results.  What was seen and
 * visited counts as far as it matches.  Returns how many nodes were visited
 * that do not.
 */
int
graph_search_narrow(GraphSearch *search, const GraphFilter *filter, int ef)
{
	int			visited = search->results.n + search->spare.n;

	search->filter = filter;
	for (uint32 i = 0; i < search->nseen; i++)
	{
		GraphSeen  *seen = &search->seen[i];

		if (!seen->expanded)
			search_ask_at_sight(search, seen, seen->estimate);
	}
	search_keep_matches(search);
	visited -= search->spare.n;
	graph_search_widen(search, ef);
	search_sort_anew(search, &search->frontier);
	return visited;
}

/* How many nodes wait that are near enough to be visited? */
int
graph_search_waiting(const GraphSearch *search)
{
	float		reach = search_reach(search);
	int			n = 0;

	for (int i = 0; i < search->frontier.n; i++)
		n += search->frontier.items[i].key <= reach;
	return n;
}

/* Has everything that can be reached been visited? */
bool
graph_search_exhausted(const GraphSearch *search)
{
	return search->frontier.n == 0 && search->crossings.n == 0 &&
		search->parked.n == 0 && search->aside.n == 0;
}

/* Sort nearest first (heap sort: no recursion, no qsort() of the server's) */
void
graph_candidates_sort(GraphCandidate *candidates, int n)
{
	for (int i = 1; i < n; i++)
		graph_worst_push(candidates, i, candidates[i]);
	while (n > 1)
	{
		GraphCandidate worst = candidates[0];

		n--;
		graph_worst_replace(candidates, n, candidates[n]);
		candidates[n] = worst;
	}
}
