/*-------------------------------------------------------------------------
 *
 * test_vector_parse.c
 *	  Reading the text form of vectors, against strtof().
 *
 * Millions of numbers are written in the forms that programs write, and in
 * those that are hard: decimals at and next to the boundary between two
 * floats, where one rounding too many shows.  Whatever the fast path returns
 * must have the bits that strtof() gives and end where it ends, and the fast
 * path must take nearly all of the ordinary ones.
 *
 * An argument is the number of literals per form (default 400,000).
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "vector/vector_parse.h"

/* c.h puts the server's own in their place */
#undef printf
#undef snprintf

#define SEED	UINT64CONST(20240607)

static uint64 state = SEED;
static int	failures = 0;

/* splitmix64 */
static uint64
draw(void)
{
	uint64		z = (state += UINT64CONST(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* An integer from low to high */
static int
draw_int(int low, int high)
{
	return low + (int) (draw() % (uint64) (high - low + 1));
}

/* Any finite float, each exponent as likely as the others */
static float
draw_float(void)
{
	uint32		bits;
	float		f;

	do
	{
		bits = (uint32) draw();
		memcpy(&f, &bits, sizeof(f));
	} while (!isfinite(f));
	return f;
}

/* A double in -1 .. 1 */
static double
draw_unit(void)
{
	return (double) (int64) draw() / 9223372036854775808.0;
}

static void
fail(const char *what, const char *literal)
{
	if (failures++ < 20)
		printf("%s: \"%s\"\n", what, literal);
}

/*
 * The forms: each writes one number and "]"
 */

static void
write_float(char *buf, size_t size)
{
	snprintf(buf, size, "%.9g]", draw_float());
}

static void
write_double(char *buf, size_t size)
{
	snprintf(buf, size, "%.17g]", draw_unit() * 0.1);
}

static void
write_fixed(char *buf, size_t size)
{
	double		value = draw_unit() * 10;

	snprintf(buf, size, "%.*f]", draw_int(1, 9), value);
}

static void
write_exponent(char *buf, size_t size)
{
	float		value = draw_float();

	snprintf(buf, size, "%.*e]", draw_int(0, 17), value);
}

/* Digits and a point anywhere, more digits than fit, any exponent */
static void
write_digits(char *buf, size_t size)
{
	static const char *const signs[] = {"", "-", "+"};
	int			n = draw_int(1, 24);
	int			point = draw_int(0, n);
	char	   *p = buf;

	p += snprintf(p, size, "%s", signs[draw_int(0, 2)]);
	for (int i = 0; i < n; i++)
	{
		if (i == point)
			*p++ = '.';
		*p++ = (char) ('0' + (draw_int(0, 3) == 0 ? 0 : draw_int(0, 9)));
	}
	if (draw_int(0, 1) == 0)
		p += snprintf(p, 16, "%c%d", n % 2 ? 'e' : 'E', draw_int(-60, 45));
	snprintf(p, 2, "]");
}

/* On the boundary between two floats, or a few units of a double from it */
static void
write_boundary(char *buf, size_t size)
{
	float		f = draw_float();
	double		boundary;
	uint64		bits;

	if (fabsf(f) == FLT_MAX)
		f = 1;
	boundary = ((double) f + (double) nextafterf(f, HUGE_VALF)) / 2;
	memcpy(&bits, &boundary, sizeof(bits));
	bits += draw_int(-12, 12);
	memcpy(&boundary, &bits, sizeof(bits));
	snprintf(buf, size, "%.*g]", draw_int(15, 22), boundary);
}

/* The same where no exponent is needed: what short decimals can hit */
static void
write_short_boundary(char *buf, size_t size)
{
	int			shift = draw_int(0, 20);
	uint64		odd = (UINT64CONST(1) << 24) + (draw() >> 40);
	double		boundary = (double) (odd | 1) / (double) (1 << shift);
	int			digits = draw_int(Max(shift - 2, 0), shift);

	snprintf(buf, size, "%.*f%s]", digits, boundary,
			 draw_int(0, 1) ? "" : "e0");
}

/* Next to the smallest normal and the largest float */
static void
write_limit(char *buf, size_t size)
{
	double		value = draw_int(0, 1) ? FLT_MIN : FLT_MAX;
	double		shift = ldexp(1, -draw_int(20, 52));

	value *= 1 + draw_unit() * shift;
	snprintf(buf, size, "%.*g]", draw_int(6, 19), value);
}

typedef struct Form
{
	const char *name;
	void		(*write) (char *buf, size_t size);
	double		least_fast;		/* share that must take the fast path */
} Form;

static const Form forms[] = {
	{"%.9g of any float", write_float, 0.4},
	{"%.17g, up to 0.1", write_double, 0.9999},
	{"%.6f and the like", write_fixed, 0.9999},
	{"%.6e and the like", write_exponent, 0.2},
	{"random digits", write_digits, 0.2},
	{"at a boundary of floats", write_boundary, 0},
	{"short, at a boundary", write_short_boundary, 0},
	{"at the limits", write_limit, 0}
};

/*
 * Read `count` numbers of one form both ways
 */
static void
test_form(const Form *form, int count)
{
	int			fast = 0;

	for (int i = 0; i < count; i++)
	{
		char		buf[128];
		char	   *strtof_end;
		const char *end;
		float		expected;
		float		value;

		form->write(buf, sizeof(buf));
		expected = strtof(buf, &strtof_end);
		end = vector_parse_short_decimal(buf, &value);
		if (end == NULL)
			continue;

		fast++;
		if (end != strtof_end || memcmp(&value, &expected, sizeof(value)))
			fail("not as strtof()", buf);
	}

	printf("%-26s %d, %.2f %% by the fast path\n", form->name, count,
		   100.0 * fast / count);
	if (fast < form->least_fast * count)
		fail("the fast path takes too few", form->name);
}

/* What the fast path must leave alone */
static void
test_refused(void)
{
	static const char *const literals[] = {
		"", "]", ",", "-]", "+]", ".]", "-.]", "e5]", "1e]", "1e+]", "1ee5]",
		"0x10]", "1.5.2]", "--1]", "+-1]", "1a]", "1", "nan]", "inf]",
		"Infinity]", "1_000]", "16777217]", "1e39]",
		"3402823669209384700e20]", "1e-46]", "1e-40]",
		"12345678901234567890]", "1e99999999999999999999]", "1 ", "1\t"
	};

	for (int i = 0; i < (int) lengthof(literals); i++)
	{
		float		value;
		const char *end = vector_parse_short_decimal(literals[i], &value);
		bool		spaced = literals[i][0] == '1' &&
			(literals[i][1] == ' ' || literals[i][1] == '\t');

		if ((end != NULL) != spaced)
			fail("the fast path's choice", literals[i]);
	}
}

typedef struct Case
{
	const char *literal;
	VectorParseStatus status;
	int			dimensions;
	const char *number;			/* the last one read, if that is told */
} Case;

/* Whole literals, with room for four numbers */
static const Case cases[] = {
	{"[1,2,3]", VECTOR_PARSE_OK, 3, "3"},
	{" [ 1 ,\t2.5\n, -3e-2 ] ", VECTOR_PARSE_OK, 3, "-3e-2"},
	{"\v\f\r[1]\v\f\r", VECTOR_PARSE_OK, 1, "1"},
	{"[1,2,3,4]", VECTOR_PARSE_OK, 4, "4"},
	{"[1.,.5,+2]", VECTOR_PARSE_OK, 3, "+2"},
	{"[0x1p3]", VECTOR_PARSE_OK, 1, "0x1p3"},
	{"[1e-46]", VECTOR_PARSE_OK, 1, "1e-46"},
	{"[1,2,3,4,5]", VECTOR_PARSE_TOO_MANY, 4, NULL},
	{"[1,2,3,4,", VECTOR_PARSE_TOO_MANY, 4, NULL},
	{"", VECTOR_PARSE_NO_BRACKET, 0, NULL},
	{"1,2", VECTOR_PARSE_NO_BRACKET, 0, NULL},
	{"{1,2}", VECTOR_PARSE_NO_BRACKET, 0, NULL},
	{"[]", VECTOR_PARSE_EMPTY, 0, NULL},
	{" [ ] ", VECTOR_PARSE_EMPTY, 0, NULL},
	{"[]x", VECTOR_PARSE_EMPTY, 0, NULL},
	{"[", VECTOR_PARSE_SYNTAX, 0, NULL},
	{"[,1]", VECTOR_PARSE_SYNTAX, 0, NULL},
	{"[1", VECTOR_PARSE_SYNTAX, 1, NULL},
	{"[1,", VECTOR_PARSE_SYNTAX, 1, NULL},
	{"[1,]", VECTOR_PARSE_SYNTAX, 1, NULL},
	{"[1,,2]", VECTOR_PARSE_SYNTAX, 1, NULL},
	{"[1 2]", VECTOR_PARSE_SYNTAX, 1, NULL},
	{"[1;2]", VECTOR_PARSE_SYNTAX, 1, NULL},
	{"[1e]", VECTOR_PARSE_SYNTAX, 1, NULL},
	{"[[1]]", VECTOR_PARSE_SYNTAX, 0, NULL},
	{"[x]", VECTOR_PARSE_SYNTAX, 0, NULL},
	{"[1,4e38,2]", VECTOR_PARSE_OUT_OF_RANGE, 1, "4e38"},
	{"[-3402823669209384700e20]", VECTOR_PARSE_OUT_OF_RANGE, 0,
		"-3402823669209384700e20"},
	{"[-1e400]", VECTOR_PARSE_OUT_OF_RANGE, 0, "-1e400"},
	{"[1,NaN]", VECTOR_PARSE_NOT_FINITE, 1, "NaN"},
	{"[-nan]", VECTOR_PARSE_NOT_FINITE, 0, "-nan"},
	{"[-Infinity]", VECTOR_PARSE_NOT_FINITE, 0, "-Infinity"},
	{"[inf]", VECTOR_PARSE_NOT_FINITE, 0, "inf"},
	{"[1]]", VECTOR_PARSE_JUNK, 1, NULL},
	{"[1] 2", VECTOR_PARSE_JUNK, 1, NULL}
};

static void
test_literals(void)
{
	for (int i = 0; i < (int) lengthof(cases); i++)
	{
		const Case *c = &cases[i];
		float		x[5] = {0, 0, 0, 0, -1};
		VectorLiteral parsed;

		if (vector_parse(c->literal, 4, x, &parsed) != c->status)
			fail("wrong status", c->literal);
		if (parsed.dimensions != c->dimensions)
			fail("wrong number of dimensions", c->literal);
		if (c->number != NULL &&
			(parsed.number_length != (int) strlen(c->number) ||
			 strncmp(parsed.number, c->number, strlen(c->number)) != 0))
			fail("wrong place", c->literal);
		if (x[4] != -1)
			fail("wrote past the end", c->literal);
	}
}

int
main(int argc, char **argv)
{
	int			count = argc > 1 ? atoi(argv[1]) : 400000;

	for (int i = 0; i < (int) lengthof(forms); i++)
		test_form(&forms[i], count);
	test_refused();
	test_literals();

	if (failures > 0)
		printf("%d failures\n", failures);
	return failures > 0;
}
