/*-------------------------------------------------------------------------
 *
 * vector_arith.c
 *	  What makes another value of a dense vector, or tells its length.
 *
 * Arithmetic goes element by element.  A result that leaves the range of
 * floats is an error, as in the server's own float4 arithmetic.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/float.h"
#include "utils/varbit.h"

#include "vector/vector_dense.h"

/* Partial sums that the compiler can keep in vector registers */
#define NORM_LANES	8

/*
 * The sum of squares in double, where squares of floats cannot overflow
 */
static double
arith_square_sum(const Vector *v)
{
	double		sums[NORM_LANES] = {0};
	double		sum = 0;
	int			i = 0;

	for (; i + NORM_LANES <= v->dim; i += NORM_LANES)
	{
		for (int j = 0; j < NORM_LANES; j++)
			sums[j] += (double) v->x[i + j] * (double) v->x[i + j];
	}
	for (; i < v->dim; i++)
		sum += (double) v->x[i] * (double) v->x[i];
	for (int j = 0; j < NORM_LANES; j++)
		sum += sums[j];

	return sum;
}

/*
 * vector_dims(vector)
 */
Datum
dense_dims(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_INT32(dense_dimensions(type, PG_GETARG_DATUM(0)));
}

/*
 * vector_norm(vector): the Euclidean norm
 */
Datum
dense_norm(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_FLOAT8(sqrt(arith_square_sum(dense_argument(fcinfo, 0, type))));
}

/*
 * l2_normalize(vector): a vector of norm 1, or zero for zero
 */
Datum
dense_l2_normalize(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *v = dense_argument(fcinfo, 0, type);
	double		norm = sqrt(arith_square_sum(v));
	Vector	   *result = vector_create(v->dim);

	for (int i = 0; i < v->dim; i++)
		result->x[i] = norm > 0 ? (float) (v->x[i] / norm) : 0;

	return dense_result(type, result);
}

/*
 * vector + vector
 */
Datum
dense_add(FunctionCallInfo fcinfo, const DenseType *type)
{
	DensePair	pair = dense_pair(fcinfo, type);
	Vector	   *result = vector_create(pair.a->dim);

	for (int i = 0; i < result->dim; i++)
		result->x[i] = pair.a->x[i] + pair.b->x[i];

	dense_check_overflow(result);
	return dense_result(type, result);
}

/*
 * vector - vector
 */
Datum
dense_sub(FunctionCallInfo fcinfo, const DenseType *type)
{
	DensePair	pair = dense_pair(fcinfo, type);
	Vector	   *result = vector_create(pair.a->dim);

	for (int i = 0; i < result->dim; i++)
		result->x[i] = pair.a->x[i] - pair.b->x[i];

	dense_check_overflow(result);
	return dense_result(type, result);
}

/*
 * vector * vector, element by element
 */
Datum
dense_mul(FunctionCallInfo fcinfo, const DenseType *type)
{
	DensePair	pair = dense_pair(fcinfo, type);
	Vector	   *result = vector_create(pair.a->dim);

	for (int i = 0; i < result->dim; i++)
		result->x[i] = pair.a->x[i] * pair.b->x[i];

	dense_check_overflow(result);
	for (int i = 0; i < result->dim; i++)
	{
		if (unlikely(result->x[i] == 0 &&
					 pair.a->x[i] != 0 && pair.b->x[i] != 0))
			float_underflow_error();
	}
	return dense_result(type, result);
}

/*
 * vector || vector
 */
Datum
dense_concat(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *a = dense_argument(fcinfo, 0, type);
	const Vector *b = dense_argument(fcinfo, 1, type);
	Vector	   *result;

	dense_check_dimensions(type, a->dim + b->dim, NULL);
	result = vector_create(a->dim + b->dim);
	memcpy(result->x, a->x, sizeof(float) * a->dim);
	memcpy(result->x + a->dim, b->x, sizeof(float) * b->dim);

	return dense_result(type, result);
}

/*
 * subvector(vector, start, count): elements start .. start + count - 1 of
 * those that there are, counted from 1, like substring()
 */
Datum
dense_subvector(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *v = dense_argument(fcinfo, 0, type);
	int64		start = PG_GETARG_INT32(1);
	int64		end = start + PG_GETARG_INT32(2);
	Vector	   *result;

	start = Max(start, 1);
	end = Min(end, v->dim + 1);
	dense_check_dimensions(type, (int) Max(end - start, 0), NULL);

	result = vector_create((int) (end - start));
	memcpy(result->x, v->x + start - 1, sizeof(float) * result->dim);
	return dense_result(type, result);
}

/*
 * binary_quantize(vector): a bit string, 1 for each element above zero
 */
Datum
dense_binary_quantize(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *v = dense_argument(fcinfo, 0, type);
	int			size = VARBITTOTALLEN(v->dim);
	VarBit	   *result = (VarBit *) palloc0(size);
	bits8	   *bits = VARBITS(result);

	SET_VARSIZE(result, size);
	VARBITLEN(result) = v->dim;
	for (int i = 0; i < v->dim; i++)
		bits[i / BITS_PER_BYTE] |=
			(v->x[i] > 0) << (BITS_PER_BYTE - 1 - i % BITS_PER_BYTE);

	PG_RETURN_VARBIT_P(result);
}
