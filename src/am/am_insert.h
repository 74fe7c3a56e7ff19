/*-------------------------------------------------------------------------
 *
 * am_insert.h
 *	  Putting rows into an index, for INSERT and for builds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef AM_INSERT_H
#define AM_INSERT_H

#include "am/am.h"
#include "graph/graph_insert.h"
#include "page/page_store.h"

/*
 * The insert lock.  Shared while a row is inserted; exclusive while an
 * insert may promote its node, and for a moment by vacuum, to wait for
 * those in flight.
 */
typedef enum AmInsertMode
{
	INSERT_SHARED,
	INSERT_EXCLUSIVE
} AmInsertMode;

typedef struct AmInserter AmInserter;

/*
 * Between sessions it is a heavyweight lock; a build has its own.  Its
 * lock() may also change the inserter's space (see am_build.c).
 */
typedef struct AmInsertLock
{
	void		(*lock) (AmInserter *inserter, AmInsertMode mode);
	void		(*unlock) (AmInserter *inserter, AmInsertMode mode);
} AmInsertLock;

/* What is kept from row to row */
struct AmInserter
{
	PageSpace	space;
	PageStore	store;
	GraphSearch search;
	CodecVector vector;
	uint32		fingerprint;	/* of the value it was encoded from */
	int			ef_construction;
	const AmInsertLock *lock;
	void	   *lock_arg;		/* for lock */
	bool		alone;			/* nobody else inserts: always promote */
	MemoryContext row_context;	/* reset after every row */
};

extern void am_inserter_init(AmInserter *inserter);
extern bool am_inserter_encode(AmInserter *inserter, Datum value);
extern void am_inserter_add(AmInserter *inserter, const ItemPointerData *row,
							bool unchanged);
extern void am_vector_alloc(const Codec *codec, CodecVector *vector);
extern void am_check_dimensions(const PageFormat *format, int dimensions);

#endif							/* AM_INSERT_H */
