/*-------------------------------------------------------------------------
 *
 * graph_memory_check.c
 *	  A GraphStore in memory: what is true of it, by brute force.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_memory.h"

static int
compare_candidates(const void *a, const void *b)
{
	const GraphCandidate *x = a;
	const GraphCandidate *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

/* All live nodes of a layer (that are accepted), nearest to the query first */
MemoryTruth
memory_truth(const MemoryGraph *g, int layer,
			 bool (*accepts) (const MemoryNode *node))
{
	MemoryTruth truth = {malloc((g->nnodes + 1) * sizeof(GraphCandidate)), 0};

	for (int i = 0; i < g->nnodes; i++)
	{
		const MemoryNode *node = &g->nodes[i];
		GraphCandidate *c = &truth.items[truth.n];

		if (node->state != MEMORY_LIVE || node->layer != layer ||
			(accepts && !accepts(node)))
			continue;
		c->node = memory_name(i);
		c->distance = memory_key(g, c->node);
		c->payload = 0;
		truth.n++;
	}
	qsort(truth.items, truth.n, sizeof(GraphCandidate), compare_candidates);
	return truth;
}

/* Marks all nodes that edges lead to from one; returns how many are live. */
int
memory_reach(const MemoryGraph *g, GraphNode from, bool *reached)
{
	GraphNode  *queue = malloc((g->nnodes + 1) * sizeof(GraphNode));
	int			n = 1;
	int			live = 0;

	memset(reached, 0, g->nnodes * sizeof(bool));
	queue[0] = from;
	reached[memory_index(from)] = true;
	for (int i = 0; i < n; i++)
	{
		const MemoryNode *node = memory_node(g, queue[i]);

		live += node->state == MEMORY_LIVE;
		for (int k = 0; k < node->nedges; k++)
		{
			if (reached[memory_index(node->edges[k])])
				continue;
			reached[memory_index(node->edges[k])] = true;
			queue[n++] = node->edges[k];
		}
	}
	free(queue);
	return live;
}

/* What must hold of a node that is not free */
static bool
node_sound(const MemoryGraph *g, const MemoryNode *node)
{
	bool		sound = check(node->nedges <= g->store.max_edges, "edges");

	for (int i = 0; i < node->nedges; i++)
	{
		const MemoryNode *to = memory_node(g, node->edges[i]);

		sound &= check(to != node, "an edge to the node itself");
		sound &= check(to->state != MEMORY_FREE && to->layer == node->layer,
					   "an edge to no node of the layer");
		for (int k = 0; k < i; k++)
			sound &= check(node->edges[k] != node->edges[i],
						   "two edges to one node");
	}
	if (node->layer == 0)
		sound &= check(node->down == GRAPH_NO_NODE, "below layer 0");
	else if (check(node->down != GRAPH_NO_NODE, "nothing below"))
	{
		const MemoryNode *down = memory_node(g, node->down);

		sound &= check(down->layer == node->layer - 1 &&
					   down->vector == node->vector &&
					   down->state == node->state, "another below");
	}
	else
		sound = false;
	return sound;
}

/* Does everything hold that must, between two inserts? */
bool
memory_sound(const MemoryGraph *g)
{
	bool		sound = true;
	int			top = -1;

	for (int i = 0; i < g->nnodes; i++)
	{
		if (g->nodes[i].state == MEMORY_FREE)
			continue;
		sound &= node_sound(g, &g->nodes[i]);
		if (g->nodes[i].state == MEMORY_LIVE)
			top = Max(top, g->nodes[i].layer);
	}
	if (top >= 0)
	{
		sound &= check(g->entry != GRAPH_NO_NODE &&
					   memory_node(g, g->entry)->state != MEMORY_FREE &&
					   memory_node(g, g->entry)->layer == g->entry_layer,
					   "no entry");
		sound &= check(g->entry_layer >= top, "entry on layer %d of %d",
					   g->entry_layer, top);
	}
	return sound && check(g->violations == 0, "%d rules broken",
						  (int) g->violations);
}
