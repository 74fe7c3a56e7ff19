/*-------------------------------------------------------------------------
 *
 * plan_allow.h
 *	  The rows that other indexes allow.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_ALLOW_H
#define PLAN_ALLOW_H

#include "nodes/tidbitmap.h"
#include "plan/plan_tidset.h"

/* What a bitmap of the relation's other indexes said */
typedef struct PlanAllow
{
	PlanTidSet	rows;			/* by block: allowed rows */
	PlanTidSet	lossy;			/* by block / 64: blocks with allowed rows */
	bool		recheck;		/* rows may fail the indexes' conditions */
} PlanAllow;

typedef enum PlanAnswer
{
	ANSWER_NO,
	ANSWER_MAYBE,
	ANSWER_YES
} PlanAnswer;

/* Where a walk over all allowed rows is */
typedef struct PlanAllowCursor
{
	const PlanAllow *allow;
	const PlanTidSet *set;		/* rows, then lossy */
	PlanTidPosition at;
	BlockNumber block;			/* lossy one being walked over */
	OffsetNumber offset;		/* next of it, or invalid */
} PlanAllowCursor;

extern PlanAllow *plan_allow_create(MemoryContext context,
									BlockNumber nblocks, double rows);
extern void plan_allow_add_bitmap(PlanAllow *allow, TIDBitmap *bitmap);
extern PlanAnswer plan_allow_ask(const PlanAllow *allow,
								 const ItemPointerData *row);
extern bool plan_allow_is_doubtful(const PlanAllow *allow);
extern double plan_allow_rows(const PlanAllow *allow, double rows_per_block);
extern void plan_allow_begin(PlanAllow *allow, PlanAllowCursor *cursor);
extern bool plan_allow_next(PlanAllowCursor *cursor, ItemPointerData *row);

#endif							/* PLAN_ALLOW_H */
