/*-------------------------------------------------------------------------
 *
 * vector_compare.c
 *	  The order of dense vectors, for btree, sorting and DISTINCT.
 *
 * Vectors are ordered by their first differing element; if one is the start
 * of the other, the shorter comes first, as with arrays.  So any two can be
 * compared, whatever their dimensions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "vector/vector_dense.h"

static int
compare_vectors(const Vector *a, const Vector *b)
{
	int			n = Min(a->dim, b->dim);

	for (int i = 0; i < n; i++)
	{
		if (a->x[i] != b->x[i])
			return a->x[i] < b->x[i] ? -1 : 1;
	}

	return (a->dim > b->dim) - (a->dim < b->dim);
}

/*
 * Compare the two arguments.  A btree build calls this millions of times
 * without resetting memory, so copies are released.
 */
static int
compare_arguments(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *a = dense_argument(fcinfo, 0, type);
	const Vector *b = dense_argument(fcinfo, 1, type);
	int			order = compare_vectors(a, b);

	dense_release(fcinfo, 0, a);
	dense_release(fcinfo, 1, b);
	return order;
}

Datum
dense_lt(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) < 0);
}

Datum
dense_le(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) <= 0);
}

Datum
dense_eq(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) == 0);
}

Datum
dense_ne(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) != 0);
}

Datum
dense_ge(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) >= 0);
}

Datum
dense_gt(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) > 0);
}

/*
 * Negative, zero or positive
 */
Datum
dense_cmp(FunctionCallInfo fcinfo, const DenseType *type)
{
	PG_RETURN_INT32(compare_arguments(fcinfo, type));
}
