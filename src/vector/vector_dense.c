/*-------------------------------------------------------------------------
 *
 * vector_dense.c
 *	  What the SQL functions of the dense vector types have in common:
 *	  making values, taking arguments, and the checks with their messages.
 *
 * The messages are those of pgvector, since drivers and test suites match on
 * them; the type's name is the only thing that differs from type to type.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "hnsw_version.h"
#include "utils/float.h"

#include "vector/vector_dense.h"

/* Bytes of a value before its first element */
#define DENSE_HEADER_SIZE	(offsetof(Vector, x) - VARHDRSZ)

Vector *
vector_create(int dimensions)
{
	Size		size = vector_size(dimensions);
	Vector	   *v = (Vector *) palloc(size);

	SET_VARSIZE(v, size);
	v->dim = (int16) dimensions;
	v->unused = 0;
	return v;
}

/*
 * The first two arguments; an error if they differ in dimensions
 */
DensePair
dense_pair(FunctionCallInfo fcinfo, const DenseType *type)
{
	DensePair	pair;

	pair.a = dense_argument(fcinfo, 0, type);
	pair.b = dense_argument(fcinfo, 1, type);
	dense_check_same(type, pair.a->dim, pair.b->dim);
	return pair;
}

/*
 * The number of dimensions, without fetching more than the start of a value
 * that is stored out of line.
 */
int
dense_dimensions(const DenseType *type PG_USED_FOR_ASSERTS_ONLY, Datum value)
{
	struct varlena *head = PG_DETOAST_DATUM_SLICE(value, 0,
												  DENSE_HEADER_SIZE);
	int16		dimensions;

	memcpy(&dimensions, VARDATA_ANY(head), sizeof(dimensions));
	if ((Pointer) head != DatumGetPointer(value))
		pfree(head);

	Assert(dimensions >= 1 && dimensions <= type->max_dimensions);
	return dimensions;
}

void
dense_check_same(const DenseType *type, int a, int b)
{
	if (a != b)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("different %s dimensions %d and %d",
						type->name, a, b)));
}

/*
 * `expected` is a type modifier, -1 for any number of dimensions
 */
bool
dense_check_expected(int32 expected, int dimensions, Node *escontext)
{
	if (expected == -1 || expected == dimensions)
		return true;

	errsave(escontext,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("expected %d dimensions, not %d",
					expected, dimensions)));
	return false;
}

bool
dense_check_dimensions(const DenseType *type, int dimensions,
					   Node *escontext)
{
	if (dimensions < 1)
		errsave(escontext,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("%s must have at least 1 dimension", type->name)));
	else if (dimensions > type->max_dimensions)
		errsave(escontext,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s cannot have more than %d dimensions",
						type->name, type->max_dimensions)));
	else
		return true;
	return false;
}

/*
 * An element may not be NaN or infinite
 */
bool
dense_check_element(const DenseType *type, float element, Node *escontext)
{
	if (isfinite(element))
		return true;

	errsave(escontext,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 isnan(element) ?
			 errmsg("NaN not allowed in %s", type->name) :
			 errmsg("infinite value not allowed in %s", type->name)));
	return false;
}

void
dense_check_elements(const DenseType *type, const Vector *v)
{
	for (int i = 0; i < v->dim; i++)
	{
		if (unlikely(!isfinite(v->x[i])))
			dense_check_element(type, v->x[i], NULL);
	}
}

/*
 * The same after arithmetic on legal values, where it is an overflow
 */
void
dense_check_overflow(const Vector *v)
{
	for (int i = 0; i < v->dim; i++)
	{
		if (unlikely(isinf(v->x[i])))
			float_overflow_error();
	}
}

ArrayType *
dense_create_array(Oid element_type, int element_size, int n)
{
	Size		size = ARR_OVERHEAD_NONULLS(1) + (Size) element_size * n;
	ArrayType  *array = (ArrayType *) palloc0(size);

	SET_VARSIZE(array, size);
	array->ndim = 1;
	array->dataoffset = 0;
	array->elemtype = element_type;
	ARR_DIMS(array)[0] = n;
	ARR_LBOUND(array)[0] = 1;
	return array;
}
