/*-------------------------------------------------------------------------
 *
 * vector_dense.h
 *	  What the SQL functions of the dense vector types have in common.
 *
 * Every SQL function of a dense type is written once, as dense_xxx(fcinfo,
 * type), and works on floats: it takes its arguments with dense_argument(),
 * fills a vector of floats and returns it with dense_result().  A type is a
 * DenseType and the list of its entry points, DENSE_FUNCTIONS(type).  A type
 * that stores its elements in another way converts in dense_argument(),
 * dense_result() and the binary format, and nowhere else.
 *
 *-------------------------------------------------------------------------
 */
#ifndef VECTOR_DENSE_H
#define VECTOR_DENSE_H

#include "nodes/nodes.h"
#include "utils/array.h"

#include "vector/vector.h"

typedef struct DenseType
{
	const char *name;			/* in SQL and in messages */
	int			max_dimensions;
} DenseType;

/* Two arguments with the same number of dimensions */
typedef struct DensePair
{
	const Vector *a;
	const Vector *b;
} DensePair;

/* Argument number argno as floats */
static inline const Vector *
dense_argument(FunctionCallInfo fcinfo, int argno,
			   const DenseType *type PG_USED_FOR_ASSERTS_ONLY)
{
	const Vector *v = DatumGetVector(PG_GETARG_DATUM(argno));

	Assert(v->dim >= 1 && v->dim <= type->max_dimensions);
	return v;
}

/* Release such an argument, if it is a copy */
static inline void
dense_release(FunctionCallInfo fcinfo, int argno, const Vector *argument)
{
	if ((Pointer) argument != PG_GETARG_POINTER(argno))
		pfree(unconstify(Vector *, argument));
}

/* The value that an SQL function returns for these floats */
static inline Datum
dense_result(const DenseType *type PG_USED_FOR_ASSERTS_ONLY, Vector *result)
{
	Assert(result->dim >= 1 && result->dim <= type->max_dimensions);
	return PointerGetDatum(result);
}

extern DensePair dense_pair(FunctionCallInfo fcinfo, const DenseType *type);
extern int	dense_dimensions(const DenseType *type, Datum value);

/*
 * Checks, all of which raise an error.  Where a soft-error context is taken
 * it may be NULL, and false is returned after an error was saved there.
 */
extern void dense_check_same(const DenseType *type, int a, int b);
extern bool dense_check_expected(int32 expected, int dimensions,
								 Node *escontext);
extern bool dense_check_dimensions(const DenseType *type, int dimensions,
								   Node *escontext);
extern bool dense_check_element(const DenseType *type, float element,
								Node *escontext);
extern void dense_check_elements(const DenseType *type, const Vector *v);
extern void dense_check_overflow(const Vector *v);

/* A new one-dimensional array of n elements, all of its data bytes zero */
extern ArrayType *dense_create_array(Oid element_type, int element_size,
									 int n);

/* The SQL functions; vector_type.c lists them with what they do */
#define DENSE_DECLARE(name) \
	extern Datum dense_##name(FunctionCallInfo fcinfo, const DenseType *type)

/* vector_io.c */
DENSE_DECLARE(in);
DENSE_DECLARE(out);
DENSE_DECLARE(typmod_in);
DENSE_DECLARE(recv);
DENSE_DECLARE(send);

/* vector_cost.c */
DENSE_DECLARE(support);

/* vector_distance.c */
DENSE_DECLARE(l2_distance);
DENSE_DECLARE(l2_squared_distance);
DENSE_DECLARE(inner_product);
DENSE_DECLARE(negative_inner_product);
DENSE_DECLARE(cosine_distance);
DENSE_DECLARE(spherical_distance);
DENSE_DECLARE(l1_distance);

/* vector_arith.c */
DENSE_DECLARE(dims);
DENSE_DECLARE(norm);
DENSE_DECLARE(add);
DENSE_DECLARE(sub);
DENSE_DECLARE(mul);
DENSE_DECLARE(concat);
DENSE_DECLARE(l2_normalize);
DENSE_DECLARE(subvector);
DENSE_DECLARE(binary_quantize);

/* vector_compare.c */
DENSE_DECLARE(lt);
DENSE_DECLARE(le);
DENSE_DECLARE(eq);
DENSE_DECLARE(ne);
DENSE_DECLARE(ge);
DENSE_DECLARE(gt);
DENSE_DECLARE(cmp);

/* vector_aggregate.c */
DENSE_DECLARE(accum);
DENSE_DECLARE(sum_accum);
DENSE_DECLARE(combine);
DENSE_DECLARE(avg);
DENSE_DECLARE(sum);

/* vector_cast.c */
DENSE_DECLARE(coerce);
DENSE_DECLARE(from_array);
DENSE_DECLARE(to_float4);
DENSE_DECLARE(to_float8);
DENSE_DECLARE(to_int4);
DENSE_DECLARE(to_numeric);

#endif							/* VECTOR_DENSE_H */
