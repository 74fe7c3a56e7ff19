/*-------------------------------------------------------------------------
 *
 * distance_sketch.c
 *	  Edges: the sketch of where an edge leads, and what a query learns
 *	  from it.
 *
 * Of the difference r between a neighbor and its node v, an edge holds the
 * signs b_k of the first coordinates, and two numbers by which
 *
 *	  S = sum b_k q_k
 *
 * becomes an estimate of the query's distance to the neighbor.  <q - v, r> is
 * estimated as (|r|^2 / sum |r_k|) sum b_k (q_k - v_k): exactly right if
 * q - v is parallel to r, and else off by what the signs know nothing of.
 *
 * S is summed over a query in 4 bits, q_k ~ step (u_k - 7.5), from counts of
 * differing bits between the sketch and the planes of u.  Let X_j be that
 * count for plane j, P_j the number of bits set in the plane, p that in the
 * sketch.  Then b_k times bit j of u_k adds up to 2 |sketch & plane_j| - P_j
 * = p - X_j, so
 *
 *	  S / step = sum_j 2^j (p - X_j) - 7.5 sum b_k
 *			   = 15 p - sum_j 2^j X_j - 7.5 (2 p - B)
 *			   = 7.5 B - sum_j 2^j X_j
 *
 * where B is the number of bits: p cancels, and the sums of the kernel
 * sketch_sums are all that is needed.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "distance/distance_codec.h"
#include "distance/distance_codec_private.h"

/* Edges whose sums are computed at once, on the stack */
#define EDGE_BATCH	64

/* An edge's fields before the sketch */
typedef struct EdgeHeader
{
	uint16		constant;
	uint16		factor;
} EdgeHeader;

static inline float
bfloat_value(uint16 bfloat)
{
	uint32		bits = (uint32) bfloat << 16;
	float		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/*
 * The upper half of a float, rounded to nearest, ties to even.  What is too
 * large, or not a number, becomes the largest finite one: estimates are
 * compared, and an infinity less another would not be a number.
 */
static inline uint16
bfloat_round(double a)
{
	float		value = codec_float(a);
	uint32		bits;

	memcpy(&bits, &value, sizeof(bits));
	bits += 0x7FFF + ((bits >> 16) & 1);
	if ((bits & 0x7F800000) == 0x7F800000)
		bits = (bits & 0x80000000) | 0x7F7F0000;
	return bits >> 16;
}

/* Address of the edge's sketch */
static inline const uint64 *
edge_sketch(const void *edge)
{
	return (const uint64 *) ((const char *) edge + sizeof(EdgeHeader));
}

int
codec_edge_bytes(const Codec *codec)
{
	int			bytes = sizeof(EdgeHeader) + 8 * codec->sketch_words;

	if (codec->metric == METRIC_INNER_PRODUCT && codec->sketch_words > 0)
		bytes += sizeof(uint64);
	return bytes;
}

/* Without sketches: nothing but the link distance */
static float
codec_edge_fill_plain(const Codec *codec, EdgeHeader *header,
					  const float *v_decoded, const float *neighbor)
{
	const DistanceKernels *kernels = distance_kernels;
	float		n2;

	if (codec->metric == METRIC_L1)
		n2 = kernels->l1(codec->code_size, v_decoded, neighbor);
	else
		n2 = kernels->l2_squared(codec->code_size, v_decoded, neighbor);
	header->constant = bfloat_round(n2);
	header->factor = 0;
	return n2;
}

/*
 * The factor is rounded first and the constants computed for the rounded
 * one, so that constant + factor * sv is n2 but for the constant's rounding.
 * If the difference is outside the sketch's coordinates altogether, the
 * signs mean nothing and the factor is 0.
 */
float
codec_edge_fill(const Codec *codec, void *edge, const float *v_decoded,
				const float *neighbor)
{
	EdgeHeader *header = edge;
	uint64	   *sketch = (uint64 *) ((char *) edge + sizeof(EdgeHeader));
	EdgeSums	sums;
	double		factor;

	if (codec->sketch_words == 0)
		return codec_edge_fill_plain(codec, header, v_decoded, neighbor);

	distance_kernels->edge_sums(codec->code_size, codec->sketch_words,
								v_decoded, neighbor, sketch, &sums);
	header->factor = 0;
	if (sums.absolute > 0)
		header->factor = bfloat_round(-2.0 * sums.length2 / sums.absolute);
	factor = bfloat_value(header->factor);
	header->constant = bfloat_round(sums.length2 - factor * sums.signed_v);
	if (codec->metric == METRIC_INNER_PRODUCT)
	{
		uint64	   *tail = sketch + codec->sketch_words;
		uint16		ip_constant = bfloat_round(-(double) sums.product -
											   factor / 2 * sums.signed_v);

		*tail = 0;
		memcpy(tail, &ip_constant, sizeof(ip_constant));
	}
	return sums.length2;
}

/*
 * The step is such that the coordinate farthest from 0 gets level 0 or 15.
 * Coordinates too small for that are taken for zeros.
 */
void
codec_query_quantize(CodecQuery *query)
{
	const DistanceKernels *kernels = distance_kernels;
	int			words = query->codec->sketch_words;

	query->step = kernels->peak(64 * words, query->rotated) / 7.5f;
	if (query->step < FLT_MIN)
	{
		query->step = 0;
		memset(query->planes, 0, sizeof(query->planes));
		return;
	}
	kernels->query_planes(words, query->rotated, 1.0f / query->step,
						  query->planes);
}

/* Up to EDGE_BATCH edges on their way to values, padded for the kernel */
typedef struct EdgeBatch
{
	int			n;
	const char *edges;
	int			stride;
	uint32		headers[EDGE_BATCH];	/* see EdgeScale */
	int32		sums[EDGE_BATCH];
} EdgeBatch;

/*
 * Start with edges `done` to n.  The constants are `at` bytes from where an
 * edge begins.
 */
static inline void
batch_read(EdgeBatch *batch, const void *edges, int stride, int done, int n,
		   int at)
{
	batch->n = Min(n - done, EDGE_BATCH);
	batch->edges = (const char *) edges + (Size) done * stride;
	batch->stride = stride;
	for (int i = 0; i < batch->n; i++)
	{
		const char *edge = batch->edges + (Size) i * stride;

		batch->headers[i] = *(const uint16 *) (edge + at) |
			(uint32) ((const EdgeHeader *) edge)->factor << 16;
	}
}

/* End with the values. */
static inline void
batch_values(EdgeBatch *batch, const EdgeScale *scale, float *values)
{
	float		padded[EDGE_BATCH];
	int			n = TYPEALIGN(CODEC_ALIGN, batch->n);

	for (int i = batch->n; i < n; i++)
		batch->headers[i] = batch->sums[i] = 0;
	distance_kernels->edge_values(n, batch->headers, batch->sums, scale,
								  padded);
	memcpy(values, padded, batch->n * sizeof(float));
}

void
codec_edge_estimates(const CodecQuery *query, float own_distance,
					 int n, const void *edges, int stride, float *estimates)
{
	const Codec *codec = query->codec;
	int			words = codec->sketch_words;
	bool		product = codec->metric == METRIC_INNER_PRODUCT &&
		query->purpose == CODEC_SEARCH;
	int			at = product ? sizeof(EdgeHeader) + 8 * words :
		offsetof(EdgeHeader, constant);
	EdgeScale	scale = {
		.zero = 480 * words,	/* 7.5 B */
		.step = product ? query->step / 2 : query->step,
		.own = own_distance
	};
	EdgeBatch	batch;

	for (int done = 0; done < n; done += EDGE_BATCH)
	{
		batch_read(&batch, edges, stride, done, n, at);
		distance_kernels->sketch_sums(batch.n, edge_sketch(batch.edges),
									  stride, words, query->planes,
									  batch.sums);
		batch_values(&batch, &scale, estimates + done);
	}
}

void
codec_edge_lengths(const Codec *codec, const int8 *code, float code_scale,
				   int n, const void *edges, int stride, float *n2)
{
	EdgeScale	scale = {.step = -code_scale};
	EdgeBatch	batch;

	for (int done = 0; done < n; done += EDGE_BATCH)
	{
		batch_read(&batch, edges, stride, done, n,
				   offsetof(EdgeHeader, constant));
		distance_kernels->sketch_code_sums(batch.n, edge_sketch(batch.edges),
										   stride, codec->sketch_words, code,
										   batch.sums);
		batch_values(&batch, &scale, n2 + done);
	}
	for (int i = 0; i < n; i++)
		n2[i] = Max(n2[i], 0);
}
