/*-------------------------------------------------------------------------
 *
 * distance_rotation.h
 *	  The random orthogonal transform of an index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef DISTANCE_ROTATION_H
#define DISTANCE_ROTATION_H

#include "c.h"

/* Rounds of sign flips and Hadamard transform */
#define ROTATION_ROUNDS	4

/* Sign masks that a rotation of n coordinates consists of */
extern void rotation_init(int n, uint64 seed, uint32 *signs);

/*
 * Rotate x in place.  n is a multiple of 16, at least 64.  No coordinate may
 * be above 2^100 / n, and what lies below 2^-100 of the greatest may get lost.
 */
extern void rotation_apply(int n, const uint32 *signs, float *x);

/*
 * Bound for |computed - exact| / |x|, both vectors of n coordinates and the
 * difference a vector too.
 */
extern double rotation_error(int n);

#endif							/* DISTANCE_ROTATION_H */
