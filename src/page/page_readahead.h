/*-------------------------------------------------------------------------
 *
 * page_readahead.h
 *	  Do pages have to be read, so that it is worth asking for them ahead?
 *
 * Where all are in shared buffers, asking is in vain, and a good part of what
 * it takes to open them.  So it begins when one had to be read, and ends when
 * many had not.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_READAHEAD_H
#define PAGE_READAHEAD_H

#include "executor/instrument.h"
#include "utils/rel.h"
#include "utils/spccache.h"

/* Pages, or rows, without any read until no more reads are expected */
#define READAHEAD_PATIENCE	32

/* Pages to ask for ahead, if the user wants it at all, at the least */
#define READAHEAD_LEAST		16

typedef struct PageReadAhead
{
	int64		reads;			/* of this process when it was last looked */
	int			expects;		/* pages, until no more reads are expected */
	int			most;			/* to ask for */
} PageReadAhead;

/*
 * effective_io_concurrency says how many; but by default it says 1, which is
 * nobody's wish, and less than any disk can do.
 */
static inline void
page_readahead_init(PageReadAhead *ahead, Relation relation)
{
	ahead->reads = pgBufferUsage.shared_blks_read;
	ahead->expects = 0;
	ahead->most =
		get_tablespace_io_concurrency(relation->rd_rel->reltablespace);
	if (ahead->most > 0)
		ahead->most = Max(ahead->most, READAHEAD_LEAST);
}

/* A page, or row, is about to be looked at. */
static inline void
page_readahead_step(PageReadAhead *ahead)
{
	if (unlikely(pgBufferUsage.shared_blks_read != ahead->reads))
	{
		ahead->reads = pgBufferUsage.shared_blks_read;
		ahead->expects = READAHEAD_PATIENCE;
	}
	else if (ahead->expects > 0)
		ahead->expects--;
}

/* How many of those that come next had better be asked for? */
static inline int
page_readahead(const PageReadAhead *ahead)
{
	return ahead->expects > 0 ? ahead->most : 0;
}

#endif							/* PAGE_READAHEAD_H */
