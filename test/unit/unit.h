/*-------------------------------------------------------------------------
 *
 * unit.h
 *	  What all unit programs share: TAP output and random numbers from a
 *	  fixed seed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef UNIT_H
#define UNIT_H

#include "c.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* libc's, not the server's */
#undef printf
#undef vprintf
#undef qsort

/* The server's pg_attribute_printf() may be for another compiler than ours */
#define UNIT_PRINTF		__attribute__((format(__printf__, 2, 3)))

extern void ok(bool passed, const char *what,...) UNIT_PRINTF;
extern bool check(bool passed, const char *what,...) UNIT_PRINTF;
extern int	tests_done(void);

/* State of the generator; set it to begin a sequence anew */
extern uint64 random_state;

static inline uint64
random_bits(void)
{
	uint64		z = (random_state += UINT64CONST(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* In [0, 1) */
static inline double
random_unit(void)
{
	return (random_bits() >> 11) * (1.0 / 9007199254740992.0);
}

static inline int
random_int(int below)
{
	return random_bits() % below;
}

static inline double
random_normal(void)
{
	return sqrt(-2 * log(1 - random_unit())) *
		cos(6.283185307179586 * random_unit());
}

#endif							/* UNIT_H */
