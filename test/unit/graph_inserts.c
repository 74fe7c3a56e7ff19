/*-------------------------------------------------------------------------
 *
 * graph_inserts.c
 *	  Part of test_graph.c: the choice of neighbors, and insertion.
 *
 * The order of writes and their arguments are checked at every insert of
 * every test, by graph_memory_write.c.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_test.h"

/* With estimates, insertion gathers this share of ef_construction */
#define GATHERED(ef)	((ef) * 5 / 8)

/*
 * Candidates as a search would yield them: n nodes without edges, visited and
 * sorted.  Vectors come from a small grid now and then, for ties.
 */
static GraphCandidate *
make_candidates(MemoryGraph *g, int n, int grid)
{
	GraphCandidate *c = malloc(Max(n, 1) * sizeof(GraphCandidate));
	float		x[MEMORY_DIMENSIONS];

	memory_random(x);
	memory_link_query(g, memory_vector(g, x));
	for (int i = 0; i < n; i++)
	{
		memory_random(x);
		for (int k = 0; k < MEMORY_DIMENSIONS; k++)
			x[k] = grid * floorf(x[k] / grid);
		c[i].node = memory_node_new(g, 0, memory_vector(g, x));
		g->store.methods->visit(&g->store, 0, &c[i], NULL);
	}
	graph_candidates_sort(c, n);
	return c;
}

/* Is candidate i nearer to a diverse one of the first `limit` than to us? */
static bool
is_crowded(MemoryGraph *g, const GraphCandidate *c, const bool *diverse,
		   int i)
{
	int			vector = memory_payload_vector(g, c[i].payload);

	for (int k = 0; k < i; k++)
	{
		int			other = memory_payload_vector(g, c[k].payload);

		if (diverse[k] &&
			memory_link_distance(g, vector, other) < c[i].distance)
			return true;
	}
	return false;
}

/*
 * Taken as a whole: the diverse ones are those that the definition names,
 * as many as fit, in order; then the nearest of the others, in order.
 */
static bool
select_right(MemoryGraph *g, int n, int grid)
{
	GraphCandidate *c = make_candidates(g, n, grid);
	GraphChoice *chosen = malloc(g->store.max_edges * sizeof(GraphChoice));
	bool	   *diverse = calloc(Max(n, 1), sizeof(bool));
	int			count = graph_select(&g->store, c, n, chosen);
	int			next = 0;
	bool		right;

	right = check(count == Min(n, g->store.max_edges), "%d of %d", count, n);
	for (int i = 0; i < n && next < g->store.max_edges; i++)
	{
		diverse[i] = !is_crowded(g, c, diverse, i);
		if (!diverse[i])
			continue;
		right &= check(next < count && chosen[next].diverse &&
					   chosen[next].neighbor.node == c[i].node &&
					   chosen[next].neighbor.distance == c[i].distance,
					   "choice %d of %d is not diverse %d", next, count, i);
		next++;
	}
	for (int i = 0; i < n && next < g->store.max_edges; i++)
	{
		if (diverse[i])
			continue;
		right &= check(next < count && !chosen[next].diverse &&
					   chosen[next].neighbor.node == c[i].node,
					   "choice %d of %d is not filler %d", next, count, i);
		next++;
	}
	free(c);
	free(chosen);
	free(diverse);
	return right;
}

void
test_select(const MemoryFlavor *flavor)
{
	static const int edges[] = {1, 4, 16, MEMORY_EDGES};
	bool		right = true;

	for (int e = 0; e < (int) lengthof(edges); e++)
	{
		int			max = edges[e];
		const int	counts[] = {0, 1, 2, max - 1, max, max + 1, 3 * max, 100};

		for (int i = 0; i < (int) lengthof(counts); i++)
		{
			for (int grid = 1; grid <= 400; grid *= 20)
			{
				MemoryGraph g;

				memory_graph_init(&g, flavor, max);
				right &= select_right(&g, counts[i], grid);
				right &= check(g.violations == 0, "rules");
				memory_graph_free(&g);
			}
		}
	}
	ok(right, "%s: graph_select", flavor->name);
}

/* Insert a vector of one coordinate other than 0. */
static GraphInsertResult
insert_at(MemoryGraph *g, GraphSearch *search, float x, GraphInsert insert)
{
	float		vector[MEMORY_DIMENSIONS] = {x};

	return memory_insert(g, search, memory_vector(g, vector), &insert);
}

/* Were layers 0 to `level` written, without edges, and the last promoted? */
static bool
wrote_alone(const MemoryGraph *g, int level)
{
	bool		right = check(g->nwrites == level + 2, "%d writes",
							  g->nwrites);

	for (int i = 0; i <= level && right; i++)
		right &= check(g->writes[i].kind == WRITE_ADD &&
					   g->writes[i].layer == i, "write %d", i);
	return right && check(g->writes[level + 1].kind == WRITE_PROMOTE &&
						  g->writes[level + 1].layer == level &&
						  g->entry_layer == level, "promotion");
}

/* A graph of random vectors, and a search by which to insert more */
static void
begin_with_graph(MemoryGraph *g, GraphSearch *search,
				 const MemoryFlavor *flavor, int max_edges)
{
	memory_graph_init(g, flavor, max_edges);
	graph_search_create(search, &g->store, SEARCH_ONCE);
	memory_build(g, search, 300);
}

/* Kinds of writes that must come at the end, after those of edges */
static bool
wrote_last(const MemoryGraph *g, MemoryWriteKind kind)
{
	return check(g->nwrites > 0 && g->writes[g->nwrites - 1].kind == kind,
				 "the last write is no %d", kind);
}

/* Who becomes the entry, and when leave to do so is asked for */
void
test_insert_order(const MemoryFlavor *flavor)
{
	MemoryGraph g;
	GraphSearch search;
	bool		empty;
	bool		right;

	memory_graph_init(&g, flavor, 4);
	graph_search_create(&search, &g.store, SEARCH_ONCE);
	empty = check(insert_at(&g, &search, 1, (GraphInsert) {2, 10, false}) ==
				  INSERT_NEEDS_ENTRY && g.nnodes == 0, "without leave");
	empty &= check(insert_at(&g, &search, 1, (GraphInsert) {2, 10, true}) ==
				   INSERT_DONE, "with leave");
	ok(empty && wrote_alone(&g, 2), "%s: insertion into an empty graph",
	   flavor->name);

	/* as high as the entry, which stays */
	right = insert_at(&g, &search, 2, (GraphInsert) {2, 10, false}) ==
		INSERT_DONE && !g.promoted && wrote_last(&g, WRITE_LINK);
	right &= check(g.nwrites == 6 && g.writes[1].kind == WRITE_LINK &&
				   g.writes[1].layer == 0 && g.writes[5].layer == 2,
				   "three layers, each with an edge");
	ok(right, "%s: insertion as high as the entry", flavor->name);

	/* higher: layers above the entry's have no edges */
	right = insert_at(&g, &search, 3, (GraphInsert) {4, 10, false}) ==
		INSERT_NEEDS_ENTRY && g.nwrites == 0;
	right &= insert_at(&g, &search, 3, (GraphInsert) {4, 10, true}) ==
		INSERT_DONE && g.promoted && g.entry_layer == 4 && g.layer == 4;
	right &= check(memory_node(&g, g.entry)->nedges == 0 &&
				   memory_node(&g, memory_node(&g, g.entry)->down)->nedges ==
				   0, "nobody is up there");
	right &= wrote_last(&g, WRITE_PROMOTE);
	ok(right && memory_sound(&g), "%s: insertion above the entry",
	   flavor->name);
	memory_search_free(&search);
	ok(g.blocks == 0, "%s: insertion gives its memory back", flavor->name);
	memory_graph_free(&g);
}

static void
let_all_die(MemoryGraph *g)
{
	for (int i = 0; i < g->nnodes; i++)
		g->nodes[i].state = MEMORY_DYING;
}

/* Whatever is visited on layer 1 has just gone. */
static void
layer_1_goes(MemoryGraph *g, GraphNode node)
{
	if (memory_node(g, node)->layer == 1)
		memory_node(g, node)->state = MEMORY_FREE;
}

static int	ways_to_lose;

/* The same vertex one layer above; GRAPH_NO_NODE if there is none */
static GraphNode
node_above(const MemoryGraph *g, GraphNode node)
{
	for (int i = 0; i < g->nnodes; i++)
	{
		if (g->nodes[i].layer > 0 && g->nodes[i].down == node)
			return memory_name(i);
	}
	return GRAPH_NO_NODE;
}

/* The first vertices reached on layer 0 have just gone, but for the entry. */
static void
ways_go(MemoryGraph *g, GraphNode node)
{
	GraphNode	top = node;

	if (memory_node(g, node)->layer > 0 || ways_to_lose == 0)
		return;
	while (node_above(g, top) != GRAPH_NO_NODE)
		top = node_above(g, top);
	if (top == g->entry)
		return;
	ways_to_lose--;
	for (; node != GRAPH_NO_NODE; node = node_above(g, node))
		memory_node(g, node)->state = MEMORY_FREE;
}

/* A way down that vanishes is no reason to give the graph up. */
void
test_insert_lost(const MemoryFlavor *flavor)
{
	MemoryGraph g;
	GraphSearch search;
	GraphNode	entry;
	bool		right;

	begin_with_graph(&g, &search, flavor, 16);
	entry = g.entry;
	ways_to_lose = GRAPH_LAST_BEAM;
	g.on_visit = ways_go;
	right = insert_at(&g, &search, 1, (GraphInsert) {0, 20, true}) ==
		INSERT_DONE && ways_to_lose == 0 && g.entry == entry &&
		g.nwrites > 1;
	g.on_visit = NULL;
	ok(right && g.violations == 0, "%s: insertion whose way was lost",
	   flavor->name);
	memory_search_free(&search);
	memory_graph_free(&g);
}

/* No live node in reach, or no entry to begin with: the graph begins anew. */
void
test_insert_alone(const MemoryFlavor *flavor)
{
	MemoryGraph g;
	GraphSearch search;
	bool		right;

	begin_with_graph(&g, &search, flavor, 16);
	while (g.entry_layer < 2)
		memory_build(&g, &search, 1);
	g.on_visit = layer_1_goes;
	right = insert_at(&g, &search, 1, (GraphInsert) {2, 20, false}) ==
		INSERT_NEEDS_ENTRY && g.nwrites == 0;
	g.on_visit = NULL;
	ok(right && g.violations == 0, "%s: insertion where the way down goes",
	   flavor->name);

	let_all_die(&g);
	right = insert_at(&g, &search, 1, (GraphInsert) {0, 20, false}) ==
		INSERT_NEEDS_ENTRY && g.nwrites == 0;
	right &= insert_at(&g, &search, 1, (GraphInsert) {0, 20, true}) ==
		INSERT_DONE && wrote_alone(&g, 0);
	ok(right && g.violations == 0, "%s: insertion where all others are dying",
	   flavor->name);

	g.lost_entries = 1000;
	g.entry_layer = 2;
	right = insert_at(&g, &search, 2, (GraphInsert) {1, 20, false}) ==
		INSERT_NEEDS_ENTRY && g.nwrites == 0 && g.entries >= 10;
	right &= insert_at(&g, &search, 2, (GraphInsert) {1, 20, true}) ==
		INSERT_DONE && wrote_alone(&g, 1);
	ok(right && g.violations == 0, "%s: insertion where the entry is a ruin",
	   flavor->name);
	memory_search_free(&search);
	memory_graph_free(&g);
}

/* Rows of equal vectors share a node. */
void
test_insert_equal(const MemoryFlavor *flavor)
{
	MemoryGraph g;
	GraphSearch search;
	GraphInsert insert = {3, 20, false};
	bool		attached = true;
	bool		small = true;
	int			nnodes;

	memory_graph_init(&g, flavor, 16);
	graph_search_create(&search, &g.store, SEARCH_ONCE);
	memory_link_query(&g, memory_vector(&g, (float[MEMORY_DIMENSIONS]) {0}));
	small &= check(!graph_attach(&search, 4), "attached to nothing");
	memory_build(&g, &search, 400);
	nnodes = g.nnodes;
	for (int i = 1; i <= 100; i++)
	{
		/* even where a node of its own would need leave to be the entry */
		insert.level = i % 2 ? 0 : GRAPH_MAX_LAYER;
		attached &= check(memory_insert(&g, &search, i, &insert) ==
						  INSERT_ATTACHED, "vector %d: another node", i);
		memory_link_query(&g, i);
		small &= check(graph_attach(&search, 16), "vector %d: not found", i);
		small &= check(g.nwrites == 1, "not one write");
	}
	ok(attached && g.nnodes == nnodes && memory_sound(&g),
	   "%s: insertion of equal vectors", flavor->name);

	for (int i = 0; i < 100; i++)
	{
		float		x[MEMORY_DIMENSIONS];

		memory_random(x);
		memory_link_query(&g, memory_vector(&g, x));
		small &= check(!graph_attach(&search, 16) && g.nwrites == 0,
					   "attached to another");
	}
	memory_search_free(&search);
	ok(small && g.blocks == 0 && g.violations == 0, "%s: graph_attach",
	   flavor->name);
	memory_graph_free(&g);
}

/* How many candidates a layer yields, by the distances the store calculates */
static bool
gathers(const MemoryFlavor *flavor, int max_edges, int ef_construction)
{
	MemoryGraph g;
	GraphSearch search;
	GraphInsert insert = {0, ef_construction, false};
	float		x[MEMORY_DIMENSIONS];
	int			expected = ef_construction;
	bool		right;

	if (flavor->has_estimates)
		expected = Max(GATHERED(ef_construction), max_edges);
	begin_with_graph(&g, &search, flavor, max_edges);
	memory_random(x);
	right = memory_insert(&g, &search, memory_vector(&g, x), &insert) ==
		INSERT_DONE;
	right &= check(search.results.n == expected && search.ef == expected,
				   "ef_construction %d, %d edges: %d candidates, not %d",
				   ef_construction, max_edges, search.results.n, expected);
	right &= check(search.parked.n == 0 && search.spare.n == 0 &&
				   search.aside.n == 0 &&
				   search.parked.items == NULL && search.spare.items == NULL,
				   "kept what is never used");
	right &= check(g.nchosen == Min(max_edges, expected), "%d edges",
				   g.nchosen);
	memory_search_free(&search);
	memory_graph_free(&g);
	return right;
}

void
test_insert_gathers(const MemoryFlavor *flavor)
{
	bool		right = gathers(flavor, 16, 64);

	right &= gathers(flavor, 48, 64);
	right &= gathers(flavor, 8, 100);
	right &= gathers(flavor, 16, 16);
	ok(right, "%s: insertion gathers as many candidates as it should",
	   flavor->name);
}
