/*-------------------------------------------------------------------------
 *
 * distance_kernels.h
 *	  The inner loops, one set per instruction set, chosen once at load.
 *
 * Every kernel takes the length first.  Float kernels accept any length and
 * any alignment; code kernels take a multiple of 16 (a code's size always
 * is one).  Results of different instruction sets differ by rounding only:
 * sums are accumulated in float over at least DISTANCE_LANES partial sums,
 * which DISTANCE_SUM_ERROR() bounds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef DISTANCE_KERNELS_H
#define DISTANCE_KERNELS_H

#include "c.h"

/* Planes of a quantized query: it has 4 bits per coordinate */
#define SKETCH_QUERY_BITS	4
/* A sketch has at most this many 64-bit words */
#define SKETCH_MAX_WORDS	8

/* Partial sums that every kernel of every instruction set uses at least */
#define DISTANCE_LANES		16

/*
 * Relative error of a sum of n terms as our kernels accumulate it, in terms
 * of the sum of the terms' absolute values (standard result: a term passes
 * through at most n / lanes + log2(lanes) + 3 roundings of 2^-24 each,
 * including those of the term itself).
 */
#define DISTANCE_SUM_ERROR(n) \
	(((double) (n) / DISTANCE_LANES + 16.0) * 5.9604644775390625e-8)

/* What edge_sums finds out about r = y - v */
typedef struct EdgeSums
{
	float		length2;		/* sum r_k^2, all coordinates */
	float		product;		/* sum v_k r_k, all coordinates */
	float		absolute;		/* sum |r_k|, the sketch's coordinates */
	float		signed_v;		/* sum sign(r_k) v_k, likewise */
} EdgeSums;

/*
 * How edge_values() turns the sum of an edge's sketch into a distance:
 *
 *	  value = own + constant + factor * step * (zero - sum)
 *
 * An edge's header holds, each as the upper half of a float, the constant in
 * its lower 16 bits and the factor in its upper ones.
 */
typedef struct EdgeScale
{
	int32		zero;
	float		step;
	float		own;
} EdgeScale;

/* What quantize leaves undone, in units of the scale and of scale / 256 */
typedef struct CodeErrors
{
	float		squares;		/* sum (t_i - c_i)^2 with t_i = x_i / scale */
	float		absolutes;		/* sum |t_i - c_i| */
	float		fine_squares;	/* sum (256 (t_i - c_i) - l_i)^2 */
	float		fine_absolutes;
} CodeErrors;

typedef struct DistanceKernels
{
	/* "baseline" ("neon" on aarch64), "avx2", "avx512", "avx512_vnni" */
	const char *name;

	/* Vectors of floats, as the SQL functions see them */
	float		(*l2_squared) (int n, const float *x, const float *y);
	float		(*inner_product) (int n, const float *x, const float *y);
	float		(*l1) (int n, const float *x, const float *y);
	/* sums[0] = <x,y>, sums[1] = |x|^2, sums[2] = |y|^2, in one pass */
	void		(*cosine_sums) (int n, const float *x, const float *y,
								float *sums);

	/* Float query against int8 code: sum q_i c_i */
	float		(*code_dot) (int n, const float *q, const int8 *c);
	/* sum |q_i - scale c_i| */
	float		(*code_l1) (int n, const float *q, const int8 *c, float scale);
	/* sum |q_i - scale (c_i + l_i / 256)| */
	float		(*code_l1_refined) (int n, const float *q, const int8 *c,
									const int8 *l, float scale);
	/* Code against code: sum x_i y_i, exact */
	int32		(*code_pair_dot) (int n, const int8 *x, const int8 *y);
	/* sum |sx x_i - sy y_i| */
	float		(*code_pair_l1) (int n, const int8 *x, float sx,
								 const int8 *y, float sy);

	/*
	 * Sketches of `words` 64-bit words each, sketch i at sketches + i *
	 * stride bytes (8-byte aligned), against the query's bit planes
	 * (planes[j * words .. ] holds bit j of every coordinate).
	 * sums[i] = sum_j 2^j * popcount(sketch_i XOR plane_j).
	 */
	void		(*sketch_sums) (int n, const void *sketches, int stride,
								int words, const uint64 *planes,
								int32 *sums);
	/* sums[i] = sum c_k over 64 * words k, with - where sketch_i's bit is 0 */
	void		(*sketch_code_sums) (int n, const void *sketches, int stride,
									 int words, const int8 *code,
									 int32 *sums);
	/* What edges with such sums say; n is a multiple of 16 */
	void		(*edge_values) (int n, const uint32 *headers,
								const int32 *sums, const EdgeScale *scale,
								float *values);

	/*
	 * The rest serves the codec; lengths are multiples of 16.
	 */

	/* sum x_i^2 in double; any length */
	double		(*sum_squares) (int n, const float *x);
	/* The sketch of y as seen from v, and what the edge's constants need */
	void		(*edge_sums) (int n, int words, const float *v,
							  const float *y, uint64 *sketch,
							  EdgeSums *sums);
	/* Bit planes of u_k = q_k * inverse_step + 7.5, rounded at random */
	void		(*query_planes) (int words, const float *q,
								 float inverse_step, uint64 *planes);
	/* max |x_i| */
	float		(*peak) (int n, const float *x);
	/* x_i *= factor */
	void		(*multiply) (int n, float *x, float factor);
	/* out_i = scale * code_i */
	void		(*decode) (int n, const int8 *code, float scale, float *out);
	/* Own code and refinement; |x_i * inverse_scale| must stay below 127.5 */
	void		(*quantize) (int n, const float *x, float inverse_scale,
							 int8 *code, int8 *refine, CodeErrors *errors);
	/* x_i XOR= signs_i (each 0 or the sign bit) */
	void		(*flip_signs) (int n, float *x, const uint32 *signs);
	/* (x_i, y_i) = scale * (x_i + y_i, x_i - y_i); any length */
	void		(*butterfly) (int n, float *x, float *y, float scale);
	/* x = scale * H x, H the Hadamard matrix; n a power of two >= 64 */
	void		(*hadamard) (int n, float *x, float scale);
} DistanceKernels;

/* The best set for this CPU; set by distance_init(), baseline before it */
extern const DistanceKernels *distance_kernels;

/* Choose the kernels for this CPU.  Cheap, idempotent. */
extern void distance_init(void);

/*
 * All sets this build has and this CPU can run, NULL-terminated, baseline
 * first: for tests and for hnsw_kernels().
 */
extern const DistanceKernels *const *distance_available(void);

#endif							/* DISTANCE_KERNELS_H */
