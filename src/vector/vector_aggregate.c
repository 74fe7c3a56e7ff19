/*-------------------------------------------------------------------------
 *
 * vector_aggregate.c
 *	  avg() and sum() of dense vectors.
 *
 * The state of both is a float8[] of the number of values and the sum of
 * each element: {count, sum_1, .. sum_n}; {0} before the first value, when
 * the dimensions are not known yet.  An array needs no serialization to pass
 * from a parallel worker.  In an aggregate the state is ours alone and is
 * updated in place.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "hnsw_version.h"
#include "utils/float.h"

#include "vector/vector_dense.h"

/* A state in a form to work with */
typedef struct AggregateState
{
	ArrayType  *array;
	int			dimensions;		/* 0 before the first value */
	float8	   *count;
	float8	   *sums;
} AggregateState;

static AggregateState
aggregate_open(ArrayType *array)
{
	AggregateState state;

	state.array = array;
	state.dimensions = ARR_DIMS(array)[0] - 1;
	state.count = (float8 *) ARR_DATA_PTR(array);
	state.sums = state.count + 1;
	return state;
}

/*
 * Argument argno as a state.  These functions can be called from SQL, so it
 * may be anything.
 */
static AggregateState
aggregate_argument(FunctionCallInfo fcinfo, int argno, const DenseType *type,
				   const char *caller)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(argno);

	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] < 1 ||
		ARR_HASNULL(array) || ARR_ELEMTYPE(array) != FLOAT8OID)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s_%s: expected state array", type->name, caller)));
	if (ARR_DIMS(array)[0] > 1)
		dense_check_dimensions(type, ARR_DIMS(array)[0] - 1, NULL);

	return aggregate_open(array);
}

/*
 * A state of that many dimensions with the contents of `state`, which has as
 * many or none: itself if it may be changed, otherwise a copy.
 */
static AggregateState
aggregate_writable(FunctionCallInfo fcinfo, AggregateState state,
				   int dimensions)
{
	ArrayType  *array;

	if (state.dimensions == dimensions && AggCheckCallContext(fcinfo, NULL))
		return state;

	array = dense_create_array(FLOAT8OID, sizeof(float8), dimensions + 1);
	memcpy(ARR_DATA_PTR(array), state.count,
		   sizeof(float8) * (state.dimensions + 1));
	return aggregate_open(array);
}

static void
aggregate_check_overflow(AggregateState state)
{
	for (int i = 0; i < state.dimensions; i++)
	{
		if (unlikely(isinf(state.sums[i])))
			float_overflow_error();
	}
}

/*
 * Add one value, which has as many dimensions as the state, unless that has
 * none yet
 */
static Datum
aggregate_add(FunctionCallInfo fcinfo, AggregateState state, const Vector *v)
{
	state = aggregate_writable(fcinfo, state, v->dim);

	*state.count += 1;
	for (int i = 0; i < v->dim; i++)
		state.sums[i] += v->x[i];

	aggregate_check_overflow(state);
	PG_RETURN_ARRAYTYPE_P(state.array);
}

/*
 * accum(float8[], vector), for avg()
 */
Datum
dense_accum(FunctionCallInfo fcinfo, const DenseType *type)
{
	AggregateState state = aggregate_argument(fcinfo, 0, type, "accum");
	const Vector *v = dense_argument(fcinfo, 1, type);

	if (state.dimensions > 0)
		dense_check_expected(state.dimensions, v->dim, NULL);
	return aggregate_add(fcinfo, state, v);
}

/*
 * sum_accum(float8[], vector), for sum(): the same but for the message,
 * since users know sum() as repeated addition
 */
Datum
dense_sum_accum(FunctionCallInfo fcinfo, const DenseType *type)
{
	AggregateState state = aggregate_argument(fcinfo, 0, type, "sum_accum");
	const Vector *v = dense_argument(fcinfo, 1, type);

	if (state.dimensions > 0)
		dense_check_same(type, state.dimensions, v->dim);
	return aggregate_add(fcinfo, state, v);
}

/*
 * combine(float8[], float8[]): the state after the values of both.  One of a
 * worker that saw no rows has no dimensions.
 */
Datum
dense_combine(FunctionCallInfo fcinfo, const DenseType *type)
{
	AggregateState a = aggregate_argument(fcinfo, 0, type, "combine");
	AggregateState b = aggregate_argument(fcinfo, 1, type, "combine");

	if (a.dimensions > 0 && b.dimensions > 0)
		dense_check_expected(a.dimensions, b.dimensions, NULL);
	a = aggregate_writable(fcinfo, a, Max(a.dimensions, b.dimensions));

	*a.count += *b.count;
	for (int i = 0; i < b.dimensions; i++)
		a.sums[i] += b.sums[i];

	aggregate_check_overflow(a);
	PG_RETURN_ARRAYTYPE_P(a.array);
}

/*
 * The sums divided by `divisor`
 */
static Vector *
aggregate_quotient(const DenseType *type, AggregateState state,
				   float8 divisor)
{
	Vector	   *result;

	dense_check_dimensions(type, state.dimensions, NULL);
	result = vector_create(state.dimensions);
	for (int i = 0; i < state.dimensions; i++)
		result->x[i] = (float) (state.sums[i] / divisor);
	return result;
}

/*
 * avg(float8[]): NULL for no values
 */
Datum
dense_avg(FunctionCallInfo fcinfo, const DenseType *type)
{
	AggregateState state = aggregate_argument(fcinfo, 0, type, "avg");
	Vector	   *result;

	if (*state.count == 0)
		PG_RETURN_NULL();

	result = aggregate_quotient(type, state, *state.count);
	dense_check_elements(type, result);
	return dense_result(type, result);
}

/*
 * sum(float8[]): NULL for no values
 */
Datum
dense_sum(FunctionCallInfo fcinfo, const DenseType *type)
{
	AggregateState state = aggregate_argument(fcinfo, 0, type, "sum");
	Vector	   *result;

	if (*state.count == 0)
		PG_RETURN_NULL();

	result = aggregate_quotient(type, state, 1);
	dense_check_overflow(result);
	dense_check_elements(type, result);
	return dense_result(type, result);
}
