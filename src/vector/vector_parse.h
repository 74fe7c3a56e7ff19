/*-------------------------------------------------------------------------
 *
 * vector_parse.h
 *	  Reading the text form of a dense vector: "[1,2.5,-3e-2]".
 *
 * Knows nothing of the server, so that it can be tested without one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef VECTOR_PARSE_H
#define VECTOR_PARSE_H

#include "c.h"

typedef enum VectorParseStatus
{
	VECTOR_PARSE_OK,
	VECTOR_PARSE_NO_BRACKET,	/* does not start with "[" */
	VECTOR_PARSE_EMPTY,			/* "[]" */
	VECTOR_PARSE_TOO_MANY,		/* more elements than there may be */
	VECTOR_PARSE_SYNTAX,		/* not a number, or no "," or "]" after one */
	VECTOR_PARSE_OUT_OF_RANGE,	/* a number beyond the largest float */
	VECTOR_PARSE_NOT_FINITE,	/* "NaN" or "Infinity" */
	VECTOR_PARSE_JUNK			/* something after "]" */
} VectorParseStatus;

typedef struct VectorLiteral
{
	int			dimensions;		/* numbers read */
	const char *number;			/* the last one read, in the literal */
	int			number_length;	/* bytes of it */
} VectorLiteral;

/*
 * Read a whole literal (NUL-terminated) into x, which has room for
 * max_dimensions floats.  Every number becomes the float nearest to it; one
 * too small for a float becomes zero.  A number that is refused is left in
 * x[parsed->dimensions].
 */
extern VectorParseStatus vector_parse(const char *literal, int max_dimensions,
									  float *x, VectorLiteral *parsed);

/*
 * Read the number at s, which must be followed by ",", "]" or white space.
 * Returns its end; or NULL, having set nothing, if the number is not a plain
 * short decimal, for strtof() to look at.  What it returns is always what
 * strtof() would.
 */
extern const char *vector_parse_short_decimal(const char *s, float *value);

#endif							/* VECTOR_PARSE_H */
