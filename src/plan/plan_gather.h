/*-------------------------------------------------------------------------
 *
 * plan_gather.h
 *	  Reading the list of allowed rows from the relation's other indexes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_GATHER_H
#define PLAN_GATHER_H

#include "access/genam.h"
#include "nodes/execnodes.h"
#include "plan/plan_allow.h"

/* Where rows that an index has are put */
typedef struct PlanGathered
{
	PlanTidSet *rows;			/* there, */
	const PlanTidSet *among;	/* those that are here as well, unless NULL, */
	Size		max_memory;		/* as long as that many bytes suffice */
	int64		found;			/* rows that the index had */
} PlanGathered;

extern PlanAllow *plan_gather(PlanState *child, Relation table,
							  MemoryContext context);

/* plan_btree.c */
extern bool plan_btree_rows(IndexScanDesc scan, PlanGathered *into);

#endif							/* PLAN_GATHER_H */
