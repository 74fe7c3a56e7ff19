/*-------------------------------------------------------------------------
 *
 * graph_scenes.c
 *	  Part of test_graph.c: where a search with a condition goes, on small
 *	  graphs made by hand.
 *
 * Nodes are on a line, and named by their places; those at even ones match.
 * The query is at 0, so that a place's square (and 1, if it is odd) is its
 * distance.
 *
 *-------------------------------------------------------------------------
 */
#include "graph_conditions.h"

#define SCENE_EDGES		16

/* The place of a node, and of those that have an edge to it */
typedef int SceneNode[7];

typedef struct Scene
{
	MemoryGraph g;
	GraphSearch search;
	TestFilter	f;
} Scene;

static const MemoryFlavor squares = {"squares", true, KEYS_SQUARED, 0, false};
static const MemoryFlavor products = {"products", true, KEYS_PRODUCT, 0, false};
static const MemoryFlavor visited = {"visited", false, KEYS_SQUARED, 0, false};

/* The nodes of the scene there is */
static const SceneNode *scene_nodes;

/* Edges say of this place that it is that one */
static int	told_of;
static int	told;

static float
scene_estimate(int from, int to)
{
	int			place = scene_nodes[to][0];

	if (place == told_of)
		place = told;
	return place * place + place % 2;
}

static GraphNode
scene_name(const Scene *s, int place)
{
	for (int i = 0; i < s->g.nnodes; i++)
	{
		if (scene_nodes[i][0] == place)
			return memory_name(i);
	}
	abort();
}

/* A scene, and a search for ef results that begins at its first node */
static void
scene_begin(Scene *s, const MemoryFlavor *flavor, const SceneNode *nodes,
			int n, int ef)
{
	float		x[MEMORY_DIMENSIONS] = {0};

	scene_nodes = nodes;
	memory_graph_init(&s->g, flavor, SCENE_EDGES);
	graph_search_create(&s->search, &s->g.store, SEARCH_RESUMABLE);
	for (int i = 0; i < n; i++)
	{
		x[0] = nodes[i][0];
		x[1] = nodes[i][0] % 2;
		memory_node_new(&s->g, 0, memory_vector(&s->g, x));
	}
	for (int i = 0; i < n; i++)
	{
		for (int k = 1; k < (int) lengthof(nodes[i]) && nodes[i][k]; k++)
			memory_edge_new(&s->g, scene_name(s, nodes[i][k]),
							memory_name(i));
	}
	s->g.entry = memory_name(0);
	x[0] = flavor->keys == KEYS_SQUARED ? 0 : 1;
	x[1] = 0;
	memory_query(&s->g, x);
	if (flavor->keys == KEYS_SQUARED)
		s->g.on_estimate = scene_estimate;
	filter_init(&s->f, &s->g, even, 1);
	filter_begin(&s->f, &s->search, ef);
	s->g.on_visit = note_visit;
}

/* Did the search go to these places?  0 ends them. */
static bool
scene_went(const Scene *s, const int *places)
{
	int			n = 0;
	bool		right = true;

	for (int i = 0; i < visits_noted && places[n]; i++, n++)
		right &= check(visit_noted[i] == scene_name(s, places[n]),
					   "visit %d: to %d, not %d", i,
					   scene_nodes[memory_index(visit_noted[i])][0],
					   places[n]);
	right &= check(n == visits_noted && places[n] == 0,
				   "%d visits, %d of them right, then %d", visits_noted, n,
				   places[n]);
	return right;
}

/* Does it go there from here? */
static bool
scene_goes(Scene *s, const int *places)
{
	visits_noted = 0;
	graph_search_run(&s->search);
	return scene_went(s, places);
}

/* Take the filter up anew, and see where it goes from here. */
static bool
scene_goes_on(Scene *s, const int *places)
{
	graph_search_set_filter(&s->search, &s->f.filter);
	return scene_goes(s, places);
}

static bool
scene_end(Scene *s)
{
	bool		right = check(s->g.violations == 0, "rules");

	right &= filter_end(&s->f, &s->search);
	memory_search_free(&s->search);
	memory_graph_free(&s->g);
	return right;
}

/*
 * A hub with edges to five nodes.  Where does the search with this penalty
 * go first, and with that one from the second node on?
 */
static bool
goes_through(const MemoryFlavor *flavor, const int *places, float penalty,
			 float then, const int *first, const int *others)
{
	SceneNode	nodes[6] = {{0}};
	Scene		s;
	bool		right;

	for (int i = 0; i < 6; i++)
	{
		nodes[i][0] = places[i];
		nodes[i][1] = i > 0 ? places[0] : 0;
	}
	scene_begin(&s, flavor, nodes, 6, 10);
	s.f.filter.penalty = penalty;
	s.search.max_visits = s.search.visits + 2;
	right = scene_goes(&s, first);
	s.search.max_visits = PG_INT64_MAX;
	s.f.filter.penalty = then;
	right &= scene_goes_on(&s, others);
	right &= scene_end(&s);
	return right;
}

/* A node that does not match waits as if it were so many times as far. */
void
test_penalty_order(void)
{
	/* keys 10000; 122, 170, 256, 400, 676 */
	static const int squared[] = {100, 11, 13, 16, 20, 26};

	/* keys -100; -491, -400, -391, -300, -150: counted from the nearest */
	static const int others[] = {100, 491, 400, 391, 300, 150};
	bool		right;

	right = goes_through(&squares, squared, 1, 1, (const int[]) {100, 11, 0},
						 (const int[]) {13, 16, 20, 26, 0});
	right &= goes_through(&squares, squared, 3, 3, (const int[]) {100, 16, 0},
						  (const int[]) {11, 20, 13, 26, 0});
	right &= goes_through(&squares, squared, 9, 9, (const int[]) {100, 16, 0},
						  (const int[]) {20, 26, 11, 13, 0});
	right &= goes_through(&squares, squared, 9, 2, (const int[]) {100, 16, 0},
						  (const int[]) {11, 13, 20, 26, 0});
	ok(right, "the way with penalties, where keys are distances");

	right = goes_through(&products, others, 1, 1, (const int[]) {100, 491, 0},
						 (const int[]) {400, 391, 300, 150, 0});
	right &= goes_through(&products, others, 3, 3, (const int[]) {100, 491, 0},
						  (const int[]) {400, 300, 391, 150, 0});
	right &= goes_through(&products, others, 9, 9, (const int[]) {100, 491, 0},
						  (const int[]) {400, 300, 150, 391, 0});
	right &= goes_through(&products, others, 9, 3, (const int[]) {100, 491, 0},
						  (const int[]) {400, 300, 391, 150, 0});
	ok(right, "the way with penalties, where they are not");
}

/* Which nodes that do not match are near enough to be crossed, and when */
void
test_crossing_order(void)
{
	/* four edges lead to 53 and 57, three to 55 */
	static const SceneNode known[] = {{60}, {52, 60}, {54, 60}, {56, 60},
	{53, 60, 52, 54, 56}, {55, 60, 52, 54}, {57, 60, 52, 54, 56}, {61, 60},
	{63, 60}};

	/* 39 is next to a match; the others are not */
	static const SceneNode away[] = {{40}, {39, 40}, {37, 39}, {19, 39},
	{21, 39}};
	Scene		s;
	bool		right;

	/*
	 * 53 and 57 count 1.2 times: 3372 and 3900, and 60 is at 3600.  Who is
	 * told to crosses up to 3780: 61 at 3722.  Who is in doubt crosses 57, and
	 * 63 at 3970, which counts .95 times.
	 */
	scene_begin(&s, &squares, known, lengthof(known), 10);
	s.f.filter.crossing = CROSS_NEARBY;
	s.f.filter.sure = 4;
	s.f.filter.penalty = 1.5f;
	right = scene_goes(&s, (const int[]) {60, 52, 54, 56, 55, 53, 0});
	s.f.filter.crossing_reach = 1.05f;
	right &= scene_goes_on(&s, (const int[]) {61, 0});
	s.f.filter.doubted = 0.95f;
	right &= scene_goes_on(&s, (const int[]) {57, 63, 0});
	right &= scene_end(&s);

	/* too few to be sure of: all are crossed, these two later */
	scene_begin(&s, &squares, known, lengthof(known), 10);
	s.f.filter.crossing = CROSS_NEARBY;
	s.f.filter.sure = 5;
	s.f.filter.penalty = 1.5f;
	right &= scene_goes(&s, (const int[]) {60, 52, 54, 56, 55, 53, 61, 57,
						63, 0});
	right &= scene_end(&s);

	/* none to be sure of: it makes no difference */
	scene_begin(&s, &squares, known, lengthof(known), 10);
	s.f.filter.penalty = 1.5f;
	right &= scene_goes(&s, (const int[]) {60, 52, 54, 56, 53, 55, 57, 61,
						63, 0});
	right &= scene_end(&s);
	ok(right, "nodes that many edges lead to");

	/* away from matches, 19 counts as 1448, 21 as 1768; 40 is at 1600 */
	scene_begin(&s, &squares, away, lengthof(away), 10);
	s.f.filter.crossing = CROSS_AT_MATCHES;
	s.f.filter.sure = 1;
	right = scene_goes(&s, (const int[]) {40, 39, 19, 0});
	s.f.filter.crossing = CROSS_NEARBY;
	right &= scene_goes_on(&s, (const int[]) {21, 37, 0});
	right &= scene_end(&s);
	ok(right, "nodes away from matches");
}

/* A search that is sure of one, and crosses two in vain */
static void
crossing_begin(Scene *s, const SceneNode *nodes, int n,
			   GraphCrossing crossing, bool at_sight)
{
	scene_begin(s, &squares, nodes, n, 20);
	s->f.filter.asks_at_sight = at_sight;
	s->f.filter.crossing = crossing;
	s->f.filter.sure = 1;
	s->f.filter.max_crossed = 2;
	s->f.filter.least = 1;
}

/* Ways through nodes that do not match, and what is behind them */
static bool
crossing_ends(GraphCrossing crossing, bool at_sight)
{
	static const SceneNode way[] = {{140}, {139, 140}, {69, 139},
	{67, 69}, {160, 69}, {65, 67}, {61, 160}, {63, 65}, {59, 63},
	{57, 59}, {50, 57}, {49, 50}, {23, 49}, {21, 23}, {19, 21},
	{17, 19}};

	/* edges say that 150 is nearer than 140; it leads nowhere */
	static const SceneNode errs[] = {{140}, {139, 140}, {69, 139},
	{150, 139}, {67, 69}, {65, 67}, {63, 65}};
	Scene		s;
	bool		right;

	/*
	 * 160 is visited all the same, but is no find, so 61 behind it is left;
	 * 50 is a find.  Who is told to goes on with all that was left.
	 */
	crossing_begin(&s, way, lengthof(way), crossing, at_sight);
	right = check(!graph_search_is_tired(&s.search), "tired to begin with");
	right &= scene_goes(&s, (const int[]) {140, 139, 69, 67, 160, 0});
	right &= check(graph_search_is_tired(&s.search) &&
				   s.search.frontier.n == 0 &&
				   s.search.crossings.n + s.search.aside.n == 2 &&
				   !graph_search_exhausted(&s.search), "two are left");
	right &= search_lost_nothing(&s.g, &s.search);
	right &= scene_goes(&s, (const int[]) {0});
	right &= scene_goes_on(&s, (const int[]) {61, 65, 63, 0});
	right &= scene_goes_on(&s, (const int[]) {59, 57, 50, 49, 23, 21, 0});
	s.f.filter.max_crossed = 0;
	right &= scene_goes_on(&s, (const int[]) {19, 17, 0});
	right &= check(!graph_search_is_tired(&s.search), "tired of nothing");
	right &= check(s.search.crossed == 2, "%d crossed",
				   (int) s.search.crossed);
	right &= scene_end(&s);

	/* the find comes by another way, and nobody was asked about it */
	crossing_begin(&s, way, lengthof(way), crossing, at_sight);
	right &= scene_goes(&s, (const int[]) {140, 139, 69, 67, 160, 0});
	graph_search_seed(&s.search, scene_name(&s, 50));
	right &= scene_goes(&s, (const int[]) {50, 49, 23, 21, 0});
	right &= check(s.search.crossed == 3 && s.search.least.n == 1 &&
				   s.search.crossings.n + s.search.aside.n > 0,
				   "to be forgotten");
	graph_search_begin(&s.search, 0, 20);
	s.f.refused = 0;
	right &= check(s.search.crossed == 0 && s.search.least.n == 0 &&
				   s.search.crossings.n + s.search.aside.n == 0,
				   "begins with some");
	right &= scene_end(&s);

	/* a match counts that may be one to be sure of, even if it is not */
	crossing_begin(&s, errs, lengthof(errs), crossing, at_sight);
	told_of = 150;
	told = 50;
	right &= scene_goes(&s, (const int[]) {140, 139, 150, 69, 67, 65, 0});
	told_of = 0;
	right &= scene_end(&s);

	/* before there are enough to be sure of, nothing ends */
	crossing_begin(&s, way, lengthof(way), crossing, at_sight);
	s.f.filter.sure = 2;
	right &= scene_goes(&s, (const int[]) {140, 139, 69, 67, 65, 63, 59, 57,
										   50, 49, 23, 21, 160, 0});
	right &= scene_end(&s);
	return right;
}

/* After so many crossings in vain there are no more. */
void
test_crossing_ends(void)
{
	bool		right = crossing_ends(CROSS_NEARBY, false);

	right &= crossing_ends(CROSS_NEARBY, true);
	right &= crossing_ends(CROSS_AT_MATCHES, false);
	right &= crossing_ends(CROSS_AT_MATCHES, true);
	ok(right, "max_crossed, step by step");
}

/* A search for ten that is sure of some, and visits the least within reach */
static void
reach_begin(Scene *s, const MemoryFlavor *flavor, const SceneNode *nodes,
			int n, int sure, int least, float reach)
{
	scene_begin(s, flavor, nodes, n, 10);
	s->f.filter.crossing = CROSS_NEARBY;
	s->f.filter.sure = sure;
	s->f.filter.least = least;
	s->f.filter.reach = reach;
}

/* Matches beyond reach of those to be sure of are left for later. */
void
test_reach_ends(void)
{
	/* 1.5 times 40 squared is 2400: between 48 and 50 */
	static const SceneNode nearby[] = {{40}, {48, 40}, {50, 40}, {30, 50},
	{41, 40}, {39, 40}};

	/* all beyond reach; 46 is seen late */
	static const SceneNode least[] = {{40}, {48, 40}, {50, 40}, {52, 40},
	{54, 40}, {46, 50}};

	/* from 500 to 400, twice as far: 300 */
	static const SceneNode others[] = {{500}, {400, 500}, {302, 500},
	{298, 500}};
	Scene		s;
	bool		right;

	/* 39 and 41 do not match: they have to be as near as 40, and wait */
	reach_begin(&s, &squares, nearby, lengthof(nearby), 1, 1, 1.5f);
	s.f.filter.penalty = 2;
	right = scene_goes(&s, (const int[]) {40, 48, 39, 0});
	right &= search_lost_nothing(&s.g, &s.search);
	s.f.filter.reach = 0;
	right &= scene_goes_on(&s, (const int[]) {50, 30, 0});
	right &= scene_end(&s);

	/* all that match, for want of another */
	reach_begin(&s, &squares, nearby, lengthof(nearby), 3, 1, 1.1f);
	right &= scene_goes(&s, (const int[]) {40, 39, 41, 48, 50, 30, 0});
	right &= scene_end(&s);

	/* full results are a limit none the less */
	scene_begin(&s, &squares, nearby, lengthof(nearby), 2);
	s.f.filter.crossing = CROSS_NEARBY;
	s.f.filter.sure = 1;
	s.f.filter.least = 1;
	s.f.filter.reach = 9;
	right &= scene_goes(&s, (const int[]) {40, 39, 48, 0});
	right &= scene_end(&s);

	/* so many are worth a visit however far, and then none farther */
	reach_begin(&s, &squares, least, lengthof(least), 1, 3, 1.1f);
	right &= scene_goes(&s, (const int[]) {40, 48, 50, 46, 0});
	s.f.filter.least = 4;
	right &= scene_goes_on(&s, (const int[]) {52, 0});
	right &= scene_end(&s);
	ok(right, "reach, where keys are distances");

	reach_begin(&s, &products, others, lengthof(others), 2, 1, 2);
	right = scene_goes(&s, (const int[]) {500, 400, 302, 0});
	s.f.filter.reach = 0;
	right &= scene_goes_on(&s, (const int[]) {298, 0});
	right &= scene_end(&s);
	ok(right, "reach, where they are not");
}

/*
 * What is next to a node that matches almost is as good as next to a match.
 * Who has a list knows at sight of those that may match, and asks no others.
 */
void
test_almost(void)
{
	/* 35 is next to a match; 33 only to that, 29, 31 and 25 to neither */
	static const SceneNode nodes[] = {{40}, {35, 40}, {37, 40}, {33, 35},
	{29, 33}, {25, 37}, {31, 37}};
	bool		right = true;

	for (int i = 0; i < 6; i++)
	{
		Scene		s;
		bool		almost = i < 3;
		bool		at_sight = i % 3 == 0;
		bool		has_list = i % 3 == 1;

		scene_begin(&s, &squares, nodes, lengthof(nodes), 10);
		s.f.almost = almost ? third_of_four : NULL;
		s.f.filter.asks_at_sight = at_sight;
		s.f.filter.allows = has_list ? filter_allows : NULL;
		s.f.filter.crossing = CROSS_AT_MATCHES;
		s.f.filter.sure = 1;
		right &= scene_goes_on(&s, almost ?
							   (const int[]) {40, 35, 33, 37, 31, 0} :
							   (const int[]) {40, 35, 37, 0});
		right &= check(s.search.results.n == 1, "%d match",
					   s.search.results.n);
		right &= check(s.search.matches == 1 + 2 * almost &&
					   s.search.match_neighbors == 2 + almost &&
					   s.search.match_edges ==
					   (almost && (at_sight || has_list)),
					   "%d of %d edges of %d nodes",
					   (int) s.search.match_edges,
					   (int) s.search.match_neighbors,
					   (int) s.search.matches);
		right &= check(!has_list || s.f.questions == 2 * almost,
					   "%d questions", s.f.questions);
		right &= search_lost_nothing(&s.g, &s.search);
		right &= scene_end(&s);
	}
	ok(right, "one that matches almost");
}

/* Down from a place that may match, as long as that gets nearer */
void
test_go_down(void)
{
	/* 61 does not match, 84 is farther than 80 */
	static const SceneNode nodes[] = {{10}, {90}, {80, 90}, {84, 80},
	{70, 80}, {72, 80}, {60, 70}, {61, 70}, {62, 60}, {82, 84}};

	/* wherever that is known from; with little to go for; led astray */
	static const int went[][5] = {{90, 80, 70, 60}, {90, 80, 70, 60},
	{90, 80, 70, 60}, {90, 80}, {90, 80, 84}};
	static const int rest[][8] = {{61, 62, 72, 84, 82}, {61, 62, 72, 84, 82},
	{61, 62, 72, 84, 82}, {70, 60, 61, 62, 72, 84, 82},
	{70, 60, 61, 62, 72, 82}};
	static const int questions[] = {7, 0, 3, 1, 2};
	bool		right = true;

	for (int i = 0; i < (int) lengthof(went); i++)
	{
		Scene		s;

		scene_begin(&s, &squares, nodes, lengthof(nodes), 10);
		s.f.filter.asks_at_sight = i == 0;
		s.f.filter.allows = i == 1 ? filter_allows : NULL;
		s.f.filter.crossing = CROSS_NEARBY;
		s.f.filter.sure = 1;
		right &= scene_goes_on(&s, (const int[]) {10, 0});
		s.f.questions = 0;
		/* from 6400, by 1700 each, it is too far to 100 */
		s.f.filter.sure = i == 3 ? 1 : 2;
		told_of = i == 4 ? 84 : 0;
		told = 64;
		visits_noted = 0;
		graph_search_go_down(&s.search, scene_name(&s, 90));
		right &= scene_went(&s, went[i]);
		right &= check(s.f.questions == questions[i], "%d questions",
					   s.f.questions);

		/* what was seen on the way waits; not to be visited twice */
		visits_noted = 0;
		graph_search_go_down(&s.search, scene_name(&s, 80));
		right &= scene_went(&s, (const int[]) {0});
		s.f.filter.crossing = CROSS_ALL;
		right &= scene_goes_on(&s, rest[i]);
		right &= search_lost_nothing(&s.g, &s.search);
		right &= scene_end(&s);
	}
	told_of = 0;
	ok(right, "the way down");
}

/*
 * Without the filter until it ends, then with it: matches that were visited
 * are once more, for what they lead to; others are not.
 */
void
test_narrow(void)
{
	/* 22 was parked, 15 is next to none that matches, 17 to one */
	static const SceneNode nodes[] = {{20}, {11, 20}, {13, 20}, {30, 20},
	{22, 13}, {15, 11}, {17, 20}};
	bool		right = true;

	for (int i = 0; i < 4; i++)
	{
		Scene		s;
		bool		at_sight = i % 2 == 0;

		scene_begin(&s, &squares, nodes, lengthof(nodes), 2);
		s.f.filter.asks_at_sight = at_sight;
		graph_search_set_filter(&s.search, NULL);
		right &= scene_goes(&s, (const int[]) {20, 11, 13, 0});
		right &= check(s.f.questions == 0, "asked without a filter");

		s.f.filter.crossing = i < 2 ? CROSS_ALL : CROSS_AT_MATCHES;
		s.f.filter.sure = 4;
		visits_noted = 0;
		right &= check(graph_search_narrow(&s.search, &s.f.filter, 10) == 2,
					   "others visited");
		right &= scene_went(&s, (const int[]) {20, 0});
		right &= check(s.search.results.n == 1 && s.search.sure.n == (i >= 2),
					   "%d results, sure of %d", s.search.results.n,
					   s.search.sure.n);
		right &= check(s.f.questions == 4 * at_sight, "%d questions",
					   s.f.questions);
		right &= scene_goes(&s, i < 2 ?
							(const int[]) {15, 17, 22, 30, 0} :
							(const int[]) {17, 22, 30, 15, 0});
		right &= check(s.search.results.n == 3, "%d results",
					   s.search.results.n);
		right &= search_lost_nothing(&s.g, &s.search);
		right &= scene_end(&s);
	}
	ok(right, "a filter that is taken up on the way");
}

/* Is one of so many matches that count by itself, in this scene? */
static bool
has_lonely(const MemoryFlavor *flavor, const SceneNode *nodes, int n, int sure)
{
	Scene		s;
	bool		lonely;

	scene_begin(&s, flavor, nodes, n, 10);
	s.f.filter.asks_at_sight = true;
	s.f.filter.crossing = CROSS_NEARBY;
	s.f.filter.sure = sure;
	graph_search_set_filter(&s.search, &s.f.filter);
	graph_search_run(&s.search);
	lonely = graph_search_has_lonely(&s.search);
	return check(scene_end(&s) && s.f.wrong == 0, "rules") && lonely;
}

/* Matches that lead to no other, and that no other leads to */
void
test_lonely(void)
{
	static const SceneNode pair[] = {{40}, {42, 40}};
	static const SceneNode apart[] = {{40}, {41, 40}, {42, 41}};

	/* 40 does not count, unless there are three that do */
	static const SceneNode far[] = {{40}, {41, 40}, {20, 41}, {22, 20}};
	bool		right;

	right = check(!has_lonely(&squares, pair, lengthof(pair), 2), "two");
	right &= check(has_lonely(&squares, apart, lengthof(apart), 2), "apart");
	right &= check(!has_lonely(&squares, far, lengthof(far), 2), "near ones");
	right &= check(has_lonely(&squares, far, lengthof(far), 3), "a far one");

	/* where edges are not known to lead to matches nobody can tell */
	right &= check(!has_lonely(&visited, apart, lengthof(apart), 2), "visits");
	ok(right, "matches by themselves");
}

/* Are matches in this scene connected, and grouped?  Twice the same? */
static bool
matches_are(const SceneNode *nodes, int n, bool connected, bool grouped)
{
	Scene		s;
	bool		right = true;

	scene_begin(&s, &squares, nodes, n, 20);
	s.f.filter.asks_at_sight = true;
	right &= check(graph_search_is_connected(&s.search) &&
				   !graph_search_is_grouped(&s.search), "before any is seen");
	for (int i = 0; i < 2; i++)
	{
		graph_search_run(&s.search);
		right &= check(graph_search_exhausted(&s.search) &&
					   graph_search_is_connected(&s.search) == connected &&
					   graph_search_is_grouped(&s.search) == grouped,
					   "%d matches with %d neighbors, %d matching",
					   (int) s.search.matches,
					   (int) s.search.match_neighbors,
					   (int) s.search.match_edges);
		right &= check(s.search.rejected == s.f.refused, "rejected");
		if (i > 0)
			break;
		/* all over again */
		memset(s.f.asked, 0, s.g.nvectors * sizeof(int));
		s.f.refused = 0;
		memory_query_again(&s.g);
		filter_begin(&s.f, &s.search, 20);
	}
	right &= scene_end(&s);
	return right;
}

/* What the edges of matches lead to */
void
test_match_edges(void)
{
	/* six that all lead to each other; then, one edge less */
	static const SceneNode six[] = {{20, 22, 24, 26, 28, 30},
	{22, 20, 24, 26, 28, 30}, {24, 20, 22, 26, 28, 30},
	{26, 20, 22, 24, 28, 30}, {28, 20, 22, 24, 26, 30},
	{30, 20, 22, 24, 26, 28}};
	static const SceneNode less[] = {{20, 22, 24, 26, 28, 30},
	{22, 20, 24, 26, 28, 30}, {24, 20, 22, 26, 28, 30},
	{26, 20, 22, 24, 28, 30}, {28, 20, 22, 24, 26, 30},
	{30, 20, 22, 24, 26}};

	/*
	 * Four that all lead to each other, and by four edges to one that leads
	 * to four more: 12 of 16 match, and 4 of 9 that are seen; then, 4 of 10
	 */
	static const SceneNode four[] = {{20, 22, 24, 26}, {22, 20, 24, 26},
	{24, 20, 22, 26}, {26, 20, 22, 24}, {31, 20, 22, 24, 26},
	{33, 31}, {35, 33}, {37, 35}, {39, 37}, {41, 39}};

	/* six again, and a few others: both at once */
	static const SceneNode twelve[] = {{20, 22, 24, 26, 28, 30},
	{22, 20, 24, 26, 28, 30}, {24, 20, 22, 26, 28, 30},
	{26, 20, 22, 24, 28, 30}, {28, 20, 22, 24, 26, 30},
	{30, 20, 22, 24, 26, 28}, {31, 20}, {33, 31}, {35, 33},
	{37, 35}, {39, 37}, {41, 39}};
	bool		right;

	right = matches_are(six, lengthof(six), true, false);
	right &= matches_are(less, lengthof(less), false, false);
	right &= matches_are(four, lengthof(four) - 1, false, false);
	right &= matches_are(four, lengthof(four), false, true);
	right &= matches_are(twelve, lengthof(twelve), true, true);
	ok(right, "matches that are connected, or grouped");
}
