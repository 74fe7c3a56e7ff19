/*-------------------------------------------------------------------------
 *
 * unit.c
 *	  TAP output of the unit programs.
 *
 *-------------------------------------------------------------------------
 */
#include "unit.h"

#include <stdarg.h>

uint64		random_state = 1;

static int	test_count = 0;
static int	test_failures = 0;
static int	test_details = 0;

/* Report a test; what and the rest are printf's */
void
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
bool
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
int
tests_done(void)
{
	printf("1..%d\n", test_count);
	return test_failures > 0 ? 1 : 0;
}
