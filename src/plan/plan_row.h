/*-------------------------------------------------------------------------
 *
 * plan_row.h
 *	  Fetching a row, and what is asked of it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_ROW_H
#define PLAN_ROW_H

#include "access/tableam.h"
#include "nodes/execnodes.h"

/* The distance of a row, as ORDER BY sorts it: NaN, then NULL at the end */
typedef struct PlanDistance
{
	double		value;
	bool		isnull;
} PlanDistance;

/* Up to where rows are wanted */
typedef struct PlanBound
{
	bool		exists;
	bool		inclusive;
	double		value;
} PlanBound;

/*
 * What rows are asked, compiled.  The expressions see the scan tuple: the
 * table's row or, if scan_columns is set, a tuple of these columns of it
 * with the distance after them.
 */
typedef struct PlanQuestions
{
	ExprState  *quals;			/* conditions but for the bound, or NULL */
	ExprState  *column;			/* what the index is on */
	FmgrInfo	function;		/* distance */
	Oid			collation;
	Datum		query;			/* detoasted */
	bool		query_isnull;
	PlanBound	bound;			/* on the distance */
	int			nscan_columns;
	const AttrNumber *scan_columns;
	AttrNumber	last_column;	/* greatest of them */
} PlanQuestions;

/* A place for one row at a time */
typedef struct PlanRow
{
	const PlanQuestions *questions;
	Relation	table;
	Snapshot	snapshot;
	IndexFetchTableData *fetch;
	ExprContext *context;
	TupleTableSlot *stored;		/* the row as it is in the table */
	TupleTableSlot *shown;		/* the scan tuple; may be the same slot */
	BlockNumber asked_for;		/* ahead, last */
} PlanRow;

extern bool plan_row_fetch(PlanRow *row, const ItemPointerData *tid);
extern void plan_row_ask_for(PlanRow *row, const ItemPointerData *tid);
extern bool plan_row_fetch_version(PlanRow *row, ItemPointerData *tid);
extern void plan_row_show(PlanRow *row, PlanDistance distance);
extern bool plan_row_matches(PlanRow *row);
extern PlanDistance plan_row_distance(PlanRow *row);
extern bool plan_row_is_beyond(const PlanRow *row, PlanDistance distance);
extern void plan_row_reset(PlanRow *row);
extern void plan_row_end(PlanRow *row);

extern int	plan_distance_compare(PlanDistance a, PlanDistance b);

#endif							/* PLAN_ROW_H */
