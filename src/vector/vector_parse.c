/*-------------------------------------------------------------------------
 *
 * vector_parse.c
 *	  Reading the text form of a dense vector: "[1,2.5,-3e-2]".
 *
 * A literal of 1536 numbers costs as much to read with strtof() as the
 * search that it is the query of.  Nearly all numbers are short decimals: up
 * to 18 or 19 digits and a small power of ten.  Such a number is w * 10^e
 * with an integer w below 2^63 and |e| <= 22, where 10^|e| is exactly a
 * double.  One conversion and one multiplication or division, both correctly
 * rounded, give a double d that is less than 3 units in its last place away
 * from the true value v: each rounding moves it by at most a factor of
 * 1 +- 2^-53, both together by less than 2^-52 * 1.01 of v, and a unit in
 * the last place is at least 2^-53 of the value.
 *
 * Rounding d to float gives the float nearest to v unless the boundary
 * between two floats lies between v and d (or at one of them).  In the range
 * of normal floats these boundaries are the doubles whose low 29 bits, those
 * that a float does not have, are a one and 28 zeros.  So if d is further
 * than PARSE_DOUBT units from every boundary, the result is what strtof()
 * gives.  (d is at least 10^-22, so never subnormal as a float.)  All else,
 * one number in 60 million of the ordinary kind, is left to strtof(): also
 * long, tiny and huge ones, hexadecimal ones, "inf", "nan", and whatever is
 * no number.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "vector/vector_parse.h"

/* A mantissa below this takes one more digit and stays below 2^63 */
#define PARSE_MANTISSA_LIMIT	INT64CONST(900000000000000000)

/* The largest power of ten that a double holds exactly (5^22 < 2^53) */
#define PARSE_MAX_POWER			22

/* Low bits of a double that a float lacks: 52 - 23 */
#define PARSE_EXTRA_BITS		29

/* In units of the last place of a double; the error is below 3 */
#define PARSE_DOUBT				4

static const double parse_powers[PARSE_MAX_POWER + 1] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
};

/*
 * The characters that the SQL scanner takes for white space
 */
static inline bool
parse_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline const char *
parse_skip_space(const char *s)
{
	while (parse_is_space(*s))
		s++;
	return s;
}

/*
 * Append the digits at *s to *mantissa and advance *s past them.  Returns
 * false if the mantissa becomes too large.
 */
static inline bool
parse_digits(const char **s, int64 *mantissa)
{
	const char *p = *s;
	int64		m = *mantissa;
	unsigned int digit;

	while ((digit = (unsigned char) *p - '0') <= 9)
	{
		if (m >= PARSE_MANTISSA_LIMIT)
			return false;
		m = m * 10 + digit;
		p++;
	}

	*s = p;
	*mantissa = m;
	return true;
}

/*
 * Read the exponent after an "e" at *s, advance *s past it and add it to
 * *exponent.  Returns false if there is none or it is long.
 */
static bool
parse_exponent(const char **s, int *exponent)
{
	const char *p = *s;
	const char *digits;
	int64		value = 0;
	bool		negative = *p == '-';

	if (*p == '-' || *p == '+')
		p++;
	digits = p;
	if (!parse_digits(&p, &value) || p == digits || value > 1000)
		return false;

	*exponent += negative ? -(int) value : (int) value;
	*s = p;
	return true;
}

/*
 * Round to float, if that is certain to be right although d is a few units
 * off.  See the head of this file.
 */
static inline bool
parse_round(double d, float *value)
{
	uint64		bits;

	if (d > FLT_MAX)
		return false;

	memcpy(&bits, &d, sizeof(bits));
	bits &= (UINT64CONST(1) << PARSE_EXTRA_BITS) - 1;

	/* Distance from the boundary, moved up so that one comparison will do */
	bits -= (UINT64CONST(1) << (PARSE_EXTRA_BITS - 1)) - PARSE_DOUBT;
	if (bits <= 2 * PARSE_DOUBT)
		return false;

	*value = (float) d;
	return true;
}

const char *
vector_parse_short_decimal(const char *s, float *value)
{
	bool		negative = *s == '-';
	int64		mantissa = 0;
	int			exponent = 0;
	int			ndigits;
	const char *start;
	float		rounded = 0;

	if (*s == '-' || *s == '+')
		s++;

	start = s;
	if (!parse_digits(&s, &mantissa))
		return NULL;
	ndigits = s - start;

	if (*s == '.')
	{
		start = ++s;
		if (!parse_digits(&s, &mantissa))
			return NULL;
		exponent = start - s;
		ndigits -= exponent;
	}

	if (ndigits == 0)
		return NULL;

	if (*s == 'e' || *s == 'E')
	{
		s++;
		if (!parse_exponent(&s, &exponent))
			return NULL;
	}

	if (*s != ',' && *s != ']' && !parse_is_space(*s))
		return NULL;

	if (mantissa != 0)
	{
		double		d = (double) mantissa;

		if (exponent < -PARSE_MAX_POWER || exponent > PARSE_MAX_POWER)
			return NULL;

		if (exponent < 0)
			d /= parse_powers[-exponent];
		else
			d *= parse_powers[exponent];

		if (!parse_round(d, &rounded))
			return NULL;
	}

	*value = negative ? -rounded : rounded;
	return s;
}

/*
 * Read the number at s into *value.  Sets *end to what follows it.
 */
static VectorParseStatus
parse_number(const char *s, const char **end, float *value)
{
	char	   *strtof_end;

	*end = vector_parse_short_decimal(s, value);
	if (*end != NULL)
		return VECTOR_PARSE_OK;

	/* LC_NUMERIC is always C in a server */
	errno = 0;
	*value = strtof(s, &strtof_end);
	*end = strtof_end;

	if (strtof_end == s)
		return VECTOR_PARSE_SYNTAX;
	if (!isfinite(*value))
		return errno == ERANGE ? VECTOR_PARSE_OUT_OF_RANGE :
			VECTOR_PARSE_NOT_FINITE;

	/* What is too small is as good as zero, so ERANGE is no error here */
	return VECTOR_PARSE_OK;
}

VectorParseStatus
vector_parse(const char *literal, int max_dimensions, float *x,
			 VectorLiteral *parsed)
{
	const char *s = parse_skip_space(literal);

	parsed->dimensions = 0;

	if (*s != '[')
		return VECTOR_PARSE_NO_BRACKET;
	s = parse_skip_space(s + 1);
	if (*s == ']')
		return VECTOR_PARSE_EMPTY;

	for (;;)
	{
		VectorParseStatus status;
		const char *end;

		if (parsed->dimensions == max_dimensions)
			return VECTOR_PARSE_TOO_MANY;

		s = parse_skip_space(s);
		status = parse_number(s, &end, &x[parsed->dimensions]);
		parsed->number = s;
		parsed->number_length = end - s;
		if (status != VECTOR_PARSE_OK)
			return status;
		parsed->dimensions++;

		s = parse_skip_space(end);
		if (*s == ']')
			break;
		if (*s != ',')
			return VECTOR_PARSE_SYNTAX;
		s++;
	}

	s = parse_skip_space(s + 1);
	return *s == '\0' ? VECTOR_PARSE_OK : VECTOR_PARSE_JUNK;
}
