/*-------------------------------------------------------------------------
 *
 * test_distance.h
 *	  What the unit programs for src/distance share: TAP output, random
 *	  numbers from a fixed seed, and memory with a guard page behind it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TEST_DISTANCE_H
#define TEST_DISTANCE_H

#include "c.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "distance/distance_codec.h"

/* libc's, not the server's */
#undef printf
#undef vprintf

static int	test_count = 0;
static int	test_failures = 0;
static int	test_details = 0;

/* Report a test; what and the rest are printf's */
static void
ok(bool passed, const char *what,...)
{
	va_list		args;

	test_count++;
	if (!passed)
		test_failures++;
	printf("%s %d - ", passed ? "ok" : "not ok", test_count);
	va_start(args, what);
	vprintf(what, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	test_details = 0;
}

/*
 * Returns `passed`; if false, prints what it is about, a few times for each
 * test.
 */
static bool
check(bool passed, const char *what,...)
{
	va_list		args;

	if (passed || ++test_details > 5)
		return passed;
	printf("# ");
	va_start(args, what);
	vprintf(what, args);
	va_end(args);
	printf("\n");
	return false;
}

/* Print the plan; the program's exit status */
static int
tests_done(void)
{
	printf("1..%d\n", test_count);
	return test_failures > 0 ? 1 : 0;
}

static uint64 random_state = 1;

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

/*
 * Memory for `bytes`; the byte behind it cannot be read.  Returns its end,
 * so that p - n * sizeof(*p) is an array of n elements that ends there.
 */
static inline void *
guarded_end(Size bytes)
{
	Size		page = sysconf(_SC_PAGESIZE);
	Size		size = (bytes + page - 1) / page * page;
	char	   *memory = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
							  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || mprotect(memory + size, page, PROT_NONE) != 0)
	{
		perror("mmap");
		exit(2);
	}
	return memory + size;
}

#endif							/* TEST_DISTANCE_H */
