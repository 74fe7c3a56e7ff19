/*-------------------------------------------------------------------------
 *
 * test_distance.h
 *	  What the unit programs for src/distance share: memory with a guard page
 *	  behind it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TEST_DISTANCE_H
#define TEST_DISTANCE_H

#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

#include "distance/distance_codec.h"

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
