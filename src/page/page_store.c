/*-------------------------------------------------------------------------
 *
 * page_store.c
 *	  The graph on pages.
 *
 * A visit locks the node's page for reading, works out the node's distance
 * and the estimates of its neighbors in place, copies out what the search
 * needs and unlocks.  Whatever led to the node, an edge or a `down` pointer,
 * is a hint: the slot may have been freed, or reused for another node.  What
 * is found there is what counts.
 *
 * Visits are kept, in an array that only grows, until the next query.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/qunique.h"
#include "miscadmin.h"
#include "page/page_landmark.h"
#include "page/page_meta.h"
#include "page/page_rowmap.h"
#include "page/page_store.h"
#include "utils/memutils.h"

#define FIRST_VISITS	256
/* So often vacuum will hardly change the very list of rows that we read */
#define MAX_ATTEMPTS	1000
/* Bytes: every cache line is asked for, the CPU's own prefetch starts late */
#define PREFETCH_STEP	64

static inline PageStore *
page_store(GraphStore *graph)
{
	return (PageStore *) graph;
}

/* GraphStoreMethods.grow */
static void *
store_grow(GraphStore *graph, void *old, Size size)
{
	if (size == 0)
	{
		pfree(old);
		return NULL;
	}
	if (old == NULL)
		return MemoryContextAllocHuge(page_store(graph)->context, size);
	return repalloc_huge(old, size);
}

/* GraphStoreMethods.entry */
static bool
store_entry(GraphStore *graph, GraphNode *node, int *layer)
{
	return page_meta_entry(page_store(graph)->space, node, layer);
}

static void
visits_enlarge(PageStore *store)
{
	int			code_size = store->format->codec.code_size;

	store->visits_size *= 2;
	store->visits = repalloc_huge(store->visits,
								  store->visits_size * sizeof(PageVisit));
	if (store->codes)
		store->codes = repalloc_huge(store->codes, (Size) store->visits_size *
									 code_size);
}

/* Keep what matters of a node on a locked page; returns its payload. */
uint32
page_store_copy(PageStore *store, const PageNode *node, GraphNode id)
{
	const PageFormat *format = store->format;
	const int8 *code = page_node_code(format, node);
	int			code_size = format->codec.code_size;
	PageVisit  *visit;

	if (store->nvisits == store->visits_size)
		visits_enlarge(store);
	visit = &store->visits[store->nvisits];
	visit->node = id;
	visit->scale = node->scale;
	visit->norm2 = node->norm2;
	visit->error = node->error;
	visit->version = node->version;
	visit->nrows = Min(node->nrows, PAGE_INLINE_ROWS);
	visit->queued = false;
	visit->asked_for = false;
	visit->down = node->down;
	visit->refine = node->refine;
	visit->posting = node->posting;
	memcpy(visit->rows, node->rows, sizeof(visit->rows));
	visit->distance = codec_distance(&store->query, code, node->scale,
									 node->norm2, &visit->dot);
	if (store->codes)
		memcpy(store->codes + (Size) store->nvisits * code_size, code,
			   code_size);
	return store->nvisits++;
}

/* Copy a node's edges, with estimates if there are any. */
static void
copy_edges(PageStore *store, const PageNode *node, float distance,
		   GraphEdges *edges)
{
	const PageFormat *format = store->format;
	PageEdge   *edge = page_node_edge(format, node, 0);
	int			n = node->nedges;

	edges->n = n;
	if (store->graph.has_estimates && n > 0)
		codec_edge_estimates(&store->query, distance, n,
							 page_edge_codec(edge), format->edge_size,
							 edges->estimates);
	for (int i = 0; i < n; i++)
	{
		edges->nodes[i] = page_tid_pack(&edge->node);
		edges->rows[i] = ItemPointerIsValid(&edge->row) ?
			page_tid_pack(&edge->row) : 0;
		edge = (PageEdge *) ((char *) edge + format->edge_size);
	}
}

/*
 * Which neighbors are on the node's own page?  Some, as a rule, in an index
 * that was built (page_arrange.c).  If there are any the page is held.  Inserts
 * do without: in an arena nothing is gained, and nodes are in no order yet.
 */
static void
find_mates(PageStore *store, const PageRef *ref, GraphNode node,
		   GraphEdges *edges)
{
	BlockNumber block = page_tid_block(node);

	if (!store->graph.has_estimates || store->copies == STORE_WITH_CODES)
		return;
	for (int i = 0; i < edges->n; i++)
	{
		edges->mates[edges->nmates] = i;
		edges->nmates += page_tid_block(edges->nodes[i]) == block;
	}
	if (edges->nmates > 0)
		page_hold(store->space, ref);
}

/* GraphStoreMethods.visit */
static GraphVisit
store_visit(GraphStore *graph, int layer, GraphCandidate *candidate,
			GraphEdges *edges)
{
	PageStore  *store = page_store(graph);
	OffsetNumber offset = page_tid_offset(candidate->node);
	GraphVisit	result = VISIT_GONE;
	PageRef		ref;

	CHECK_FOR_INTERRUPTS();
	page_open(store->space, page_tid_block(candidate->node), PAGE_KIND_NODE,
			  &ref);
	graph->ahead = Max(page_readahead(&store->space->readahead), 1);
	if (page_has_item(ref.page, offset))
	{
		PageNode   *node = page_node(ref.page, offset);

		if (node->layer == layer &&
			(node->state == NODE_LIVE || node->state == NODE_DYING))
		{
			page_check_edges(store->space, page_tid_block(candidate->node),
							 node);
			candidate->payload = page_store_copy(store, node,
												 candidate->node);
			candidate->distance =
				store->visits[candidate->payload].distance;
			if (edges)
			{
				copy_edges(store, node, candidate->distance, edges);
				find_mates(store, &ref, candidate->node, edges);
			}
			result = node->state == NODE_LIVE ? VISIT_LIVE : VISIT_DYING;
		}
	}
	page_close(&ref);
	return result;
}

/* GraphStoreMethods.leave */
static void
store_leave(GraphStore *graph)
{
	page_let_go(page_store(graph)->space);
}

/* GraphStoreMethods.prefetch */
static void
store_prefetch(GraphStore *graph, GraphNode node)
{
	PageStore  *store = page_store(graph);
	const PageFormat *format = store->format;
	const char *page = page_peek(store->space, page_tid_block(node));
	const char *address;

	page_ask_for(store->space, page_tid_block(node));
	if (page == NULL)
		return;

	/* nodes have one size, and the first one lies at the page's end */
	address = page + BLCKSZ - MAXALIGN(sizeof(PageSpecial)) -
		(Size) page_tid_offset(node) * format->node_size;
	__builtin_prefetch(page);
	__builtin_prefetch(page + BLCKSZ - 1);
	for (int i = 0; i < format->node_size; i += PREFETCH_STEP)
		__builtin_prefetch(address + i);
}

/* GraphStoreMethods.down */
static GraphNode
store_down(GraphStore *graph, uint32 payload)
{
	return page_tid_pack(&page_store(graph)->visits[payload].down);
}

/* GraphStoreMethods.crowded */
static bool
store_crowded(GraphStore *graph, uint32 payload, float limit,
			  const GraphChoice *chosen, int n)
{
	PageStore  *store = page_store(graph);
	const PageVisit *visit = &store->visits[payload];
	const int8 *code = page_store_code(store, payload);

	for (int i = 0; i < n; i++)
	{
		uint32		other = chosen[i].neighbor.payload;
		const PageVisit *o = &store->visits[other];

		if (codec_pair_distance(&store->format->codec,
								code, visit->scale, visit->norm2,
								page_store_code(store, other), o->scale,
								o->norm2) < limit)
			return true;
	}
	return false;
}

/* Fill the node image's edges to the chosen neighbors. */
static void
image_edges(PageStore *store, const GraphChoice *chosen, int n)
{
	const PageFormat *format = store->format;
	PageNode   *image = store->image;

	image->nedges = n;
	for (int i = 0; i < n; i++)
	{
		uint32		payload = chosen[i].neighbor.payload;
		const PageVisit *visit = &store->visits[payload];
		PageEdge   *edge = page_node_edge(format, image, i);

		page_edge_set_target(edge, visit);
		codec_decode(&format->codec, page_store_code(store, payload),
					 visit->scale, store->neighbor_decoded);
		codec_edge_fill(&format->codec, page_edge_codec(edge),
						store->vector_decoded, store->neighbor_decoded);
		page_edge_set_diverse(image, i, chosen[i].diverse);
	}
}

/* Write the vector's refine tuple, for the slot of its layer-0 node. */
static void
write_refine(PageStore *store, PageSlot *slot)
{
	PageRefine *image = store->refine_image;

	image->norm2 = store->vector->refine_norm2;
	image->error = store->vector->refine_error;
	image->fingerprint = store->fingerprint;
	memcpy(image->refine, store->vector->refine,
		   store->format->codec.code_size);
	page_slot_write_refine(store->space, slot, image);
}

/* List the new vector's node on layer 0 for filtered searches to start from. */
static void
list_landmark(PageStore *store, GraphNode node)
{
	const Codec *codec = &store->format->codec;
	PageEdge   *landmark = store->link_scratch.edge;
	float	   *origin = store->neighbor_decoded;

	landmark->node = page_tid_unpack(node);
	landmark->row = store->row;
	memset(origin, 0, codec->code_size * sizeof(float));
	codec_edge_fill(codec, page_edge_codec(landmark), origin,
					store->vector_decoded);
	page_landmark_add(store->space, landmark);
}

/* GraphStoreMethods.add */
static GraphNode
store_add(GraphStore *graph, int layer, GraphNode down,
		  const GraphChoice *chosen, int n)
{
	PageStore  *store = page_store(graph);
	const CodecVector *vector = store->vector;
	PageNode   *image = store->image;
	PageSlot	slot;

	page_slot_reserve(store->space, layer == 0 ? SLOT_WITH_REFINE :
					  SLOT_WITHOUT_REFINE, &slot);
	memset(image, 0, store->format->node_size);
	image->layer = layer;
	image->state = NODE_LIVE;
	image->scale = vector->scale;
	image->norm2 = vector->norm2;
	image->error = vector->error;
	ItemPointerSetInvalid(&image->down);
	ItemPointerSetInvalid(&image->posting);
	memcpy(page_node_code(store->format, image), vector->code,
		   store->format->codec.code_size);
	image_edges(store, chosen, n);
	if (layer == 0)
	{
		image->nrows = 1;
		image->rows[0] = store->row;
		write_refine(store, &slot);
	}
	else
		image->down = page_tid_unpack(down);
	page_slot_write(store->space, &slot, image);
	if (layer == 0)
		page_rowmap_set(store->space, &store->row, page_tid_pack(&slot.tid));
	if (layer == 1)
		list_landmark(store, down);
	return page_tid_pack(&slot.tid);
}

/* GraphStoreMethods.promote */
static void
store_promote(GraphStore *graph, GraphNode node, int layer)
{
	page_meta_promote(page_store(graph)->space, node, layer);
}

/*
 * Does the visited node hold exactly the vector being inserted?  Vectors
 * that differ in the last bit may be encoded alike; rows of one node count as
 * equally far from everything, so these must not share one: the fingerprint
 * tells.
 */
static bool
is_same_vector(PageStore *store, uint32 payload)
{
	const PageVisit *visit = &store->visits[payload];
	const CodecVector *vector = store->vector;
	int			code_size = store->format->codec.code_size;
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(&visit->refine);
	PageRefine *refine;
	PageRef		ref;
	bool		same;

	if (visit->scale != vector->scale || visit->norm2 != vector->norm2 ||
		visit->error != vector->error ||
		memcmp(page_store_code(store, payload), vector->code, code_size) != 0)
		return false;
	page_open(store->space, ItemPointerGetBlockNumber(&visit->refine),
			  PAGE_KIND_REFINE, &ref);
	same = page_has_item(ref.page, offset);
	if (same)
	{
		refine = page_refine(ref.page, offset);
		same = refine->norm2 == vector->refine_norm2 &&
			refine->error == vector->refine_error &&
			refine->fingerprint == store->fingerprint &&
			memcmp(refine->refine, vector->refine, code_size) == 0;
	}
	page_close(&ref);
	return same;
}

/* Put the row into a posting of the node.  False if there is no room. */
static bool
attach_to_posting(PageStore *store, const ItemPointerData *posting,
				  GraphNode node)
{
	OffsetNumber offset = ItemPointerGetOffsetNumber(posting);
	PageNode   *image;
	PageEdit	edit;

	page_edit_begin(store->space, ItemPointerGetBlockNumber(posting),
					PAGE_KIND_NODE, &edit);
	image = page_node(edit.page, offset);

	/* vacuum frees postings, but none that an insert may have read of */
	if (!page_has_item(edit.page, offset) || image->state != NODE_POSTING ||
		page_tid_pack(&image->down) != node ||
		image->nrows >= store->format->posting_rows)
	{
		page_edit_cancel(&edit);
		return false;
	}
	page_posting_rows(image)[image->nrows++] = store->row;
	page_edit_commit(&edit);
	return true;
}

/* Write a new posting with the row, in front of the node's postings. */
static ItemPointerData
add_posting(PageStore *store, const ItemPointerData *next, GraphNode node)
{
	PageNode   *image = store->image;
	PageSlot	slot;

	page_slot_reserve(store->space, SLOT_WITHOUT_REFINE, &slot);
	memset(image, 0, store->format->node_size);
	image->state = NODE_POSTING;
	image->down = page_tid_unpack(node);
	image->posting = *next;
	image->nrows = 1;
	page_posting_rows(image)[0] = store->row;
	page_slot_write(store->space, &slot, image);
	return slot.tid;
}

typedef enum AttachResult
{
	ATTACH_DONE,
	ATTACH_GONE,				/* the node is not what it was */
	ATTACH_FULL,				/* no room in the node: *posting tells more */
	ATTACH_CHANGED				/* another posting came first */
} AttachResult;

/*
 * Put the row into the node itself, or (if new_posting is valid and *posting
 * still the first) that posting in front.
 */
static AttachResult
attach_to_node(PageStore *store, const PageVisit *visit,
			   ItemPointerData *posting, const ItemPointerData *new_posting)
{
	OffsetNumber offset = page_tid_offset(visit->node);
	AttachResult result = ATTACH_GONE;
	PageEdit	edit;
	PageNode   *node;

	page_edit_begin(store->space, page_tid_block(visit->node),
					PAGE_KIND_NODE, &edit);
	node = page_node(edit.page, offset);
	if (node->state == NODE_LIVE && node->version == visit->version)
	{
		if (new_posting)
		{
			result = ATTACH_CHANGED;
			if (memcmp(&node->posting, posting, sizeof(*posting)) == 0)
			{
				node->posting = *new_posting;
				result = ATTACH_DONE;
			}
		}
		else if (node->nrows < PAGE_INLINE_ROWS)
		{
			node->rows[node->nrows++] = store->row;
			result = ATTACH_DONE;
		}
		else
			result = ATTACH_FULL;
		*posting = node->posting;
	}
	if (result == ATTACH_DONE)
		page_edit_commit(&edit);
	else
		page_edit_cancel(&edit);
	return result;
}

/* Turn a posting that could not be used back into a free slot. */
static void
discard_posting(PageStore *store, const ItemPointerData *posting)
{
	PageEdit	edit;
	PageNode   *image;

	page_edit_begin(store->space, ItemPointerGetBlockNumber(posting),
					PAGE_KIND_NODE, &edit);
	image = page_node(edit.page, ItemPointerGetOffsetNumber(posting));
	image->state = NODE_FREE;
	image->nrows = 0;
	page_edit_commit(&edit);
}

/* Put the row into the node, or into a posting of it, wherever is room. */
static bool
attach_row(PageStore *store, const PageVisit *visit)
{
	ItemPointerData posting;
	AttachResult result;

	for (;;)
	{
		ItemPointerData fresh;

		result = attach_to_node(store, visit, &posting, NULL);
		if (result != ATTACH_FULL)
			return result == ATTACH_DONE;
		if (ItemPointerIsValid(&posting) &&
			attach_to_posting(store, &posting, visit->node))
			return true;
		fresh = add_posting(store, &posting, visit->node);
		result = attach_to_node(store, visit, &posting, &fresh);
		if (result == ATTACH_DONE)
			return true;
		discard_posting(store, &fresh);
		if (result == ATTACH_GONE)
			return false;
	}
}

/* GraphStoreMethods.attach */
static bool
store_attach(GraphStore *graph, uint32 payload)
{
	PageStore  *store = page_store(graph);
	const PageVisit *visit = &store->visits[payload];

	if (!is_same_vector(store, payload) || !attach_row(store, visit))
		return false;
	page_rowmap_set(store->space, &store->row, visit->node);
	return true;
}

static const GraphStoreMethods page_store_methods = {
	.entry = store_entry,
	.visit = store_visit,
	.leave = store_leave,
	.prefetch = store_prefetch,
	.down = store_down,
	.crowded = store_crowded,
	.add = store_add,
	.link = page_store_link,
	.adopt = page_store_adopt,
	.promote = store_promote,
	.attach = store_attach,
	.grow = store_grow,
};

/* Make a store in the current memory context. */
void
page_store_init(PageStore *store, PageSpace *space, PageStoreCopies copies)
{
	const PageFormat *format = space->format;
	int			code_size = format->codec.code_size;

	memset(store, 0, sizeof(*store));
	store->graph.methods = &page_store_methods;
	store->graph.max_edges = format->max_edges;
	store->graph.has_estimates = format->sketch_bits > 0;
	store->graph.ahead = 1;
	store->graph.is_distance = format->codec.metric != METRIC_INNER_PRODUCT;
	store->space = space;
	store->format = format;
	store->context = CurrentMemoryContext;
	store->copies = copies;
	store->visits_size = FIRST_VISITS;
	store->visits = palloc(FIRST_VISITS * sizeof(PageVisit));
	if (copies == STORE_WITH_CODES)
	{
		store->codes = palloc((Size) FIRST_VISITS * code_size);
		store->vector_decoded = palloc(code_size * sizeof(float));
		store->neighbor_decoded = palloc(code_size * sizeof(float));
		store->image = palloc0(format->node_size);
		store->refine_image = palloc0(format->refine_size);
		page_link_scratch_init(&store->link_scratch, format);
	}
}

/*
 * Visit all live nodes of layer 0 on one block, whether edges lead to them
 * or not.  Calls found(arg, candidate) for each after the page is unlocked.
 */
void
page_store_sweep(PageStore *store, BlockNumber block,
				 void (*found) (void *arg, const GraphCandidate *candidate),
				 void *arg)
{
	uint32		first = store->nvisits;
	PageRef		ref;

	CHECK_FOR_INTERRUPTS();
	if (!page_open_any(store->space, block, &ref))
		return;
	if (page_special(ref.page)->kind == PAGE_KIND_NODE)
	{
		OffsetNumber max = PageGetMaxOffsetNumber(ref.page);

		for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
		{
			PageNode   *node = page_node(ref.page, o);

			if (node->state == NODE_LIVE && node->layer == 0)
				page_store_copy(store, node, ((uint64) block << 16) | o);
		}
	}
	page_close(&ref);
	for (uint32 payload = first; payload < store->nvisits; payload++)
	{
		GraphCandidate candidate;

		candidate.node = store->visits[payload].node;
		candidate.distance = store->visits[payload].distance;
		candidate.payload = payload;
		found(arg, &candidate);
	}
}

/* Does a live node of layer 0 keep this row in itself? */
static bool
node_has_row(const PageNode *node, const ItemPointerData *row)
{
	if (node->state != NODE_LIVE || node->layer > 0)
		return false;
	for (int i = 0; i < Min(node->nrows, PAGE_INLINE_ROWS); i++)
	{
		if (page_tid_pack(&node->rows[i]) == page_tid_pack(row))
			return true;
	}
	return false;
}

/*
 * Visit a node for one of its rows, if that is where the row is.  (Of rows in
 * postings nobody asks so: they are those of vectors that many rows have.)
 */
bool
page_store_visit_row(PageStore *store, GraphNode id,
					 const ItemPointerData *row, uint32 *payload)
{
	OffsetNumber offset = page_tid_offset(id);
	bool		found;
	PageRef		ref;

	CHECK_FOR_INTERRUPTS();
	page_open(store->space, page_tid_block(id), PAGE_KIND_NODE, &ref);
	found = page_has_item(ref.page, offset) &&
		node_has_row(page_node(ref.page, offset), row);
	if (found)
		*payload = page_store_copy(store, page_node(ref.page, offset), id);
	page_close(&ref);
	return found;
}

/* Compare with this vector from now on.  Forgets all visits. */
void
page_store_query(PageStore *store, const float *rotated,
				 CodecPurpose purpose)
{
	codec_query_init(&store->query, &store->format->codec, rotated, purpose);
	store->nvisits = 0;
}

/*
 * Insert this vector, of this row.  The vector must outlive the insertion;
 * the fingerprint is a hash of what it was before it was encoded.
 */
void
page_store_insert(PageStore *store, const CodecVector *vector,
				  uint32 fingerprint, const ItemPointerData *row)
{
	Assert(store->copies == STORE_WITH_CODES);
	page_store_query(store, vector->rotated, CODEC_LINK);
	store->vector = vector;
	store->fingerprint = fingerprint;
	store->row = *row;
	codec_decode(&store->format->codec, vector->code, vector->scale,
				 store->vector_decoded);
}

/* What the visit tells of the distance that SQL computes. */
CodecBounds
page_store_bounds(PageStore *store, uint32 payload)
{
	PageVisit  *visit = &store->visits[payload];

	return codec_bounds(&store->query, visit->distance, visit->norm2,
						visit->error);
}

/*
 * What the refine tuple tells of it.  Should the node have been vacuumed
 * and its refine tuple be that of another vector by now, the bounds are
 * wrong, but then no row of the node can be seen by our snapshot.
 */
CodecBounds
page_store_refine(PageStore *store, uint32 payload)
{
	PageVisit  *visit = &store->visits[payload];
	const int8 *code = store->codes ? page_store_code(store, payload) : NULL;
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(&visit->refine);
	CodecBounds bounds = page_store_bounds(store, payload);
	PageRef		ref;

	if (!ItemPointerIsValid(&visit->refine))
		return bounds;
	page_open(store->space, ItemPointerGetBlockNumber(&visit->refine),
			  PAGE_KIND_REFINE, &ref);
	if (page_has_item(ref.page, offset))
	{
		PageRefine *refine = page_refine(ref.page, offset);

		bounds = codec_refined_bounds(&store->query, code, visit->dot,
									  refine->refine, visit->scale,
									  refine->norm2, refine->error);
	}
	page_close(&ref);
	return bounds;
}

/* Rows being gathered */
typedef struct RowList
{
	ItemPointerData *items;
	int			n;
	int			size;
} RowList;

/*
 * Add the rows of one posting of a node; *next becomes the one after it.
 * False if it is no posting of the node any more.
 */
static bool
add_posting_rows(PageStore *store, GraphNode node, ItemPointerData *next,
				 RowList *rows)
{
	OffsetNumber offset = ItemPointerGetOffsetNumber(next);
	bool		found = false;
	PageRef		ref;

	CHECK_FOR_INTERRUPTS();
	if (rows->n + store->format->posting_rows > rows->size)
	{
		rows->size += rows->n + store->format->posting_rows;
		rows->items = repalloc_huge(rows->items,
									rows->size * sizeof(ItemPointerData));
	}
	page_open(store->space, ItemPointerGetBlockNumber(next), PAGE_KIND_NODE,
			  &ref);
	if (page_has_item(ref.page, offset))
	{
		PageNode   *posting = page_node(ref.page, offset);

		found = posting->state == NODE_POSTING &&
			page_tid_pack(&posting->down) == node;
		if (found)
		{
			int			count = Min(posting->nrows,
									store->format->posting_rows);

			memcpy(rows->items + rows->n, page_posting_rows(posting),
				   count * sizeof(ItemPointerData));
			rows->n += count;
			*next = posting->posting;
		}
	}
	page_close(&ref);
	return found;
}

/* Where a visited node's postings begin by now.  False if it is gone. */
static bool
read_first_posting(PageStore *store, const PageVisit *visit,
				   ItemPointerData *first)
{
	PageRef		ref;
	PageNode   *node;
	bool		found;

	page_open(store->space, page_tid_block(visit->node), PAGE_KIND_NODE,
			  &ref);
	node = page_node(ref.page, page_tid_offset(visit->node));
	found = node->state == NODE_LIVE && node->version == visit->version;
	*first = node->posting;
	page_close(&ref);
	return found;
}

static int
compare_tids(const void *a, const void *b)
{
	return ItemPointerCompare((ItemPointer) a, (ItemPointer) b);
}

/*
 * All rows of a visited node, in memory of the current context.  Those in
 * the node are as they were when it was visited; those in postings, as they
 * are now.
 *
 * Vacuum may take a posting that we are about to read out of the chain.  It
 * is then free, or something else, and we begin again; or a posting of the
 * same node once more, at the head of the chain, which we then walk again:
 * hence no row is returned twice.
 */
int
page_store_rows(PageStore *store, uint32 payload, ItemPointerData **result)
{
	PageVisit  *visit = &store->visits[payload];
	ItemPointerData next = visit->posting;
	int			attempts = 0;
	RowList		rows;

	rows.n = visit->nrows;
	rows.size = PAGE_INLINE_ROWS;
	rows.items = palloc(rows.size * sizeof(ItemPointerData));
	memcpy(rows.items, visit->rows, rows.n * sizeof(ItemPointerData));
	if (ItemPointerIsValid(&next))
	{
		while (ItemPointerIsValid(&next))
		{
			if (add_posting_rows(store, visit->node, &next, &rows))
				continue;
			rows.n = visit->nrows;
			if (!read_first_posting(store, visit, &next))
				break;			/* vacuumed away: nobody sees its rows */
			if (++attempts == MAX_ATTEMPTS)
				page_report_corrupt(store->space->index,
									page_tid_block(visit->node),
									"a node with a broken list of postings");
		}
		qsort(rows.items, rows.n, sizeof(ItemPointerData), compare_tids);
		rows.n = qunique(rows.items, rows.n, sizeof(ItemPointerData),
						 compare_tids);
	}
	*result = rows.items;
	return rows.n;
}
