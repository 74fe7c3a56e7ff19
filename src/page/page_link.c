/*-------------------------------------------------------------------------
 *
 * page_link.c
 *	  The rule by which a node takes a new edge.
 *
 * Strictly local: only the node's own page is looked at.  How far the new
 * neighbor is from each of those the node has is estimated from the edges'
 * sketches; where there are none, it is known of those the insertion met
 * on its way, and the others count as far away.
 *
 * The new neighbor x is *diverse* unless a diverse edge e is shorter than it
 * and leads nearer to x than the node itself is.  If it is diverse, longer
 * diverse edges that lead nearer to x than to the node lose their mark.  In a
 * full list the longest edge that is not diverse gives way, or, if all are,
 * the longest if x is nearer.  Estimates must convince by a margin of twice
 * their error: without it noise would erase the long edges that connect far
 * parts of the graph.
 *
 * The new node's nearest neighbor must take it.  Whoever has to give way for
 * that might have been reached through this edge only: the new node, which
 * nobody depends on yet, takes an edge to it (adopts it).  Among many nodes as
 * good as equally far from each other, where all lists are full of the first
 * of them, this is what keeps the others reachable.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "page/page_link.h"
#include "page/page_store.h"
#include "port/pg_bitutils.h"

/* A node may have this share of its edges lead to twins */
#define TWIN_SHARE		4

/* See PageNewEdge.margin */
static float
page_link_margin(const PageFormat *format)
{
	if (format->sketch_bits == 0)
		return 0;
	return 2 / sqrtf((float) format->sketch_bits);
}

/*
 * Lengths up to this are noise: the two vectors cannot be told apart by what
 * the node's own code has lost of its vector.
 */
static float
noise_length(const PageFormat *format, const PageNode *node)
{
	if (isinf(node->error))
		return 0;				/* so large a vector that nothing is known */
	if (format->codec.metric == METRIC_L1)
		return 2 * node->error;
	return 4 * node->error * node->error;
}

/*
 * Has the node enough edges to twins, from which it cannot be told apart?
 * More would only make an island of them.
 */
static bool
has_twins_enough(const PageFormat *format, const PageNode *node,
				 const float *lengths)
{
	float		noise = noise_length(format, node);
	int			twins = 0;

	for (int i = 0; i < node->nedges; i++)
		twins += lengths[i] <= noise;
	return twins >= format->max_edges / TWIN_SHARE;
}

/*
 * The diverse edges, or the others, as a set of bits: of the 64 edges from
 * `base` on.
 */
static inline uint64
edge_set(const PageNode *node, int base, bool diverse)
{
	uint64		set = page_node_diverse(node)[base / 64];
	int			n = node->nedges - base;

	if (!diverse)
		set = ~set;
	return n < 64 ? set & ((UINT64CONST(1) << n) - 1) : set;
}

/* Does edge i lead nearer to x than `length`, convincingly? */
static inline bool
leads_nearer(const PageNewEdge *x, int i, float length)
{
	float		error = x->margin * sqrtf(x->length * x->lengths[i]);

	return x->estimates[i] + error < length;
}

/*
 * Is the new neighbor beyond one that the node has?  Unmarks as said above.
 * (How lengths and estimates compare cannot be predicted: bits and both
 * conditions at once are faster than a branch for each.)
 */
static bool
settle_diversity(PageNode *node, const PageNewEdge *x)
{
	for (int base = 0; base < node->nedges; base += 64)
	{
		for (uint64 set = edge_set(node, base, true); set; set &= set - 1)
		{
			int			i = base + pg_rightmost_one_pos64(set);

			if ((x->lengths[i] < x->length) & leads_nearer(x, i, x->length))
				return false;
		}
	}
	for (int base = 0; base < node->nedges; base += 64)
	{
		uint64		unmarked = 0;

		for (uint64 set = edge_set(node, base, true); set; set &= set - 1)
		{
			int			i = base + pg_rightmost_one_pos64(set);
			bool		lost = (x->lengths[i] > x->length) &
				leads_nearer(x, i, x->lengths[i]);

			unmarked |= lost ? set & -set : 0;
		}
		page_node_diverse(node)[base / 64] &= ~unmarked;
	}
	return true;
}

/* The longest edge that is (or is not) diverse; -1 if there is none. */
static int
longest_edge(const PageNode *node, const float *lengths, bool diverse)
{
	int			longest = -1;
	float		length = -1;

	for (int base = 0; base < node->nedges; base += 64)
	{
		for (uint64 set = edge_set(node, base, diverse); set; set &= set - 1)
		{
			int			i = base + pg_rightmost_one_pos64(set);
			bool		longer = lengths[i] > length;

			longest = longer ? i : longest;
			length = longer ? lengths[i] : length;
		}
	}
	return longest;
}

/*
 * Let a node, on a page locked for editing, have a new edge.  Returns false,
 * with nothing changed, if the edge was refused: only a longer edge than all
 * that could lose a mark is.
 */
bool
page_link_add(const PageFormat *format, PageNode *node,
			  PageNewEdge *new_edge)
{
	bool		diverse;
	int			place = node->nedges;

	new_edge->evicted = GRAPH_NO_NODE;
	if (new_edge->length <= noise_length(format, node) && !new_edge->must &&
		has_twins_enough(format, node, new_edge->lengths))
		return false;
	diverse = settle_diversity(node, new_edge);
	if (place == format->max_edges)
	{
		place = longest_edge(node, new_edge->lengths, false);
		if (place >= 0)
		{
			if (!diverse && !new_edge->must &&
				new_edge->length >= new_edge->lengths[place])
				return false;
		}
		else
		{
			place = longest_edge(node, new_edge->lengths, true);
			if (!new_edge->must &&
				new_edge->length >= new_edge->lengths[place])
				return false;
		}
		new_edge->evicted =
			page_tid_pack(&page_node_edge(format, node, place)->node);
	}
	else
		node->nedges++;
	memcpy(page_node_edge(format, node, place), new_edge->edge,
		   format->edge_size);
	page_edge_set_diverse(node, place, diverse);
	return true;
}

/* Does the node have an edge to `to` already? */
bool
page_link_has(const PageFormat *format, const PageNode *node, GraphNode to)
{
	for (int i = 0; i < node->nedges; i++)
	{
		if (page_tid_pack(&page_node_edge(format, node, i)->node) == to)
			return true;
	}
	return false;
}

/* Distances from the new node to neighbors, where there are no sketches. */
static void
known_distances(PageStore *store, const PageNode *node, const GraphLink *link)
{
	for (int i = 0; i < node->nedges; i++)
	{
		PageEdge   *edge = page_node_edge(store->format, node, i);
		GraphNode	id = page_tid_pack(&edge->node);

		for (int k = 0; k < link->nknown; k++)
		{
			if (link->known[k].node == id)
			{
				store->link_scratch.estimates[i] = link->known[k].distance;
				break;
			}
		}
	}
}

/*
 * Work out what page_link_add() needs to know of a node's edges: how long
 * they are, and how far the new neighbor is from where they lead.  `query`
 * is made of the new neighbor, which is `distance` away from the node.
 */
void
page_link_measure(PageLinkScratch *scratch, const PageFormat *format,
				  const PageNode *node, const CodecQuery *query,
				  float distance)
{
	void	   *edges = page_edge_codec(page_node_edge(format, node, 0));

	if (node->nedges == 0)
		return;
	codec_edge_lengths(&format->codec, page_node_code(format, node),
					   node->scale, node->nedges, edges, format->edge_size,
					   scratch->lengths);
	if (format->sketch_bits > 0)
		codec_edge_estimates(query, distance, node->nedges, edges,
							 format->edge_size, scratch->estimates);
	else
	{
		for (int i = 0; i < node->nedges; i++)
			scratch->estimates[i] = FLT_MAX;
	}
}

/* Fill a new edge in scratch memory: from a decoded node to a neighbor. */
void
page_link_fill(PageLinkScratch *scratch, const PageFormat *format,
			   PageNewEdge *x, const float *node_decoded,
			   const float *neighbor)
{
	x->edge = scratch->edge;
	x->length = codec_edge_fill(&format->codec,
								page_edge_codec(scratch->edge),
								node_decoded, neighbor);
	x->margin = page_link_margin(format);
	x->estimates = scratch->estimates;
	x->lengths = scratch->lengths;
}

/* Memory for the two above, in the current context. */
void
page_link_scratch_init(PageLinkScratch *scratch, const PageFormat *format)
{
	scratch->edge = palloc0(format->edge_size);
	scratch->estimates = palloc(format->max_edges * sizeof(float));
	scratch->lengths = palloc(format->max_edges * sizeof(float));
}

/* GraphStoreMethods.link */
GraphNode
page_store_link(GraphStore *graph, const GraphLink *link)
{
	PageStore  *store = (PageStore *) graph;
	const PageFormat *format = store->format;
	const PageVisit *visit = &store->visits[link->from.payload];
	PageLinkScratch *scratch = &store->link_scratch;
	PageNewEdge x;
	PageEdit	edit;
	PageNode   *node;

	codec_decode(&format->codec, page_store_code(store, link->from.payload),
				 visit->scale, store->neighbor_decoded);
	scratch->edge->node = page_tid_unpack(link->to);
	if (link->layer == 0)
		scratch->edge->row = store->row;
	else
		ItemPointerSetInvalid(&scratch->edge->row);
	page_link_fill(scratch, format, &x, store->neighbor_decoded,
				   store->vector->rotated);
	x.must = link->must;

	page_edit_begin(store->space, page_tid_block(visit->node),
					PAGE_KIND_NODE, &edit);
	node = page_node(edit.page, page_tid_offset(visit->node));

	/*
	 * The node may have been vacuumed since we visited it; its state or its
	 * version then has changed.  Leave it, as if the edge had been made and
	 * gone again.
	 */
	if (node->state != NODE_LIVE || node->version != visit->version ||
		page_link_has(format, node, link->to))
	{
		page_edit_cancel(&edit);
		return GRAPH_NO_NODE;
	}
	page_link_measure(scratch, format, node, &store->query,
					  link->from.distance);
	if (!graph->has_estimates)
		known_distances(store, node, link);
	if (page_link_add(format, node, &x))
		page_edit_commit(&edit);
	else
		page_edit_cancel(&edit);
	return x.evicted;
}

/* GraphStoreMethods.adopt */
void
page_store_adopt(GraphStore *graph, GraphNode self, int layer,
				 GraphNode orphan)
{
	PageStore  *store = (PageStore *) graph;
	const PageFormat *format = store->format;
	PageLinkScratch *scratch = &store->link_scratch;
	GraphCandidate neighbor;
	PageVisit  *visit;
	PageNewEdge x;
	PageEdit	edit;
	PageNode   *node;

	neighbor.node = orphan;
	if (graph->methods->visit(graph, layer, &neighbor, NULL) != VISIT_LIVE)
		return;
	visit = &store->visits[neighbor.payload];
	codec_decode(&format->codec, page_store_code(store, neighbor.payload),
				 visit->scale, store->neighbor_decoded);
	page_edge_set_target(scratch->edge, visit);
	page_link_fill(scratch, format, &x, store->vector_decoded,
				   store->neighbor_decoded);
	x.must = true;

	page_edit_begin(store->space, page_tid_block(self), PAGE_KIND_NODE,
					&edit);
	node = page_node(edit.page, page_tid_offset(self));
	if (node->state != NODE_LIVE || page_link_has(format, node, orphan))
	{
		page_edit_cancel(&edit);
		return;
	}
	/* whatever gives way here led nowhere from anywhere else but here */
	codec_query_init(&store->orphan_query, &format->codec,
					 store->neighbor_decoded, CODEC_LINK);
	page_link_measure(scratch, format, node, &store->orphan_query,
					  neighbor.distance);
	page_link_add(format, node, &x);
	page_edit_commit(&edit);
}
