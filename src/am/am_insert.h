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
 * insert may promote its node, and for a moment by vacuum, to wait for those in flight.
 */
typedef enum AmInsertLock
{
	INSERT_LOCK_PAGE,			/* heavyweight, between sessions */
	INSERT_LOCK_SHARED_BUILD,	/* an LWLock, between workers of a build */
	INSERT_LOCK_NONE			/* a build by one process */
} AmInsertLock;

/* What is kept from row to row */
typedef struct AmInserter
{
	PageSpace	space;
	PageStore	store;
	GraphSearch search;
	CodecVector vector;
	int			ef_construction;
	AmInsertLock lock_kind;
	LWLock	   *lock;			/* for INSERT_LOCK_SHARED_BUILD */
	MemoryContext row_context;	/* reset after every row */
} AmInserter;

extern void am_inserter_init(AmInserter *inserter);
extern bool am_inserter_encode(AmInserter *inserter, Datum value);
extern void am_inserter_add(AmInserter *inserter, const ItemPointerData *row,
							bool unchanged);
extern void am_vector_alloc(const Codec *codec, CodecVector *vector);
extern void am_check_dimensions(const PageFormat *format, int dimensions);

#endif							/* AM_INSERT_H */
