/*-------------------------------------------------------------------------
 *
 * vector_cast.c
 *	  Casts between dense vectors and arrays, and to a type modifier.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "hnsw_version.h"
#include "utils/fmgrprotos.h"

#include "vector/vector_dense.h"

/*
 * vector(vector, typmod, boolean): the value itself, if it has the right
 * number of dimensions
 */
Datum
dense_coerce(FunctionCallInfo fcinfo, const DenseType *type)
{
	Datum		value = PG_GETARG_DATUM(0);

	dense_check_expected(PG_GETARG_INT32(1), dense_dimensions(type, value),
						 NULL);
	PG_RETURN_DATUM(value);
}

/*
 * Numbers of the server's variable-length type, one by one
 */
static void
cast_from_numerics(ArrayType *array, int n, float *x)
{
	Datum	   *elements;

	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT,
					  &elements, NULL, &n);
	for (int i = 0; i < n; i++)
		x[i] = DatumGetFloat4(DirectFunctionCall1(numeric_float4,
												  elements[i]));
	pfree(elements);
}

/*
 * The n elements of an array without NULLs.  Those of a fixed length lie one
 * after another.
 */
static void
cast_from_elements(ArrayType *array, int n, float *x)
{
	const void *elements = ARR_DATA_PTR(array);

	switch (ARR_ELEMTYPE(array))
	{
		case FLOAT4OID:
			memcpy(x, elements, sizeof(float) * n);
			break;
		case FLOAT8OID:
			for (int i = 0; i < n; i++)
				x[i] = (float) ((const float8 *) elements)[i];
			break;
		case INT4OID:
			for (int i = 0; i < n; i++)
				x[i] = (float) ((const int32 *) elements)[i];
			break;
		case NUMERICOID:
			cast_from_numerics(array, n, x);
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("unsupported array type")));
	}
}

/*
 * from_array(array, typmod, boolean), for real[], double precision[],
 * integer[] and numeric[]
 */
Datum
dense_from_array(FunctionCallInfo fcinfo, const DenseType *type)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	Vector	   *result;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("array must be 1-D")));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("array must not contain nulls")));
	dense_check_dimensions(type, n, NULL);
	dense_check_expected(PG_GETARG_INT32(1), n, NULL);

	result = vector_create(n);
	cast_from_elements(array, n, result->x);
	dense_check_elements(type, result);
	return dense_result(type, result);
}

/*
 * to_float4(vector, typmod, boolean)
 */
Datum
dense_to_float4(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *v = dense_argument(fcinfo, 0, type);
	ArrayType  *result = dense_create_array(FLOAT4OID, sizeof(float4),
											v->dim);

	memcpy(ARR_DATA_PTR(result), v->x, sizeof(float) * v->dim);
	PG_RETURN_ARRAYTYPE_P(result);
}

/*
 * to_float8(vector, typmod, boolean)
 */
Datum
dense_to_float8(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *v = dense_argument(fcinfo, 0, type);
	ArrayType  *result = dense_create_array(FLOAT8OID, sizeof(float8),
											v->dim);
	float8	   *elements = (float8 *) ARR_DATA_PTR(result);

	for (int i = 0; i < v->dim; i++)
		elements[i] = v->x[i];
	PG_RETURN_ARRAYTYPE_P(result);
}

/*
 * The elements as the server's own cast from real makes them, as Datums
 */
static Datum *
cast_elements(const Vector *v, PGFunction convert)
{
	Datum	   *elements = (Datum *) palloc(sizeof(Datum) * v->dim);

	for (int i = 0; i < v->dim; i++)
		elements[i] = DirectFunctionCall1(convert, Float4GetDatum(v->x[i]));
	return elements;
}

/*
 * to_int4(vector, typmod, boolean): rounded; an error if out of range
 */
Datum
dense_to_int4(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *v = dense_argument(fcinfo, 0, type);

	PG_RETURN_ARRAYTYPE_P(construct_array(cast_elements(v, ftoi4), v->dim,
										  INT4OID, sizeof(int32), true,
										  TYPALIGN_INT));
}

/*
 * to_numeric(vector, typmod, boolean): six digits, as from real
 */
Datum
dense_to_numeric(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *v = dense_argument(fcinfo, 0, type);

	PG_RETURN_ARRAYTYPE_P(construct_array(cast_elements(v, float4_numeric),
										  v->dim, NUMERICOID, -1, false,
										  TYPALIGN_INT));
}
