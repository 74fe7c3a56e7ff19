/*-------------------------------------------------------------------------
 *
 * distance_codec_private.h
 *	  What the codec's own files share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef DISTANCE_CODEC_PRIVATE_H
#define DISTANCE_CODEC_PRIVATE_H

#include "c.h"

#include <float.h>
#include <math.h>

#include "distance/distance_codec.h"

#define FLOAT_ROUNDING	5.9604644775390625e-8	/* u = 2^-24 */
#define FLOAT_TINY		1.401298464324817e-45	/* 2^-149 */

/*
 * A vector of a length for which the SQL function cannot be relied upon is
 * made this long for cosine, instead of a unit vector.  That tells
 * codec_query_init() that nothing can be said about what the SQL function
 * returns.  The effect on distances is smaller than that of the codes.
 */
#define UNSAFE_LENGTH	(1.0 - 1.0 / 1024)

/*
 * Bound for the relative distance between a query as it should be and as
 * codec_encode() left it: the rotation, and the scaling to unit length.
 */
extern double codec_rotated_error(const Codec *codec);

/* Set step and planes of a query whose other fields are set */
extern void codec_query_quantize(CodecQuery *query);

/* The nearest float, or an infinity if there is none; never NaN */
static inline float
codec_float(double a)
{
	if (isnan(a) || a > FLT_MAX)
		return INFINITY;
	return a < -FLT_MAX ? -INFINITY : (float) a;
}

#endif							/* DISTANCE_CODEC_PRIVATE_H */
