/*-------------------------------------------------------------------------
 *
 * distance_query.c
 *	  Comparing a query with own codes and refinements.
 *
 * A distance between the query q' as rotated in float and the decoded code
 * x^ says this about the distance that the SQL function computes from the
 * vectors as they are:
 *
 *	  1. its own value is off by the rounding of the comparison ("rounding"
 *		 below);
 *	  2. |q' - Rq| <= query_error, and |x^ - Rx| <= error: by the triangle
 *		 inequality, the distance of q and x is at most that much away;
 *	  3. the SQL function rounds too: by DISTANCE_SUM_ERROR of the sum of the
 *		 absolute values of the terms it adds, and by up to tiny for each
 *		 term if they are denormal.  If its float sums can overflow, its
 *		 result is Infinity or NaN; the interval then has no upper end.
 *
 * The three are applied in this order, in double, whose own rounding is
 * provided for by DOUBLE_SLACK.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "distance/distance_codec.h"
#include "distance/distance_codec_private.h"

/*
 * Relative error of the double arithmetic here, including sums over all
 * coordinates: 2^-53 for each of some thousand operations.
 */
#define DOUBLE_SLACK	1e-11

/* A value known up to rounding, and what the vector's own error adds */
typedef struct CodecValue
{
	double		value;			/* as codec_distance returns it */
	double		rounding;		/* |value - exact value for q' and x^| */
	double		length;			/* bound for |x^|; unused for L1 */
	double		error;			/* bound for |x^ - Rx| */
} CodecValue;

void
codec_query_init(CodecQuery *query, const Codec *codec,
				 const float *rotated, CodecPurpose purpose)
{
	const DistanceKernels *kernels = distance_kernels;

	query->codec = codec;
	query->purpose = purpose;
	query->rotated = rotated;
	query->norm2 = kernels->sum_squares(codec->code_size, rotated);
	query->norm = sqrt(query->norm2);
	query->l1norm = 0;
	if (codec->metric == METRIC_L1)
	{
		for (int i = 0; i < codec->dimensions; i++)
			query->l1norm += fabs(rotated[i]);
	}
	codec_query_quantize(query);
}

/*
 * |x - y|^2 from norms and inner product.  Not a number (a difference of
 * infinities) counts as infinitely far.
 */
static double
codec_square(double xnorm2, double ynorm2, double product)
{
	double		square = xnorm2 + ynorm2 - 2 * product;

	return square < 0 ? 0 : square;
}

float
codec_distance(const CodecQuery *query, const int8 *code, float scale,
			   float norm2, float *dot)
{
	const Codec *codec = query->codec;

	if (codec->metric == METRIC_L1)
	{
		*dot = 0;
		return distance_kernels->code_l1(codec->code_size, query->rotated,
										 code, scale);
	}

	*dot = distance_kernels->code_dot(codec->code_size, query->rotated, code);
	if (codec->metric == METRIC_INNER_PRODUCT &&
		query->purpose == CODEC_SEARCH)
		return codec_float(-(double) scale * *dot);
	return codec_float(codec_square(query->norm2, norm2,
									(double) scale * *dot));
}

float
codec_origin_distance(const CodecQuery *query)
{
	if (query->codec->metric == METRIC_INNER_PRODUCT &&
		query->purpose == CODEC_SEARCH)
		return 0;
	return codec_float(query->norm2);
}

float
codec_pair_distance(const Codec *codec,
					const int8 *x, float xscale, float xnorm2,
					const int8 *y, float yscale, float ynorm2)
{
	const DistanceKernels *kernels = distance_kernels;
	int			n = codec->code_size;

	if (codec->metric == METRIC_L1)
		return kernels->code_pair_l1(n, x, xscale, y, yscale);
	return codec_float(codec_square(xnorm2, ynorm2,
									(double) xscale * yscale *
									kernels->code_pair_dot(n, x, y)));
}

/*
 * Bounds
 */

/* The least and the greatest |Rq - Rx| that v allows */
static CodecBounds
codec_euclidean(const CodecValue *v, double query_error)
{
	double		apart = v->error + query_error;
	double		least = sqrt(Max(v->value - v->rounding, 0)) - apart;
	double		most = sqrt(Max(v->value + v->rounding, 0)) + apart;
	CodecBounds bounds;

	bounds.lower = Max(least, 0) * (1 - DOUBLE_SLACK);
	bounds.upper = most * (1 + DOUBLE_SLACK);
	return bounds;
}

/*
 * sqrt of a float sum of squares.  Such a sum has relative error `relative`,
 * and each of its terms, or the addition fused with it, may lose tiny.
 */
static CodecBounds
codec_bounds_l2(CodecBounds exact, double relative, double tiny)
{
	double		least = exact.lower * exact.lower * (1 - relative) - tiny;
	double		most = exact.upper * exact.upper * (1 + relative) + tiny;
	CodecBounds bounds;

	bounds.lower = sqrt(Max(least, 0)) * (1 - DOUBLE_SLACK);
	bounds.upper = most < FLT_MAX ? sqrt(most) * (1 + DOUBLE_SLACK) : INFINITY;
	return bounds;
}

/*
 * 1 - <q,x> / sqrt(|q|^2 |x|^2), which is half the squared distance of the
 * unit vectors.  The float sum <q,x> is off by at most relative |q| |x|, and
 * the root of the product of the others has that relative error, as both of
 * them have: together 2 relative, and products of the errors.  The quotient,
 * at most 1, may be rounded to float.  Lengths for which sums overflow or
 * terms are denormal have no bounds at all (see UNSAFE_LENGTH).
 */
static CodecBounds
codec_bounds_cosine(CodecBounds exact, double relative)
{
	double		slack = 2.01 * relative + 2 * FLOAT_ROUNDING;
	double		least = exact.lower * exact.lower / 2 - slack;
	double		most = exact.upper * exact.upper / 2 + slack;
	CodecBounds bounds;

	bounds.lower = Min(Max(least, 0), 2);
	bounds.upper = Min(most, 2);
	return bounds;
}

/*
 * <Rq,Rx> = <q',x^> + <Rq - q', x^> + <Rq, Rx - x^>; then the float sum of
 * the SQL function, whose terms' absolute values add up to |q| |x| at most.
 * Its partial sums cannot overflow below FLT_MAX.
 */
static CodecBounds
codec_bounds_product(const CodecQuery *query, double query_error,
					 const CodecValue *v, double relative, double tiny)
{
	double		length = query->norm + query_error;
	double		magnitude = length * (v->length + v->error);
	double		width = v->rounding + query_error * v->length +
		length * v->error + relative * magnitude + tiny;
	CodecBounds bounds;

	if (magnitude * (1 + 2 * relative) >= FLT_MAX)
	{
		bounds.lower = -INFINITY;
		bounds.upper = INFINITY;
		return bounds;
	}
	width += DOUBLE_SLACK * (fabs(v->value) + width);
	bounds.lower = v->value - width;
	bounds.upper = v->value + width;
	return bounds;
}

/* A float sum of absolute values */
static CodecBounds
codec_bounds_l1(const CodecValue *v, double relative, double tiny)
{
	double		apart = v->rounding + v->error;
	double		least = (v->value - apart) * (1 - relative) - tiny;
	double		most = (v->value + apart) * (1 + relative) + tiny;
	CodecBounds bounds;

	bounds.lower = Max(least, 0) * (1 - DOUBLE_SLACK);
	bounds.upper = most < FLT_MAX ? most * (1 + DOUBLE_SLACK) : INFINITY;
	return bounds;
}

/*
 * Can anything be said?  Not if a query did not fit into floats when it was
 * rotated (codec_encode() then leaves FLT_MAX in some coordinate), nor if
 * its length is beyond the SQL function's for cosine.
 */
static bool
codec_query_has_bounds(const CodecQuery *query)
{
	if (query->codec->metric == METRIC_COSINE)
		return query->norm > (1 + UNSAFE_LENGTH) / 2;
	return query->norm < FLT_MAX / 2;
}

/* From what is known of the query and the code to what SQL computes */
static CodecBounds
codec_bounds_from(const CodecQuery *query, const CodecValue *v)
{
	const Codec *codec = query->codec;
	double		relative = DISTANCE_SUM_ERROR(codec->dimensions);
	double		tiny = FLOAT_TINY * (codec->dimensions + 16.0);
	double		query_error;
	CodecBounds bounds;

	if (!codec_query_has_bounds(query) || !isfinite(v->value) ||
		!isfinite(v->rounding) || !isfinite(v->error))
	{
		bounds.lower = codec->metric == METRIC_INNER_PRODUCT ? -INFINITY : 0;
		bounds.upper = INFINITY;
		return bounds;
	}

	/* Relative to |q|, hence the 1.01; and what is denormal of q' */
	query_error = 1.01 * codec_rotated_error(codec) * query->norm + tiny;

	if (codec->metric == METRIC_L1)
		return codec_bounds_l1(v, relative, tiny);
	if (codec->metric == METRIC_INNER_PRODUCT)
		return codec_bounds_product(query, query_error, v, relative, tiny);
	bounds = codec_euclidean(v, query_error);
	if (codec->metric == METRIC_COSINE)
		return codec_bounds_cosine(bounds, relative);
	return codec_bounds_l2(bounds, relative, tiny);
}

/*
 * Set v->rounding and v->length; v->value is set.  norm2 is |x^|^2 rounded
 * to float; `products` bounds the length of all codes that the query was
 * multiplied with.  Their sums are off by at most
 *
 *	  DISTANCE_SUM_ERROR(code_size) sum |q_i| |scale c_i|
 *
 * where the sum is at most |q| * products (Cauchy and Schwarz).  Squares
 * contain it twice, and norm2.  L1: the relative error of the sum, and u for
 * each product scale c_i, whose absolute values add up to no more than those
 * of q_i and of the terms.  The value itself was rounded to float.
 */
static void
codec_set_rounding(const CodecQuery *query, double norm2, double products,
				   CodecValue *v)
{
	int			n = query->codec->code_size;
	double		relative = DISTANCE_SUM_ERROR(n);
	double		product = relative * query->norm * products;

	v->length = sqrt(norm2 * (1 + 2 * FLOAT_ROUNDING) + FLOAT_TINY);
	v->rounding = 2 * FLOAT_ROUNDING * fabs(v->value) + 2 * n * FLOAT_TINY;
	switch (query->codec->metric)
	{
		case METRIC_L1:
			v->rounding += 1.01 * relative * v->value +
				2 * FLOAT_ROUNDING * (query->l1norm + v->value);
			break;
		case METRIC_INNER_PRODUCT:
			v->rounding += product;
			break;
		default:
			v->rounding += 2 * product + 2 * FLOAT_ROUNDING * norm2 +
				DOUBLE_SLACK * (query->norm2 + norm2);
			break;
	}
}

CodecBounds
codec_bounds(const CodecQuery *query, float distance, float norm2,
			 float error)
{
	CodecValue	v = {.value = distance,.error = error};

	codec_set_rounding(query, norm2, sqrt(norm2) * (1 + 2 * FLOAT_ROUNDING),
					   &v);
	return codec_bounds_from(query, &v);
}

/*
 * The inner product is that of two codes: of c, and of l / 256, which is at
 * most half of sqrt(code_size) long.  The length of c is at most that of
 * their sum and of l / 256.
 */
CodecBounds
codec_refined_bounds(const CodecQuery *query, const int8 *code, float dot,
					 const int8 *refine, float scale, float refine_norm2,
					 float refine_error)
{
	const DistanceKernels *kernels = distance_kernels;
	int			n = query->codec->code_size;
	CodecValue	v = {.error = refine_error};
	double		product;
	double		products;

	if (query->codec->metric == METRIC_L1)
	{
		v.value = kernels->code_l1_refined(n, query->rotated, code, refine,
										   scale);
		codec_set_rounding(query, 0, 0, &v);
		return codec_bounds_from(query, &v);
	}

	product = scale * ((double) dot +
					   kernels->code_dot(n, query->rotated, refine) / 256.0);
	products = sqrt(refine_norm2) * (1 + 2 * FLOAT_ROUNDING) +
		scale * sqrt(n);
	if (query->codec->metric == METRIC_INNER_PRODUCT)
		v.value = -product;
	else
		v.value = codec_square(query->norm2, refine_norm2, product);
	codec_set_rounding(query, refine_norm2, products, &v);
	return codec_bounds_from(query, &v);
}
