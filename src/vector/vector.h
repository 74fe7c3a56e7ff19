/*-------------------------------------------------------------------------
 *
 * vector.h
 *	  The type "vector": an array of floats of a fixed length.
 *
 * A value is never NaN or infinite in any element and has 1 to
 * VECTOR_MAX_DIMENSIONS of them.  Whoever makes one keeps to that, so that
 * whoever reads one need not look.
 *
 *-------------------------------------------------------------------------
 */
#ifndef VECTOR_H
#define VECTOR_H

#include "access/attnum.h"
#include "fmgr.h"
#include "nodes/nodes.h"

struct PlannerInfo;

#define VECTOR_MAX_DIMENSIONS	16000

/* As on disk; the layout is pgvector's */
typedef struct Vector
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	int16		dim;			/* number of elements */
	int16		unused;			/* always zero */
	float		x[FLEXIBLE_ARRAY_MEMBER];
} Vector;

/* Bytes of a vector with its header */
static inline Size
vector_size(int dimensions)
{
	return offsetof(Vector, x) + sizeof(float) * (Size) dimensions;
}

/* vector_cost.c */
extern bool vector_is_out_of_line(Oid table, AttrNumber column,
								  int dimensions);
extern bool vector_var_is_out_of_line(struct PlannerInfo *root,
									  const Node *column, int dimensions);

/* The value, detoasted: a copy if it was compressed, external or short */
static inline Vector *
DatumGetVector(Datum datum)
{
	return (Vector *) PG_DETOAST_DATUM(datum);
}

/*
 * A new vector in the current memory context.  Its elements are not set.
 * The caller knows that the number of dimensions is a legal one.
 */
extern Vector *vector_create(int dimensions);

#endif							/* VECTOR_H */
