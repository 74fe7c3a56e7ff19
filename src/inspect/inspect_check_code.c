/*-------------------------------------------------------------------------
 *
 * inspect_check_code.c
 *	  What edges and pointers say of the vectors they lead to: I8, I10, I11,
 *	  I18.
 *
 * An edge was made either from the own codes of its two ends, or from the
 * neighbor's very vector, which is not farther from the neighbor's own code
 * than its error says.  So length and sketch can be worked out again from
 * the codes up to that error:
 *
 *	  - the length, by the triangle inequality;
 *	  - the sign of a coordinate of the difference, wherever that is larger
 *		than what rounding to a code can move a coordinate: half a scale.
 *
 * An edge that survived its neighbor, whose slot was used again for another
 * vector, cannot pass this.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "inspect/inspect_check.h"

/* Rounding of sums over coordinates in float, here and where it was stored */
#define ROUNDING	1e-5

/* Half a scale is what rounding moves a coordinate, by and large */
#define HALF_SCALE	0.505f

/* A node as it was read: header and own code, and what the code decodes to */
typedef struct CodeCopy
{
	PageNode	node;
	int8	   *code;
	float	   *decoded;
} CodeCopy;

typedef struct CodeCheck
{
	InspectCheck *check;
	CodeCopy	own;
	CodeCopy	other;			/* a neighbor, or the node below */
	float	   *lengths;		/* as stored, by edge */
} CodeCheck;

static void
copy_alloc(const Codec *codec, CodeCopy *copy)
{
	copy->code = palloc(codec->code_size);
	copy->decoded = palloc(codec->code_size * sizeof(float));
}

/* Copy a node's header and code. */
static void
copy_set(const PageFormat *format, CodeCopy *copy, const PageNode *node)
{
	memcpy(&copy->node, node, sizeof(PageNode));
	memcpy(copy->code, page_node_code(format, node), format->codec.code_size);
	codec_decode(&format->codec, copy->code, node->scale, copy->decoded);
}

/* Read a slot, which is known to exist. */
static void
copy_read(CodeCheck *state, CodeCopy *copy, InspectSlotNo slot)
{
	InspectCheck *check = state->check;
	CheckPlace	place = check_place(check, slot);
	PageRef		ref;

	page_open(&check->inspect.space, place.block, PAGE_KIND_NODE, &ref);
	copy_set(check->format, copy, page_node(ref.page, place.offset));
	page_close(&ref);
}

/* I8: the norm of code and refinement */
static void
check_refine_norm(CodeCheck *state, CheckPlace place)
{
	InspectCheck *check = state->check;
	int			n = check->format->codec.code_size;
	const CodeCopy *own = &state->own;
	double		square = (double) own->node.scale * own->node.scale;
	PageRef		ref;
	PageRefine *refine;
	double		cc;
	double		cl;
	double		ll;
	double		norm2;
	double		stored;

	page_open(&check->inspect.space,
			  ItemPointerGetBlockNumber(&own->node.refine), PAGE_KIND_REFINE,
			  &ref);
	if (!page_has_item(ref.page,
					   ItemPointerGetOffsetNumber(&own->node.refine)))
		check_fail(check, I8_REFINE, place,
				   "The refine tuple (%u,%u) does not exist.",
				   ItemPointerGetBlockNumber(&own->node.refine),
				   ItemPointerGetOffsetNumber(&own->node.refine));
	refine = page_refine(ref.page,
						 ItemPointerGetOffsetNumber(&own->node.refine));
	cc = distance_kernels->code_pair_dot(n, own->code, own->code);
	cl = distance_kernels->code_pair_dot(n, own->code, refine->refine);
	ll = distance_kernels->code_pair_dot(n, refine->refine, refine->refine);
	stored = refine->norm2;
	page_close(&ref);

	norm2 = square * (cc + cl / 128 + ll / 65536);
	if (norm2 > FLT_MAX ? !isinf(stored) :
		!check_nearly(stored, norm2, norm2 * 1e-6 + FLT_MIN))
		check_fail(check, I8_REFINE, place,
				   "The refined squared norm is %g, but that of the codes is %g.",
				   stored, norm2);
}

/* I11: the node below has the same own code */
static void
check_code_below(CodeCheck *state, CheckPlace place, InspectSlotNo below)
{
	const CodeCopy *own = &state->own;
	const CodeCopy *other = &state->other;

	copy_read(state, &state->other, below);
	if (own->node.scale != other->node.scale ||
		own->node.norm2 != other->node.norm2 ||
		own->node.error != other->node.error ||
		memcmp(own->code, other->code,
			   state->check->format->codec.code_size) != 0)
		check_fail(state->check, I11_DOWN, place,
				   "The node below, (%u,%u), has another own code.",
				   check_place(state->check, below).block,
				   check_place(state->check, below).offset);
}

/* One of the two 16-bit floats an edge begins with, see distance_codec.h */
static double
edge_number(const void *edge, int which)
{
	uint16		half;
	uint32		bits;
	float		value;

	memcpy(&half, (const char *) edge + which * sizeof(half), sizeof(half));
	bits = (uint32) half << 16;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* An edge, or a landmark, which is one from the origin */
#define LANDMARK	(-1)

static const char *
edge_name(int i)
{
	return i == LANDMARK ? "the landmark" : psprintf("edge %d", i);
}

static Invariant
edge_invariant(int i)
{
	return i == LANDMARK ? I18_LANDMARKS : I10_EDGE_VALUES;
}

/* I10, I18: the link distance that edge i tells */
static void
check_edge_length(CodeCheck *state, CheckPlace place, int i, float stored,
				  const void *edge)
{
	const Codec *codec = &state->check->format->codec;
	const CodeCopy *own = &state->own;
	const CodeCopy *other = &state->other;
	double		error = other->node.error;
	double		constant = fabs(edge_number(edge, 0));
	double		factor = fabs(edge_number(edge, 1));
	double		length;
	double		tolerance;

	if (codec->metric == METRIC_L1)
	{
		length = distance_kernels->l1(codec->code_size, own->decoded,
									  other->decoded);
		tolerance = error;
	}
	else
	{
		length = distance_kernels->l2_squared(codec->code_size, own->decoded,
											  other->decoded);
		tolerance = 2 * sqrt(length) * error + error * error;
	}

	/* beyond what floats hold everything is the largest or infinite */
	if (!(length < 1e37) || !(constant < 1e37) || !isfinite(tolerance))
		return;

	/* the constant has 8 bits; the product of factor and signs is rounded */
	tolerance += constant / 256 + ROUNDING * length +
		ROUNDING * factor * sqrt(64.0 * codec->sketch_words *
								 own->node.norm2) + FLT_MIN;
	if (!check_nearly(stored, length, tolerance))
		check_fail(state->check, edge_invariant(i), place,
				   "The length of %s is %g, but its ends are %g apart (+- %g).",
				   edge_name(i), stored, length, tolerance);
}

/* I10, I18: the signs of edge i */
static void
check_edge_sketch(CodeCheck *state, CheckPlace place, int i, const void *edge)
{
	int			words = state->check->format->codec.sketch_words;
	const uint64 *sketch = (const uint64 *) ((const char *) edge + 4);
	const CodeCopy *own = &state->own;
	const CodeCopy *other = &state->other;
	float		unsure = HALF_SCALE * other->node.scale;
	double		expected = 0;
	double		sum = 0;

	for (int k = 0; k < 64 * words; k++)
	{
		float		r = other->decoded[k] - own->decoded[k];
		bool		sign = (sketch[k / 64] >> (k % 64)) & 1;

		/* a wrong sign makes the sum smaller by twice its coordinate */
		if (fabsf(r) > unsure)
		{
			expected += fabsf(r);
			sum += sign ? r : -r;
		}
	}
	if (expected < 1e37 && sum != expected)
		check_fail(state->check, edge_invariant(i), place,
				   "The signs of %s's sketch add up to %g instead of %g.",
				   edge_name(i), sum, expected);
}

/* What edge i, or a landmark, says of the node it leads to */
static void
check_edge(CodeCheck *state, CheckPlace place, int i, float length,
		   const void *edge, InspectSlotNo to)
{
	if (state->check->graph.slots[to].state != NODE_LIVE)
		return;
	copy_read(state, &state->other, to);
	check_edge_length(state, place, i, length, edge);
	if (state->check->format->sketch_bits > 0)
		check_edge_sketch(state, place, i, edge);
}

/* I10: all edges of a node whose code is in state->own */
static void
check_edges(CodeCheck *state, CheckPlace place, const PageNode *node,
			const InspectSlot *slot)
{
	const PageFormat *format = state->check->format;
	const InspectGraph *graph = &state->check->graph;

	if (node->nedges == 0)
		return;
	codec_edge_lengths(&format->codec, page_node_code(format, node),
					   node->scale, node->nedges,
					   page_edge_codec(page_node_edge(format, node, 0)),
					   format->edge_size, state->lengths);
	for (int i = 0; i < node->nedges; i++)
		check_edge(state, place, i, state->lengths[i],
				   page_edge_codec(page_node_edge(format, node, i)),
				   graph->edges[slot->first_edge + i]);
}

/* I18: the landmarks of a page */
static void
check_landmark_codes(CodeCheck *state, BlockNumber block, Page page)
{
	const PageFormat *format = state->check->format;
	CheckPlace	place = {.block = block};
	CodeCopy   *own = &state->own;

	/* the origin */
	memset(&own->node, 0, sizeof(own->node));
	memset(own->code, 0, format->codec.code_size);
	codec_decode(&format->codec, own->code, 0, own->decoded);
	for (place.offset = FirstOffsetNumber;
		 place.offset <= PageGetMaxOffsetNumber(page); place.offset++)
	{
		PageEdge   *landmark = page_landmark(page, place.offset);
		const ItemPointerData *to = &landmark->node;
		const void *edge = page_edge_codec(landmark);
		float		length;

		if (!ItemPointerIsValid(to))
			continue;
		codec_edge_lengths(&format->codec, own->code, 0, 1, edge,
						   format->edge_size, &length);
		check_edge(state, place, LANDMARK, length, edge,
				   inspect_slot_no(&state->check->graph,
								   ItemPointerGetBlockNumber(to),
								   ItemPointerGetOffsetNumber(to)));
	}
}

/* Check what the live nodes of a page say of others. */
static void
check_page_codes(CodeCheck *state, BlockNumber block, Page page)
{
	InspectCheck *check = state->check;
	CheckPlace	place = {.block = block};

	for (place.offset = FirstOffsetNumber;
		 place.offset <= PageGetMaxOffsetNumber(page); place.offset++)
	{
		const PageNode *node = page_node(page, place.offset);
		const InspectSlot *slot = &check->graph.slots[
			inspect_slot_no(&check->graph, block, place.offset)];

		if (node->state != NODE_LIVE)
			continue;
		copy_set(check->format, &state->own, node);
		if (node->layer == 0)
			check_refine_norm(state, place);
		else
			check_code_below(state, place, slot->down);
		check_edges(state, place, node, slot);
	}
}

/* Check everything that depends on the codes of two nodes. */
void
check_codes(InspectCheck *check)
{
	const PageFormat *format = check->format;
	const Codec *codec = &format->codec;
	CodeCheck	state = {.check = check};
	PGAlignedBlock page;

	copy_alloc(codec, &state.own);
	copy_alloc(codec, &state.other);
	state.lengths = palloc(format->max_edges * sizeof(float));
	for (BlockNumber block = 0; block < check->graph.nblocks; block++)
	{
		if (!inspect_read_page(&check->inspect, block, &page))
			continue;
		if (page_special((Page) page.data)->kind == PAGE_KIND_NODE)
			check_page_codes(&state, block, (Page) page.data);
		else if (page_special((Page) page.data)->kind == PAGE_KIND_LANDMARK)
			check_landmark_codes(&state, block, (Page) page.data);
	}
}
