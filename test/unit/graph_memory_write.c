/*-------------------------------------------------------------------------
 *
 * graph_memory_write.c
 *	  A GraphStore in memory: what writes, and whether it may.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_memory.h"
#include "graph_memory_private.h"

/* With so few edges, everybody whose edge gave way is adopted (README, 7) */
#define ADOPT_ALL_EDGES		16

/* Distances that link() may use: from the new node to a neighbor's neighbor */
typedef struct LinkRule
{
	MemoryNode *node;			/* whose edge it is to be */
	int			vector;			/* of the new neighbor */
	bool		must;
	float		length;			/* of the new edge */
	float		lengths[MEMORY_EDGES];	/* of those the node has */
	float		others[MEMORY_EDGES];	/* where they lead - new neighbor */
} LinkRule;

/* Is everything done that had to follow the last add() and link()? */
static void
settled(MemoryGraph *g)
{
	memory_rule(g, g->orphan == GRAPH_NO_NODE,
				"whose edge gave way is adopted at once");
	for (int i = 0; i < g->nchosen; i++)
		memory_rule(g, g->linked[i], "all chosen ones are asked for an edge");
}

/* The chosen edges of a new node */
static void
check_chosen(MemoryGraph *g, int layer, const GraphChoice *chosen, int n)
{
	memory_rule(g, n <= g->store.max_edges, "not more edges than fit");
	for (int i = 0; i < n; i++)
	{
		const GraphCandidate *c = &chosen[i].neighbor;
		const MemoryPayload *p = memory_payload(&g->store, c->payload);

		memory_rule(g, p->node == c->node && p->layer == layer,
					"edges lead to nodes of the layer");
		memory_rule(g, c->distance ==
					memory_link_distance(g, p->vector, g->vector),
					"distances of edges are right");
		for (int k = 0; k < i; k++)
			memory_rule(g, chosen[k].neighbor.node != c->node,
						"no two edges lead to one node");
	}
}

/* GraphStoreMethods.add */
GraphNode
memory_add(GraphStore *store, int layer, GraphNode down,
		   const GraphChoice *chosen, int n)
{
	MemoryGraph *g = (MemoryGraph *) store;
	GraphNode	node;

	settled(g);
	memory_rule(g, layer == g->layer + 1, "layers are written from 0 up");
	memory_rule(g, down == g->last, "a node leads to the one below");
	memory_rule(g, !g->promoted, "promotion is last");
	check_chosen(g, layer, chosen, n);

	node = memory_node_new(g, layer, g->vector);
	memory_node(g, node)->down = down;
	for (int i = 0; i < n; i++)
	{
		memory_edge_new(g, node, chosen[i].neighbor.node);
		memory_node(g, node)->diverse[i] = chosen[i].diverse;
		g->chosen[i] = chosen[i];
		g->linked[i] = false;
	}
	g->nchosen = n;
	g->last = node;
	g->layer = layer;
	memory_wrote(g, WRITE_ADD, node, layer);
	return node;
}

/* See settle_diversity() of page_link.c */
static bool
settle_diversity(LinkRule *x)
{
	MemoryNode *node = x->node;

	for (int i = 0; i < node->nedges; i++)
	{
		if (node->diverse[i] && x->lengths[i] < x->length &&
			x->others[i] < x->length)
			return false;
	}
	for (int i = 0; i < node->nedges; i++)
	{
		if (node->diverse[i] && x->lengths[i] > x->length &&
			x->others[i] < x->lengths[i])
			node->diverse[i] = false;
	}
	return true;
}

static int
longest_edge(const LinkRule *x, bool diverse)
{
	int			longest = -1;

	for (int i = 0; i < x->node->nedges; i++)
	{
		if (x->node->diverse[i] == diverse &&
			(longest < 0 || x->lengths[i] > x->lengths[longest]))
			longest = i;
	}
	return longest;
}

/* See page_link_add().  Sets *evicted; returns whether the edge was made. */
static bool
link_add(MemoryGraph *g, LinkRule *x, GraphNode to, GraphNode *evicted)
{
	MemoryNode *node = x->node;
	bool		diverse = settle_diversity(x);
	int			place = node->nedges;

	*evicted = GRAPH_NO_NODE;
	if (place == g->store.max_edges)
	{
		place = longest_edge(x, false);
		if (place >= 0)
		{
			if (!diverse && !x->must && x->length >= x->lengths[place])
				return false;
		}
		else
		{
			place = longest_edge(x, true);
			if (!x->must && x->length >= x->lengths[place])
				return false;
		}
		*evicted = node->edges[place];
	}
	else
		node->nedges++;
	node->edges[place] = to;
	node->diverse[place] = diverse;
	return true;
}

/*
 * How far the new neighbor is from those that the node has: from the list of
 * those known, or, without a list, from the vectors.
 */
static void
measure(const MemoryGraph *g, LinkRule *x, const GraphCandidate *known,
		int nknown)
{
	for (int i = 0; i < x->node->nedges; i++)
	{
		GraphNode	other = x->node->edges[i];
		int			vector = memory_node(g, other)->vector;

		x->lengths[i] = memory_link_distance(g, x->node->vector, vector);
		x->others[i] = FLT_MAX;
		if (known == NULL)
			x->others[i] = memory_link_distance(g, x->vector, vector);
		for (int k = 0; k < nknown; k++)
		{
			if (known[k].node == other)
				x->others[i] = known[k].distance;
		}
	}
}

static bool
has_edge(const MemoryNode *node, GraphNode to)
{
	for (int i = 0; i < node->nedges; i++)
	{
		if (node->edges[i] == to)
			return true;
	}
	return false;
}

/* One of those that were chosen is asked for an edge: in its turn, rightly? */
static void
check_link(MemoryGraph *g, const GraphLink *link)
{
	int			i = 0;

	memory_rule(g, g->orphan == GRAPH_NO_NODE,
				"whose edge gave way is adopted at once");
	memory_rule(g, link->to == g->last && link->layer == g->layer,
				"a node is complete before an edge leads to it");
	while (i < g->nchosen && g->chosen[i].neighbor.node != link->from.node)
		i++;
	if (!memory_rule(g, i < g->nchosen && !g->linked[i],
					 "each of the chosen is asked once"))
		return;
	g->linked[i] = true;
	memory_rule(g, link->from.distance == g->chosen[i].neighbor.distance &&
				link->from.payload == g->chosen[i].neighbor.payload,
				"link() gets the candidate that was chosen");
	memory_rule(g, link->must == (i == 0), "the nearest, no other, must");
	if (i > 0)
	{
		memory_rule(g, link->from.distance >= g->chosen[0].neighbor.distance,
					"the nearest is the first of the chosen");
		return;
	}
	for (int k = 0; k < link->nknown; k++)
	{
		const GraphCandidate *known = &link->known[k];
		const MemoryPayload *p = memory_payload(&g->store, known->payload);

		memory_rule(g, known->node == p->node && known->distance ==
					memory_link_distance(g, p->vector, g->vector),
					"distances that are called known are right");
	}
}

/* GraphStoreMethods.link */
GraphNode
memory_link_asked(GraphStore *store, const GraphLink *link)
{
	MemoryGraph *g = (MemoryGraph *) store;
	const MemoryPayload *payload = memory_payload(store, link->from.payload);
	LinkRule	x;
	GraphNode	evicted;
	bool		made;

	check_link(g, link);
	memory_wrote(g, WRITE_LINK, link->from.node, link->layer);
	x.node = memory_node(g, link->from.node);
	if (x.node->state != MEMORY_LIVE || x.node->version != payload->version ||
		has_edge(x.node, link->to))
		return GRAPH_NO_NODE;
	x.vector = g->vector;
	x.must = link->must;
	x.length = link->from.distance;
	if (store->has_estimates)
		measure(g, &x, NULL, 0);
	else
		measure(g, &x, link->known, link->nknown);
	made = link_add(g, &x, link->to, &evicted);
	memory_rule(g, made || !link->must, "who must takes the edge");
	if (evicted != GRAPH_NO_NODE &&
		(link->must || store->max_edges <= ADOPT_ALL_EDGES))
		g->orphan = evicted;
	return evicted;
}

/* Let a node have an edge to another, by the rule; is it made? */
bool
memory_link(MemoryGraph *g, GraphNode from, GraphNode to)
{
	LinkRule	x;
	GraphNode	evicted;

	x.node = memory_node(g, from);
	if (from == to || has_edge(x.node, to))
		return false;
	x.vector = memory_node(g, to)->vector;
	x.must = false;
	x.length = memory_link_distance(g, x.node->vector, x.vector);
	measure(g, &x, NULL, 0);
	return link_add(g, &x, to, &evicted);
}

/* GraphStoreMethods.adopt */
void
memory_adopt(GraphStore *store, GraphNode self, int layer, GraphNode orphan)
{
	MemoryGraph *g = (MemoryGraph *) store;
	MemoryNode *to = memory_node(g, orphan);
	LinkRule	x;
	GraphNode	evicted;

	memory_rule(g, self == g->last && layer == g->layer &&
				orphan == g->orphan, "who gave way is adopted, no other");
	g->orphan = GRAPH_NO_NODE;
	memory_wrote(g, WRITE_ADOPT, orphan, layer);
	x.node = memory_node(g, self);
	if (to->state != MEMORY_LIVE || has_edge(x.node, orphan))
		return;
	x.vector = to->vector;
	x.must = true;
	x.length = memory_link_distance(g, to->vector, x.node->vector);
	measure(g, &x, NULL, 0);
	link_add(g, &x, orphan, &evicted);
}

/* GraphStoreMethods.promote */
void
memory_promote(GraphStore *store, GraphNode node, int layer)
{
	MemoryGraph *g = (MemoryGraph *) store;

	settled(g);
	memory_rule(g, node == g->last && layer == g->layer,
				"the highest node is promoted, when it is complete");
	memory_rule(g, !g->promoted, "one promotion");
	g->promoted = true;
	g->entry = node;
	g->entry_layer = layer;
	memory_wrote(g, WRITE_PROMOTE, node, layer);
}

/* GraphStoreMethods.attach */
bool
memory_attach(GraphStore *store, uint32 payload)
{
	MemoryGraph *g = (MemoryGraph *) store;
	const MemoryPayload *p = memory_payload(store, payload);
	MemoryNode *node = memory_node(g, p->node);

	memory_rule(g, p->layer == 0, "rows are held on layer 0");
	memory_rule(g, g->nwrites == 0, "a row is attached or a node made");
	if (node->state != MEMORY_LIVE || node->version != p->version ||
		memory_link_distance(g, node->vector, g->vector) > 0)
		return false;
	node->nrows++;
	memory_wrote(g, WRITE_ATTACH, p->node, 0);
	return true;
}

/* Insert a vector, and check what must hold of any insert. */
GraphInsertResult
memory_insert(MemoryGraph *g, GraphSearch *search, int vector,
			  const GraphInsert *insert)
{
	int			layer = g->entry == GRAPH_NO_NODE ? -1 : g->entry_layer;
	int			first_chosen;
	GraphInsertResult result;

	memory_link_query(g, vector);
	result = graph_insert(search, insert);
	settled(g);
	memory_rule(g, g->visits <= search->visits, "visits are counted");
	switch (result)
	{
		case INSERT_DONE:
			memory_rule(g, g->layer == insert->level, "all layers written");
			first_chosen = g->nwrites > 1 && g->writes[1].kind == WRITE_LINK;
			memory_rule(g, g->promoted ==
						(insert->level > layer || !first_chosen),
						"promoted if highest, or all alone");
			memory_rule(g, insert->may_promote || !g->promoted,
						"promoted only with leave");
			break;
		case INSERT_ATTACHED:
			memory_rule(g, g->nwrites == 1 &&
						g->writes[0].kind == WRITE_ATTACH, "one row attached");
			break;
		case INSERT_NEEDS_ENTRY:
			memory_rule(g, g->nwrites == 0 && !insert->may_promote,
						"nothing is written without leave to promote");
			break;
	}
	return result;
}

/* Insert n random vectors, as sessions would. */
void
memory_build(MemoryGraph *g, GraphSearch *search, int n)
{
	GraphInsert insert = {0, 40, false};
	float		x[MEMORY_DIMENSIONS];

	for (int i = 0; i < n; i++)
	{
		int			vector;

		memory_random(x);
		vector = memory_vector(g, x);
		insert.level = graph_draw_level(1 - random_unit(),
										g->store.max_edges / 2);
		insert.may_promote = false;
		if (memory_insert(g, search, vector, &insert) == INSERT_NEEDS_ENTRY)
		{
			insert.may_promote = true;
			memory_insert(g, search, vector, &insert);
		}
	}
}
