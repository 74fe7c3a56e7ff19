/*-------------------------------------------------------------------------
 *
 * page_repair.c
 *	  Mending the edges of nodes that lose a neighbor to vacuum.
 *
 * No search, as a rule: what a dying neighbor led to takes its place.  The
 * candidates for a node are what its dying neighbors' edges lead to (and,
 * while those are too few, what dying neighbors of theirs lead to).  The
 * sketches on the dying node's page estimate how far each is, without a
 * visit; the nearest are visited, and offered to the node as an insert would
 * offer a new node, by the rule of page_link.c.
 *
 * The nearest alone would wear the graph out where rows come and go for long:
 * edges between its clusters are rare, no insert makes new ones once clusters
 * are larger than an edge list, and each dies with either of its ends.  So
 * two kinds of *heirs* are offered as well, last, since they are to get in
 * only if the rule finds them diverse:
 *
 *	  of a dying neighbor to which a diverse edge led, the nearest of those it
 *	  leads to: it stands where the dying one stood, perhaps far from here;
 *	  of each dying neighbor's own diverse edges the longest that is about as
 *	  long from here: this node stands where the dying one stood.
 *
 * And nodes lose not only edges of theirs but also edges that lead to them.
 * The nearest two that the node took are offered an edge to it in turn.
 *
 * A node that loses nearly all its edges is another matter.  Most of those
 * around it die too, and the survivors, each with what little it found next
 * to it, would fall apart into islands.  For such a node the nearest that
 * stay are searched for, through the dying ones, whose edges all still are
 * there; and these are offered edges to the node as well.  They are the fewer,
 * the longer such a search is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>

#include "graph/graph_search.h"
#include "page/page_link.h"
#include "page/page_vacuum.h"

/* One candidate is visited for every edge lost, but at the most */
#define MAX_CANDIDATES		64
/* Dying nodes looked through for candidates at the most */
#define MAX_DYING			32
/* Two for each of these */
#define MAX_HEIRS			(2 * MAX_DYING)
#define MAX_VISITED			(MAX_CANDIDATES + MAX_HEIRS)

/* An edge is inherited if it is at most so much longer (squared distance) */
#define ABOUT_AS_LONG	1.5f

/* New neighbors that are offered an edge in turn */
#define LINKS_BACK			2

/* A node left with fewer edges than this share of all is searched for ... */
#define FEW_EDGES(max)		((max) / 4)
/* ... with so many visits at the most */
#define MAX_VISITS			10000

typedef struct RepairCandidate
{
	GraphNode	node;
	float		estimate;
} RepairCandidate;

struct PageRepair
{
	PageVacuum *vacuum;
	PageStore	store;			/* its query: the node being mended */
	PageLinkScratch scratch;
	PageNode   *image;			/* copy of that node */
	PageNode   *dying_image;	/* copy of a dying neighbor */
	float	   *decoded;		/* of the node being mended */
	float	   *neighbor_decoded;
	float	   *estimates;
	CodecQuery	neighbor_query;
	GraphSearch search;
	CodecVector vector;			/* the node being mended, as if inserted */

	GraphNode	dying[MAX_DYING];	/* to look through */
	int			ndying;
	RepairCandidate *candidates;	/* nearest first */
	int			ncandidates;
	int			max_candidates;
	GraphNode	heirs[MAX_HEIRS];
	int			nheirs;
};

PageRepair *
page_repair_create(PageVacuum *vacuum)
{
	PageRepair *repair = palloc0(sizeof(PageRepair));
	const PageFormat *format = vacuum->format;
	int			code_size = format->codec.code_size;

	repair->vacuum = vacuum;
	page_store_init(&repair->store, vacuum->space, STORE_WITH_CODES);
	page_link_scratch_init(&repair->scratch, format);
	repair->image = palloc(format->node_size);
	repair->dying_image = palloc(format->node_size);
	repair->decoded = palloc(code_size * sizeof(float));
	repair->neighbor_decoded = palloc(code_size * sizeof(float));
	repair->estimates = palloc(format->max_edges * sizeof(float));
	graph_search_create(&repair->search, &repair->store.graph, SEARCH_ONCE);
	repair->vector.rotated = repair->decoded;
	repair->candidates = palloc(MAX_CANDIDATES * sizeof(RepairCandidate));
	return repair;
}

static bool
is_dying(PageRepair *repair, GraphNode node)
{
	return page_nodeset_has(repair->vacuum->dying, node);
}

static GraphNode
edge_target(PageRepair *repair, const PageNode *node, int i)
{
	return page_tid_pack(&page_node_edge(repair->vacuum->format, node,
										 i)->node);
}

/* Copy a node out of its page.  False if it is not in the given state. */
static bool
copy_node(PageRepair *repair, GraphNode id, PageNodeState state,
		  PageNode *image)
{
	OffsetNumber offset = page_tid_offset(id);
	PageRef		ref;
	bool		found = false;

	page_open(repair->vacuum->space, page_tid_block(id), PAGE_KIND_NODE,
			  &ref);
	if (page_has_item(ref.page, offset) &&
		page_node(ref.page, offset)->state == state)
	{
		page_check_edges(repair->vacuum->space, page_tid_block(id),
						 page_node(ref.page, offset));
		memcpy(image, page_node(ref.page, offset),
			   repair->vacuum->format->node_size);
		found = true;
	}
	page_close(&ref);
	return found;
}

/* Keep a candidate if it is among the nearest. */
static void
consider(PageRepair *repair, GraphNode node, float estimate)
{
	RepairCandidate *c = repair->candidates;
	int			place = repair->ncandidates;

	for (int i = 0; i < repair->ncandidates; i++)
	{
		if (c[i].node == node)
			return;
	}
	if (place == repair->max_candidates)
	{
		if (estimate >= c[place - 1].estimate)
			return;
		place--;
	}
	else
		repair->ncandidates++;
	while (place > 0 && c[place - 1].estimate > estimate)
	{
		c[place] = c[place - 1];
		place--;
	}
	c[place].node = node;
	c[place].estimate = estimate;
}

static void
consider_dying(PageRepair *repair, GraphNode node)
{
	for (int i = 0; i < repair->ndying; i++)
	{
		if (repair->dying[i] == node)
			return;
	}
	if (repair->ndying < MAX_DYING)
		repair->dying[repair->ndying++] = node;
}

/* Is there a diverse edge from the node being mended to another? */
static bool
has_diverse_edge(PageRepair *repair, GraphNode to)
{
	for (int i = 0; i < repair->image->nedges; i++)
	{
		if (edge_target(repair, repair->image, i) == to)
			return page_edge_is_diverse(repair->image, i);
	}
	return false;
}

/* Work out how long the edges of the dying node are, and where they lead. */
static void
measure_dying(PageRepair *repair)
{
	const PageFormat *format = repair->vacuum->format;
	PageNode   *u = repair->dying_image;
	void	   *edges = page_edge_codec(page_node_edge(format, u, 0));
	float		dot;
	float		distance;

	codec_edge_lengths(&format->codec, page_node_code(format, u), u->scale,
					   u->nedges, edges, format->edge_size,
					   repair->scratch.lengths);
	if (format->sketch_bits == 0)
	{
		/* no estimates: the nearest to the dying node will do */
		memcpy(repair->estimates, repair->scratch.lengths,
			   u->nedges * sizeof(float));
		return;
	}
	distance = codec_distance(&repair->store.query,
							  page_node_code(format, u), u->scale, u->norm2,
							  &dot);
	codec_edge_estimates(&repair->store.query, distance, u->nedges, edges,
						 format->edge_size, repair->estimates);
}

/* Look through the edges of a dying node, for candidates and its heirs. */
static void
look_through(PageRepair *repair, GraphNode self, GraphNode dying, bool deeper)
{
	const PageFormat *format = repair->vacuum->format;
	PageNode   *u = repair->dying_image;
	const float *estimates = repair->estimates;
	const float *lengths = repair->scratch.lengths;
	bool		stood_there = has_diverse_edge(repair, dying);
	int			nearest = -1;
	int			longest = -1;

	if (!copy_node(repair, dying, NODE_DYING, u) || u->nedges == 0)
		return;
	measure_dying(repair);
	for (int i = 0; i < u->nedges; i++)
	{
		GraphNode	target = edge_target(repair, u, i);

		if (is_dying(repair, target))
		{
			if (deeper)
				consider_dying(repair, target);
			continue;
		}
		if (target == self || page_link_has(format, repair->image, target))
			continue;
		consider(repair, target, estimates[i]);
		if (stood_there &&
			(nearest < 0 || estimates[i] < estimates[nearest]))
			nearest = i;
		if (page_edge_is_diverse(u, i) &&
			estimates[i] < ABOUT_AS_LONG * lengths[i] &&
			(longest < 0 || lengths[i] > lengths[longest]))
			longest = i;
	}
	if (nearest >= 0)
		repair->heirs[repair->nheirs++] = edge_target(repair, u, nearest);
	if (longest >= 0)
		repair->heirs[repair->nheirs++] = edge_target(repair, u, longest);
}

/* Collect candidates for the node in repair->image. */
static void
collect_candidates(PageRepair *repair, GraphNode self, int lost)
{
	repair->ncandidates = repair->nheirs = 0;
	repair->max_candidates = Min(lost, MAX_CANDIDATES);
	repair->ndying = 0;
	for (int i = 0; i < repair->image->nedges; i++)
	{
		GraphNode	target = edge_target(repair, repair->image, i);

		if (is_dying(repair, target))
			consider_dying(repair, target);
	}
	for (int i = 0; i < repair->ndying; i++)
		look_through(repair, self, repair->dying[i],
					 repair->ncandidates < lost);
}

/* Take all edges to dying nodes out of a node that is being edited. */
static void
remove_dying_edges(PageRepair *repair, PageNode *node)
{
	const PageFormat *format = repair->vacuum->format;

	for (int i = node->nedges - 1; i >= 0; i--)
	{
		int			last = node->nedges - 1;

		if (!is_dying(repair, edge_target(repair, node, i)))
			continue;
		if (i != last)
		{
			memcpy(page_node_edge(format, node, i),
				   page_node_edge(format, node, last), format->edge_size);
			page_edge_set_diverse(node, i, page_edge_is_diverse(node, last));
		}
		memset(page_node_edge(format, node, last), 0, format->edge_size);
		page_edge_set_diverse(node, last, false);
		node->nedges--;
	}
}

/*
 * Offer one candidate, visited before, to a node that is being edited.
 * Returns whether the node has a new edge to it.
 */
static bool
offer_candidate(PageRepair *repair, PageNode *node,
				const GraphCandidate *candidate)
{
	const PageFormat *format = repair->vacuum->format;
	PageStore  *store = &repair->store;
	PageVisit  *visit = page_store_visit(store, candidate->payload);
	PageNewEdge x;

	if (page_link_has(format, node, candidate->node))
		return false;
	codec_decode(&format->codec, page_store_code(store, candidate->payload),
				 visit->scale, repair->neighbor_decoded);
	codec_query_init(&repair->neighbor_query, &format->codec,
					 repair->neighbor_decoded, CODEC_LINK);
	page_edge_set_target(repair->scratch.edge, visit);
	page_link_fill(&repair->scratch, format, &x, repair->decoded,
				   repair->neighbor_decoded);
	x.must = false;
	page_link_measure(&repair->scratch, format, node,
					  &repair->neighbor_query, candidate->distance);
	return page_link_add(format, node, &x);
}

/* Visit one of n candidates, unless it was.  Returns how many they are. */
static int
visit_candidate(PageRepair *repair, GraphNode node, GraphCandidate *visited,
				int n)
{
	GraphStore *graph = &repair->store.graph;
	GraphCandidate candidate;

	for (int i = 0; i < n; i++)
	{
		if (visited[i].node == node)
			return n;
	}
	candidate.node = node;
	if (graph->methods->visit(graph, repair->image->layer, &candidate,
							  NULL) == VISIT_LIVE)
		visited[n++] = candidate;
	return n;
}

/*
 * Visit the candidates next to the node that are worth it, nearest first, and
 * then the heirs.  Returns how many there are in `visited`, which has room for
 * MAX_VISITED.
 */
static int
visit_candidates(PageRepair *repair, GraphNode self, int lost,
				 GraphCandidate *visited)
{
	int			n = 0;

	collect_candidates(repair, self, lost);
	for (int i = 0; i < repair->ncandidates; i++)
		n = visit_candidate(repair, repair->candidates[i].node, visited, n);
	for (int i = 0; i < repair->nheirs; i++)
		n = visit_candidate(repair, repair->heirs[i], visited, n);
	return n;
}

/* The same by a search that starts at the neighbors the node had. */
static int
search_candidates(PageRepair *repair, GraphNode self, GraphCandidate *visited)
{
	GraphSearch *search = &repair->search;
	int			n = 0;

	graph_search_begin(search, repair->image->layer,
					   Min(repair->store.graph.max_edges, MAX_CANDIDATES));
	for (int i = 0; i < repair->image->nedges; i++)
		graph_search_seed(search, edge_target(repair, repair->image, i));
	search->max_visits = search->visits + MAX_VISITS;
	graph_search_run(search);
	graph_candidates_sort(search->results.items, search->results.n);
	for (int i = 0; i < search->results.n; i++)
	{
		if (search->results.items[i].node != self)
			visited[n++] = search->results.items[i];
	}
	return n;
}

/*
 * Offer the mended node to some that were found for it, the nearest first,
 * who may be obliged to take it.
 */
static void
link_back(PageRepair *repair, GraphNode self, const GraphCandidate *found,
		  int n, bool must)
{
	PageStore  *store = &repair->store;
	GraphLink	link = {0};

	store->vector = &repair->vector;
	if (repair->image->nrows > 0)
		store->row = repair->image->rows[0];
	else
		ItemPointerSetInvalid(&store->row);
	link.to = self;
	link.layer = repair->image->layer;
	for (int i = 0; i < n; i++)
	{
		link.from = found[i];
		link.must = must && i == 0;
		store->graph.methods->link(&store->graph, &link);
	}
}

/* Mend one node, of which repair->image is a copy. */
static void
mend_node(PageRepair *repair, GraphNode self, int lost)
{
	const PageFormat *format = repair->vacuum->format;
	PageNode   *image = repair->image;
	bool		search = image->nedges - lost < FEW_EDGES(format->max_edges);
	GraphCandidate visited[MAX_VISITED];
	GraphCandidate taken[LINKS_BACK];
	int			nvisited;
	int			ntaken = 0;
	PageEdit	edit;
	PageNode   *node;

	codec_decode(&format->codec, page_node_code(format, image), image->scale,
				 repair->decoded);
	page_store_query(&repair->store, repair->decoded, CODEC_LINK);
	nvisited = search ? search_candidates(repair, self, visited) :
		visit_candidates(repair, self, lost, visited);

	page_edit_begin(repair->vacuum->space, page_tid_block(self),
					PAGE_KIND_NODE, &edit);
	node = page_node(edit.page, page_tid_offset(self));
	if (node->state != NODE_LIVE || node->version != image->version)
	{
		page_edit_cancel(&edit);
		return;
	}
	remove_dying_edges(repair, node);
	for (int i = 0; i < nvisited; i++)
	{
		if (offer_candidate(repair, node, &visited[i]) && ntaken < LINKS_BACK)
			taken[ntaken++] = visited[i];
	}
	page_edit_commit(&edit);
	if (search)
		link_back(repair, self, visited,
				  Min(nvisited, format->max_edges / 2), true);
	else
		link_back(repair, self, taken, ntaken, false);
}

/* How many edges of the node lead to dying ones? */
static int
count_lost(PageRepair *repair, const PageNode *node)
{
	int			lost = 0;

	for (int i = 0; i < node->nedges; i++)
		lost += is_dying(repair, edge_target(repair, node, i));
	return lost;
}

/* Mend all live nodes of a block.  Caller holds no page lock. */
void
page_repair_block(PageRepair *repair, BlockNumber block)
{
	PageSpace  *space = repair->vacuum->space;
	OffsetNumber offset = FirstOffsetNumber;
	PageRef		ref;

	for (;;)
	{
		OffsetNumber max;
		int			lost = 0;

		if (!page_open_any(space, block, &ref))
			return;
		max = page_special(ref.page)->kind == PAGE_KIND_NODE ?
			PageGetMaxOffsetNumber(ref.page) : InvalidOffsetNumber;
		for (; offset <= max && lost == 0; offset++)
		{
			PageNode   *node = page_node(ref.page, offset);

			if (node->state != NODE_LIVE)
				continue;
			page_check_edges(space, block, node);
			lost = count_lost(repair, node);
			if (lost > 0)
				memcpy(repair->image, node, repair->vacuum->format->node_size);
		}
		page_close(&ref);
		if (lost == 0)
			return;
		mend_node(repair, ((uint64) block << 16) | (offset - 1), lost);
	}
}
