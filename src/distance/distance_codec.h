/*-------------------------------------------------------------------------
 *
 * distance_codec.h
 *	  How a vector is stored in an index: rotation, own code, refinement,
 *	  edge sketch; and how a query is compared with each of them.
 *
 * In short: x is padded to code_size coordinates and rotated (an orthogonal
 * transform made of random sign flips and fast Hadamard transforms; not for
 * L1), then x_i ~ scale * c_i with c_i an int8: the own code.  The refinement
 * adds the next 8 bits, x_i ~ scale * (c_i + l_i/256).  A sketch holds one
 * sign bit per coordinate of the difference between a neighbor and the node
 * whose edge leads to it.
 *
 * Nothing here allocates, fails or knows PostgreSQL's server: memory is the
 * caller's, sizes are asked for first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef DISTANCE_CODEC_H
#define DISTANCE_CODEC_H

#include "c.h"

#include "distance/distance_kernels.h"
#include "distance/distance_metric.h"

/* Coordinates of an own code: at least this, or twice, and a multiple of 16 */
#define CODEC_MIN_SIZE	64
#define CODEC_ALIGN		16

/*
 * The parameters of one index.  One chunk of memory of codec_bytes() bytes,
 * without pointers into itself, so that it may be copied with memcpy.
 */
typedef struct Codec
{
	DistanceMetric metric;
	int32		dimensions;		/* of the column */
	int32		code_size;		/* bytes of an own code = coordinates */
	int32		sketch_words;	/* 64-bit words of a sketch, 0: no sketches */
	uint64		seed;			/* of the rotation */
	/* private: four rounds of sign masks, code_size each */
	uint32		signs[FLEXIBLE_ARRAY_MEMBER];
} Codec;

/* code_size for a number of dimensions */
extern int	codec_code_size(int dimensions);
extern Size codec_bytes(int dimensions);
extern void codec_init(Codec *codec, DistanceMetric metric, int dimensions,
					   int sketch_words, uint64 seed);

/* An encoded vector.  The arrays, of code_size elements, are the caller's. */
typedef struct CodecVector
{
	float	   *rotated;		/* x itself in code space, up to rounding */
	int8	   *code;			/* c_i */
	int8	   *refine;			/* l_i */
	float		scale;
	float		norm2;			/* |x^|^2 of what the code decodes to */
	float		error;			/* >= |x - x^|, in the L1 norm for L1 */
	float		refine_norm2;	/* |x~|^2, of code and refinement together */
	float		refine_error;	/* >= |x - x~|, likewise */
} CodecVector;

/*
 * Encode x (of codec->dimensions floats, all finite).  For METRIC_COSINE x
 * is scaled to unit length first; returns false, leaving v undefined, if
 * that cannot be done (a zero vector).  error and refine_error include the
 * float rounding of rotation and encoding.
 *
 * Vectors of any magnitude work.  If norm2 does not fit into a float, or
 * the rotated vector does not, or a vector's length is beyond what the SQL
 * function for cosine can square in float, then the errors are +Infinity,
 * and bounds say no more than that distances are not negative.
 */
extern bool codec_encode(const Codec *codec, const float *x, CodecVector *v);

/* What a code decodes to: out_i = scale * code_i */
extern void codec_decode(const Codec *codec, const int8 *code, float scale,
						 float *out);

/* What a query is asked for */
typedef enum CodecPurpose
{
	CODEC_SEARCH,				/* order by the metric */
	CODEC_LINK					/* build the graph: link distance */
} CodecPurpose;

/*
 * A query: a rotated vector with what comparing it needs.  The vector
 * it was made from must outlive it.  A SEARCH query that is to give bounds
 * must be what codec_encode() left in `rotated`: it tells whether the query
 * was too large or too small for any (see UNSAFE_LENGTH).
 */
typedef struct CodecQuery
{
	const Codec *codec;
	CodecPurpose purpose;
	const float *rotated;		/* code_size floats */
	double		norm2;			/* |q|^2 */
	double		norm;			/* |q| */
	double		l1norm;			/* sum |q_i|, METRIC_L1 only */
	float		step;			/* width of a level of the quantized query */
	uint64		planes[SKETCH_QUERY_BITS * SKETCH_MAX_WORDS];
} CodecQuery;

/*
 * Prepare `rotated` (as codec_encode left it, or codec_decode's output) for
 * comparisons.  The first 64 * sketch_words coordinates are quantized to
 * q_k ~ step * (u_k - 7.5), u_k in 0..15, by randomised rounding from a
 * fixed sequence (deterministic).
 */
extern void codec_query_init(CodecQuery *query, const Codec *codec,
							 const float *rotated, CodecPurpose purpose);

/*
 * Distance of the query to an own code.  L2, cosine and every CODEC_LINK
 * but L1: squared Euclidean distance (never negative); inner product
 * search: -<q, x^>; L1: the L1 distance.  This is the scale in which the
 * graph code orders ("key").  May be infinite, but is never NaN.
 * *dot receives sum q_i c_i (0 for L1), which codec_refined_bounds needs.
 */
extern float codec_distance(const CodecQuery *query, const int8 *code,
							float scale, float norm2, float *dot);

/* The same to the origin, whose code is all zero (not for L1) */
extern float codec_origin_distance(const CodecQuery *query);

/* Link distance between two own codes */
extern float codec_pair_distance(const Codec *codec,
								 const int8 *x, float xscale, float xnorm2,
								 const int8 *y, float yscale, float ynorm2);

/* Interval for the distance that SQL computes between query and row */
typedef struct CodecBounds
{
	double		lower;
	double		upper;
} CodecBounds;

/*
 * The interval [lower, upper] that surely holds what the SQL operator of
 * the metric (<->, <#>, <=>, <+>; not its square) returns for the query and
 * a vector whose own code is at `distance` (from codec_distance) and whose
 * norm2 and error are these.  Widened by a derived slack for the float
 * rounding here and in the SQL function, which must compute with the present
 * distance_kernels: in double
 *
 *	  sqrt(l2_squared), -inner_product, l1 and 1 - xy / sqrt(xx * yy),
 *
 * the quotient possibly rounded to float and clamped to [-1, 1].  Where a
 * float sum may overflow, or SQL returns NaN, upper is +Infinity.
 */
extern CodecBounds codec_bounds(const CodecQuery *query, float distance,
								float norm2, float error);

/*
 * The same from the refinement.  code is only read for L1 (may be NULL
 * otherwise); dot is what codec_distance gave.
 */
extern CodecBounds codec_refined_bounds(const CodecQuery *query,
										const int8 *code, float dot,
										const int8 *refine, float scale,
										float refine_norm2,
										float refine_error);

/*
 * The codec's part of an edge, as stored: two or three 16-bit floats (upper
 * half of a float32, rounded to nearest), then the sketch.
 *
 * Layout, from the address this header calls an edge: uint16 constant;
 * uint16 factor; and at edge + 4, the sketch's words (8-byte aligned by the
 * caller: edge % 8 == 4) and, for METRIC_INNER_PRODUCT only, right after the
 * sketch a uint16 ip_constant and 6 bytes of zero padding.  Edges of one
 * node lie `stride` bytes apart.
 *
 * Estimate of the key of neighbor n, from v's edge, for a query:
 * purpose LINK, L2, cosine:  d(q,v) + constant + factor * S
 * search by inner product:   d(q,v) + ip_constant + factor/2 * S
 * with S = sum b_k q_k over the sketch.  Formulas: factor = -2 n2/s1,
 * constant = n2 + 2 (n2/s1) sv, ip_constant = -<v^, r> + (n2/s1) sv, with
 * r = n - v^, n2 = |r|^2 over all coordinates, s1 = sum |r_k| and
 * sv = sum b_k v^_k over the sketch's coordinates.
 */
/* 4 + 8 * words (+ 8 for inner product); 4 without sketches */
extern int	codec_edge_bytes(const Codec *codec);

/*
 * Fill the edge from v (decoded: v_decoded, code_size floats) to the
 * neighbor whose coordinates are `neighbor` (rotated or decoded).  Every byte
 * is written.  Returns n2, the link distance between the two.  Without
 * sketches (and always for L1) constant holds the link distance and factor
 * is 0.
 */
extern float codec_edge_fill(const Codec *codec, void *edge,
							 const float *v_decoded, const float *neighbor);

/*
 * estimates[i] = estimated key of edge i's neighbor, see above; never NaN.
 * Needs sketches.  own_distance is codec_distance() of the query to v.
 */
extern void codec_edge_estimates(const CodecQuery *query, float own_distance,
								 int n, const void *edges, int stride,
								 float *estimates);

/*
 * n2[i] = link distance between v and edge i's neighbor as the edge tells
 * it: constant + factor * sv (sv computed exactly from v's code); without
 * sketches the constant.  Never negative, nor NaN.
 */
extern void codec_edge_lengths(const Codec *codec, const int8 *code,
							   float code_scale, int n, const void *edges,
							   int stride, float *n2);

#endif							/* DISTANCE_CODEC_H */
