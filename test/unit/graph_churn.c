/*-------------------------------------------------------------------------
 *
 * graph_churn.c
 *	  Part of test_graph.c: a long mix of inserts, deletes, vacuums and
 *	  searches, with all that must hold looked at again and again.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_test.h"

#define CHURN_ACTIONS	3000
#define CHURN_LIVE		500

/* The vertices of the graph: vector and top node of those that live */
typedef struct Churn
{
	MemoryGraph g;
	GraphSearch writer;			/* of inserts */
	GraphSearch reader;			/* resumable */
	int			live[CHURN_ACTIONS];	/* vectors of live vertices */
	int			nlive;
	int			reused;			/* slots */
	int			attached;
	int			promoted;
	int			queries;
	int			found;
	bool		sound;
} Churn;

/* Delete a random vertex: its nodes on all layers are dying from now on. */
static void
churn_delete(Churn *churn)
{
	int			i = random_int(churn->nlive);
	int			vector = churn->live[i];

	churn->live[i] = churn->live[--churn->nlive];
	for (int k = 0; k < churn->g.nnodes; k++)
	{
		MemoryNode *node = &churn->g.nodes[k];

		if (node->vector == vector && node->state == MEMORY_LIVE)
			node->state = MEMORY_DYING;
	}
}

/* Insert a vector, new or one that is there, near others or anywhere. */
static void
churn_insert(Churn *churn)
{
	MemoryGraph *g = &churn->g;
	GraphInsert insert = {0, 40, false};
	int			nnodes = g->nnodes;
	float		x[MEMORY_DIMENSIONS];
	GraphInsertResult result;

	memory_random(x);
	if (churn->nlive > 0 && random_int(3) > 0)
	{
		int			other = churn->live[random_int(churn->nlive)];
		int			spread = random_int(5) == 0 ? 1 : 60;

		for (int i = 0; i < MEMORY_DIMENSIONS; i++)
		{
			x[i] = g->vectors[other][i] + random_int(spread) - spread / 2;
			x[i] = Max(-MEMORY_COORDINATE, Min(x[i], MEMORY_COORDINATE));
		}
	}
	insert.level = graph_draw_level(1 - random_unit(),
									g->store.max_edges / 2);
	result = memory_insert(g, &churn->writer, memory_vector(g, x), &insert);
	if (result == INSERT_NEEDS_ENTRY)
	{
		insert.may_promote = true;
		result = memory_insert(g, &churn->writer, g->nvectors - 1, &insert);
		churn->promoted++;
	}
	churn->attached += result == INSERT_ATTACHED;
	churn->reused += result == INSERT_DONE && g->nnodes == nnodes;
	if (result == INSERT_DONE)
		churn->live[churn->nlive++] = g->nvectors - 1;
}

/* The highest live node is the entry, if there is one. */
static void
new_entry(MemoryGraph *g)
{
	g->entry = GRAPH_NO_NODE;
	g->entry_layer = -1;
	for (int i = 0; i < g->nnodes; i++)
	{
		if (g->nodes[i].state == MEMORY_LIVE &&
			g->nodes[i].layer > g->entry_layer)
		{
			g->entry = memory_name(i);
			g->entry_layer = g->nodes[i].layer;
		}
	}
}

/* Take a node's edges to dying ones away; offer it what those lead to. */
static void
mend(MemoryGraph *g, GraphNode name)
{
	MemoryNode *node = memory_node(g, name);
	GraphNode	lost[MEMORY_EDGES];
	int			nlost = 0;
	int			n = 0;

	for (int i = 0; i < node->nedges; i++)
	{
		if (memory_node(g, node->edges[i])->state == MEMORY_DYING)
			lost[nlost++] = node->edges[i];
		else
		{
			node->edges[n] = node->edges[i];
			node->diverse[n++] = node->diverse[i];
		}
	}
	node->nedges = n;
	for (int i = 0; i < nlost; i++)
	{
		const MemoryNode *dying = memory_node(g, lost[i]);

		for (int k = 0; k < dying->nedges; k++)
		{
			if (memory_node(g, dying->edges[k])->state != MEMORY_LIVE)
				continue;
			memory_link(g, name, dying->edges[k]);
			memory_link(g, dying->edges[k], name);
		}
	}
}

static void
churn_vacuum(Churn *churn)
{
	MemoryGraph *g = &churn->g;

	if (g->entry != GRAPH_NO_NODE &&
		memory_node(g, g->entry)->state == MEMORY_DYING)
		new_entry(g);
	for (int i = 0; i < g->nnodes; i++)
	{
		if (g->nodes[i].state == MEMORY_LIVE)
			mend(g, memory_name(i));
	}
	for (int i = 0; i < g->nnodes; i++)
	{
		if (g->nodes[i].state == MEMORY_DYING)
			memory_node_free(g, memory_name(i));
	}
}

/* Search, and widen a few times. */
static void
churn_search(Churn *churn)
{
	MemoryGraph *g = &churn->g;
	GraphSearch *search = &churn->reader;
	MemoryTruth truth;
	int			ef = 40;

	random_query(g);
	if (!graph_search_descend(search, 0, ef))
		return;
	graph_search_run(search);
	truth = memory_truth(g, 0, NULL);
	churn->queries += Min(truth.n, 10);
	churn->found += results_found(search, &truth, 10);
	for (int i = random_int(3); i >= 0; i--)
	{
		churn->sound &= search_sound(g, search, NULL);
		churn->sound &= search_lost_nothing(g, search);
		graph_search_widen(search, ef *= 2);
		graph_search_run(search);
	}
	churn->sound &= search_sound(g, search, NULL);
	free(truth.items);
}

/* All that is live is where inserts said that it is. */
static bool
churn_complete(const Churn *churn)
{
	int			live = 0;

	for (int i = 0; i < churn->g.nnodes; i++)
		live += churn->g.nodes[i].state == MEMORY_LIVE &&
			churn->g.nodes[i].layer == 0;
	return check(live == churn->nlive, "%d live nodes, not %d", live,
				 churn->nlive);
}

void
test_churn(const MemoryFlavor *flavor)
{
	Churn	   *churn = calloc(1, sizeof(Churn));
	MemoryGraph *g = &churn->g;
	int			reached = 0;

	memory_graph_init(g, flavor, 16);
	graph_search_create(&churn->writer, &g->store, SEARCH_ONCE);
	graph_search_create(&churn->reader, &g->store, SEARCH_RESUMABLE);
	churn->sound = true;
	for (int i = 1; i <= CHURN_ACTIONS; i++)
	{
		int			dice = random_int(100);

		/* in the middle of it all, everything is deleted */
		if (i == CHURN_ACTIONS / 2)
			while (churn->nlive > 0)
				churn_delete(churn);
		if (dice < 10)
			churn_search(churn);
		else if (random_int(CHURN_LIVE) < churn->nlive / 2)
			churn_delete(churn);
		else
			churn_insert(churn);
		if (i % 300 == 0)
		{
			churn->sound &= memory_sound(g);
			churn_vacuum(churn);
			churn->sound &= memory_sound(g) && churn_complete(churn);
		}
	}
	if (g->entry != GRAPH_NO_NODE)
	{
		GraphNode	node = g->entry;
		bool	   *marks = malloc(g->nnodes * sizeof(bool));

		while (memory_node(g, node)->layer > 0)
			node = memory_node(g, node)->down;
		reached = memory_reach(g, node, marks);
		free(marks);
	}
	churn->sound &= check(churn->reused > 100 && churn->attached > 10 &&
						  churn->promoted > 2, "nothing happened");
	ok(churn->sound && churn->found >= 0.97 * churn->queries &&
	   reached == churn->nlive,
	   "%s: churn: recall %.4f, %d of %d reached, %d slots reused, "
	   "%d attached, %d entries", flavor->name,
	   churn->found / (double) churn->queries, reached, churn->nlive,
	   churn->reused, churn->attached, churn->promoted);
	memory_search_free(&churn->writer);
	memory_search_free(&churn->reader);
	ok(g->blocks == 0, "%s: churn gives its memory back", flavor->name);
	memory_graph_free(g);
	free(churn);
}
