/*-------------------------------------------------------------------------
 *
 * inspect_index.h
 *	  Opening an index, and reading its pages, for those who look in from
 *	  SQL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef INSPECT_INDEX_H
#define INSPECT_INDEX_H

#include "page/page_access.h"
#include "storage/lockdefs.h"

/* An open index with its table, both locked */
typedef struct InspectIndex
{
	Relation	heap;
	Relation	index;
	LOCKMODE	lock;
	PageSpace	space;
} InspectIndex;

extern void inspect_open(InspectIndex *inspect, Oid oid, LOCKMODE lock);
extern void inspect_require_select(const InspectIndex *inspect);
extern void inspect_close(InspectIndex *inspect);
extern bool inspect_read_page(InspectIndex *inspect, BlockNumber block,
							  PGAlignedBlock *copy);

/* The name of the distance an index orders by */
extern const char *inspect_metric_name(const PageFormat *format);

#endif							/* INSPECT_INDEX_H */
