/*-------------------------------------------------------------------------
 *
 * vector_distance.c
 *	  Distances between dense vectors, and the norm.
 *
 * The loops are the kernels of src/distance, which sum in float.  So a sum
 * beyond the largest float is Infinity (and a cosine distance that needs it
 * NaN), which is no error; and cosine distance from a zero vector is NaN,
 * for there is no angle.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "distance/distance_kernels.h"
#include "vector/vector_dense.h"

static double
distance_l2_squared(DensePair pair)
{
	return distance_kernels->l2_squared(pair.a->dim, pair.a->x, pair.b->x);
}

static double
distance_inner_product(DensePair pair)
{
	return distance_kernels->inner_product(pair.a->dim, pair.a->x, pair.b->x);
}

/*
 * A cosine is in -1 .. 1; rounding may take it out.  NaN stays NaN.
 */
static double
distance_clamp_cosine(double cosine)
{
	if (cosine > 1)
		return 1;
	if (cosine < -1)
		return -1;
	return cosine;
}

/*
 * |a - b|, operator <->
 */
Datum
dense_l2_distance(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_FLOAT8(sqrt(distance_l2_squared(dense_pair(fcinfo, type))));
}

/*
 * |a - b|^2
 */
Datum
dense_l2_squared_distance(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_FLOAT8(distance_l2_squared(dense_pair(fcinfo, type)));
}

/*
 * <a, b>
 */
Datum
dense_inner_product(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_FLOAT8(distance_inner_product(dense_pair(fcinfo, type)));
}

/*
 * -<a, b>, operator <#>: indexes return the smallest first
 */
Datum
dense_negative_inner_product(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_FLOAT8(-distance_inner_product(dense_pair(fcinfo, type)));
}

/*
 * 1 - cos(a, b), operator <=>
 */
Datum
dense_cosine_distance(FunctionCallInfo fcinfo, const DenseType *type)
{
	DensePair	pair = dense_pair(fcinfo, type);
	float		sums[3];
	double		cosine;

	distance_kernels->cosine_sums(pair.a->dim, pair.a->x, pair.b->x, sums);

	/* One root of the product, so that equal vectors have cosine 1 */
	cosine = sums[0] / sqrt((double) sums[1] * (double) sums[2]);
	PG_RETURN_FLOAT8(1.0 - distance_clamp_cosine(cosine));
}

/*
 * The angle between two unit vectors, as a share of a half turn
 */
Datum
dense_spherical_distance(FunctionCallInfo fcinfo, const DenseType *type)
{
	double		cosine = distance_inner_product(dense_pair(fcinfo, type));

	PG_RETURN_FLOAT8(acos(distance_clamp_cosine(cosine)) / M_PI);
}

/*
 * sum |a_i - b_i|, operator <+>
 */
Datum
dense_l1_distance(FunctionCallInfo fcinfo, const DenseType *type)
{
	DensePair	pair = dense_pair(fcinfo, type);

	PG_RETURN_FLOAT8(distance_kernels->l1(pair.a->dim, pair.a->x, pair.b->x));
}
