/*-------------------------------------------------------------------------
 *
 * vector_type.c
 *	  The dense types and their entry points from SQL.
 *
 * SQL function vector_xxx is C function vector_xxx here, which is dense_xxx
 * for type "vector".
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "vector/vector_dense.h"

#define DENSE_FUNCTION(prefix, name) \
	PG_FUNCTION_INFO_V1(prefix##_##name); \
	Datum \
	prefix##_##name(PG_FUNCTION_ARGS) \
	{ \
		return dense_##name(fcinfo, &prefix##_type); \
	} \
	extern Datum prefix##_##name(PG_FUNCTION_ARGS)

/* Everything that a dense type has */
#define DENSE_FUNCTIONS(prefix) \
	DENSE_FUNCTION(prefix, in); \
	DENSE_FUNCTION(prefix, out); \
	DENSE_FUNCTION(prefix, typmod_in); \
	DENSE_FUNCTION(prefix, recv); \
	DENSE_FUNCTION(prefix, send); \
	DENSE_FUNCTION(prefix, support); \
	DENSE_FUNCTION(prefix, l2_distance); \
	DENSE_FUNCTION(prefix, l2_squared_distance); \
	DENSE_FUNCTION(prefix, inner_product); \
	DENSE_FUNCTION(prefix, negative_inner_product); \
	DENSE_FUNCTION(prefix, cosine_distance); \
	DENSE_FUNCTION(prefix, spherical_distance); \
	DENSE_FUNCTION(prefix, l1_distance); \
	DENSE_FUNCTION(prefix, dims); \
	DENSE_FUNCTION(prefix, norm); \
	DENSE_FUNCTION(prefix, l2_normalize); \
	DENSE_FUNCTION(prefix, subvector); \
	DENSE_FUNCTION(prefix, binary_quantize); \
	DENSE_FUNCTION(prefix, add); \
	DENSE_FUNCTION(prefix, sub); \
	DENSE_FUNCTION(prefix, mul); \
	DENSE_FUNCTION(prefix, concat); \
	DENSE_FUNCTION(prefix, lt); \
	DENSE_FUNCTION(prefix, le); \
	DENSE_FUNCTION(prefix, eq); \
	DENSE_FUNCTION(prefix, ne); \
	DENSE_FUNCTION(prefix, ge); \
	DENSE_FUNCTION(prefix, gt); \
	DENSE_FUNCTION(prefix, cmp); \
	DENSE_FUNCTION(prefix, accum); \
	DENSE_FUNCTION(prefix, sum_accum); \
	DENSE_FUNCTION(prefix, combine); \
	DENSE_FUNCTION(prefix, avg); \
	DENSE_FUNCTION(prefix, sum); \
	DENSE_FUNCTION(prefix, coerce); \
	DENSE_FUNCTION(prefix, from_array); \
	DENSE_FUNCTION(prefix, to_float4); \
	DENSE_FUNCTION(prefix, to_float8); \
	DENSE_FUNCTION(prefix, to_int4); \
	DENSE_FUNCTION(prefix, to_numeric)

static const DenseType vector_type = {"vector", VECTOR_MAX_DIMENSIONS};

DENSE_FUNCTIONS(vector);
