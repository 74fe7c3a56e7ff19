/*-------------------------------------------------------------------------
 *
 * distance_codec.c
 *	  How a vector is stored in an index: rotation, own code, refinement.
 *
 * Encoding happens in three steps: place the vector in code space (scaled to
 * unit length for cosine, padded, rotated), quantize it, and measure what
 * the codes decode to and how far that is from the vector.  The error so
 * found is a bound, and every rounding on the way is in it; comparing a
 * query with codes (distance_query.c) adds the roundings of the comparison
 * and of the SQL function.  Where a bound comes from is written next to it.
 * There, u = 2^-24 is the relative error of a float operation, and "tiny"
 * the absolute one, 2^-150, that comes on top where results are denormal.
 *
 * Edge sketches are in distance_sketch.c.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <float.h>
#include <math.h>

#include "distance/distance_codec.h"
#include "distance/distance_codec_private.h"
#include "distance/distance_rotation.h"

/*
 * Lengths between which the sums of squares of the SQL function for cosine
 * can neither overflow nor be off by denormal terms (16000 * tiny is 1e-11
 * of the square of the lower one).
 */
#define SAFE_LENGTH_MIN	1e-15
#define SAFE_LENGTH_MAX	1e15

/*
 * Vectors whose greatest coordinate is outside are scaled before they are
 * rotated.  Within, no sum overflows, and what denormal terms lose is below
 * 1e-20 of the vector: the rounding up in rotation_error() is far more.
 */
#define ROTATABLE_MIN	1e-18f
#define ROTATABLE_MAX	1e18f

int
codec_code_size(int dimensions)
{
	int			units = (dimensions + CODEC_ALIGN - 1) / CODEC_ALIGN;

	/* 64 bits, all that a sketch of 65 to 127 coordinates has, are too few */
	if (dimensions > CODEC_MIN_SIZE && dimensions < 2 * CODEC_MIN_SIZE)
		return 2 * CODEC_MIN_SIZE;
	return Max(units * CODEC_ALIGN, CODEC_MIN_SIZE);
}

Size
codec_bytes(int dimensions)
{
	return offsetof(Codec, signs) +
		sizeof(uint32) * ROTATION_ROUNDS * codec_code_size(dimensions);
}

void
codec_init(Codec *codec, DistanceMetric metric, int dimensions,
		   int sketch_words, uint64 seed)
{
	memset(codec, 0, codec_bytes(dimensions));
	codec->metric = metric;
	codec->dimensions = dimensions;
	codec->code_size = codec_code_size(dimensions);
	codec->sketch_words = metric == METRIC_L1 ? 0 : sketch_words;
	codec->seed = seed;
	rotation_init(codec->code_size, seed, codec->signs);
}

double
codec_rotated_error(const Codec *codec)
{
	if (codec->metric == METRIC_L1)
		return 0;
	return rotation_error(codec->code_size) + 3 * FLOAT_ROUNDING;
}

/* The smallest float that is not below a */
static float
float_above(double a)
{
	float		f;

	if (!(a <= FLT_MAX))
		return INFINITY;
	f = (float) a;
	return f < a ? nextafterf(f, INFINITY) : f;
}

/* out = factor * x, rounded once, for factors that a float cannot hold */
static void
codec_multiply_wide(int n, const float *x, double factor, float *out)
{
	for (int i = 0; i < n; i++)
	{
		double		a = factor * x[i];

		out[i] = (float) Max(Min(a, FLT_MAX), -FLT_MAX);
	}
}

/*
 * Rotate x.  Returns a bound for the distance between that
 * and the exact transform of x, or +Infinity if it does not fit into floats.
 * `norm` is the length of x.
 *
 * Vectors of unusual magnitude are brought near 1 by a power of two first,
 * and back afterwards.  The way there is exact but for coordinates that
 * become denormal, below 2^-126 of the greatest; the way back rounds what is
 * denormal afterwards.
 */
static double
codec_place_rotated(const Codec *codec, const float *x, double norm,
					float *rotated)
{
	int			n = codec->code_size;
	double		tiny = FLOAT_TINY * sqrt(n);
	double		error = rotation_error(n) + tiny;
	float		peak;
	int			exponent;

	memcpy(rotated, x, sizeof(float) * codec->dimensions);
	memset(rotated + codec->dimensions, 0,
		   sizeof(float) * (n - codec->dimensions));
	peak = distance_kernels->peak(n, rotated);

	if (peak >= ROTATABLE_MIN && peak <= ROTATABLE_MAX)
	{
		rotation_apply(n, codec->signs, rotated);
		return error * norm;
	}

	frexp(peak, &exponent);
	codec_multiply_wide(n, rotated, ldexp(1.0, -exponent), rotated);
	rotation_apply(n, codec->signs, rotated);
	if (distance_kernels->peak(n, rotated) >= ldexp(FLT_MAX, -exponent))
		error = INFINITY;
	codec_multiply_wide(n, rotated, ldexp(1.0, exponent), rotated);
	return error * norm + tiny;
}

/*
 * Rotate x / |x|.  Returns a bound for the distance between
 * that and the exact unit vector, transformed; or +Infinity if the SQL
 * function cannot be relied upon for vectors of this length.
 *
 * The factor 1 / |x| is rounded, and the product with it.  It is a float in
 * all but the unsafe cases.
 */
static double
codec_place_unit(const Codec *codec, const float *x, double norm,
				 float *rotated)
{
	int			n = codec->code_size;
	bool		safe = norm >= SAFE_LENGTH_MIN && norm <= SAFE_LENGTH_MAX;

	memset(rotated + codec->dimensions, 0,
		   sizeof(float) * (n - codec->dimensions));
	if (safe)
	{
		memcpy(rotated, x, sizeof(float) * codec->dimensions);
		distance_kernels->multiply(n, rotated, (float) (1.0 / norm));
	}
	else
		codec_multiply_wide(codec->dimensions, x, UNSAFE_LENGTH / norm,
							rotated);
	rotation_apply(n, codec->signs, rotated);
	return safe ? codec_rotated_error(codec) : INFINITY;
}

/* A zero vector is its own code */
static void
codec_encode_zero(const Codec *codec, CodecVector *v)
{
	memset(v->rotated, 0, sizeof(float) * codec->code_size);
	memset(v->code, 0, codec->code_size);
	memset(v->refine, 0, codec->code_size);
	v->scale = v->norm2 = v->error = v->refine_norm2 = v->refine_error = 0;
}

/*
 * The scale for coordinates up to `peak`.  Never so small that its inverse
 * overflows, nor so large that 127 times the scale does.
 */
static float
codec_scale(float peak)
{
	float		scale = peak / 127.0f;

	if (scale < FLT_MIN)
		return FLT_MIN;
	return peak < 1e38f ? scale : nextafterf(scale, 0);
}

/*
 * Set the errors of v.  norm is the length of v->rotated, or more; `slack`
 * bounds its distance from what it stands for.
 *
 * The kernel measures t_i - c_i where t_i = x_i / scale was rounded up to
 * three times: of the inverse, of the product, and of the difference where
 * it is fused with the product.  scale * t is within 3 u |x| + tiny of x, the
 * norm of t - c is what was measured up to the rounding of the sum of its
 * squares, and the triangle inequality adds the two.  In the L1 norm the
 * same holds with sum |x_i| <= sqrt(n) |x|.  The refinement continues from the
 * same t.
 */
static void
codec_set_errors(const Codec *codec, const CodeErrors *measured, double norm,
				 double slack, CodecVector *v)
{
	double		n = codec->code_size;
	double		stretch = 1 + DISTANCE_SUM_ERROR(n) + 4 * FLOAT_ROUNDING;
	double		rounding = 4 * FLOAT_ROUNDING * norm;
	double		own;
	double		fine;

	if (codec->metric == METRIC_L1)
	{
		rounding *= sqrt(n);
		own = measured->absolutes;
		fine = measured->fine_absolutes;
	}
	else
	{
		own = sqrt(measured->squares);
		fine = sqrt(measured->fine_squares);
	}
	slack += rounding + FLOAT_TINY * n;
	v->error = float_above(stretch * own * v->scale + slack);
	v->refine_error = float_above(stretch * fine * v->scale / 256 + slack);
}

/*
 * Set the norms of v from exact sums over its codes: with k = 256 c + l,
 * sum k^2 = 65536 sum c^2 + 512 sum c l + sum l^2.  Each fits into an int32
 * up to 2^17 coordinates.
 */
static void
codec_set_norms(int n, CodecVector *v)
{
	double		square = (double) v->scale * v->scale;
	double		cc = distance_kernels->code_pair_dot(n, v->code, v->code);
	double		cl = distance_kernels->code_pair_dot(n, v->code, v->refine);
	double		ll = distance_kernels->code_pair_dot(n, v->refine, v->refine);

	v->norm2 = codec_float(square * cc);
	v->refine_norm2 = codec_float(square * (cc + cl / 128 + ll / 65536));
}

bool
codec_encode(const Codec *codec, const float *x, CodecVector *v)
{
	int			n = codec->code_size;
	double		norm2 = distance_kernels->sum_squares(codec->dimensions, x);
	double		norm = sqrt(norm2);
	double		slack = 0;
	float		peak;
	CodeErrors	errors;

	if (norm == 0)
	{
		codec_encode_zero(codec, v);
		return codec->metric != METRIC_COSINE;
	}
	if (codec->metric == METRIC_COSINE)
	{
		slack = codec_place_unit(codec, x, norm, v->rotated);
		norm = 1;
	}
	else if (codec->metric == METRIC_L1)
	{
		memcpy(v->rotated, x, sizeof(float) * codec->dimensions);
		memset(v->rotated + codec->dimensions, 0,
			   sizeof(float) * (n - codec->dimensions));
	}
	else
		slack = codec_place_rotated(codec, x, norm, v->rotated);

	peak = distance_kernels->peak(n, v->rotated);
	v->scale = codec_scale(peak);
	distance_kernels->quantize(n, v->rotated, 1.0f / v->scale,
							   v->code, v->refine, &errors);
	codec_set_norms(n, v);
	codec_set_errors(codec, &errors, norm, slack, v);
	if (isinf(v->norm2) || isinf(v->refine_norm2))
		v->error = v->refine_error = INFINITY;
	return true;
}

void
codec_decode(const Codec *codec, const int8 *code, float scale, float *out)
{
	distance_kernels->decode(codec->code_size, code, scale, out);
}
