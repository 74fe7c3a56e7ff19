/*-------------------------------------------------------------------------
 *
 * plan_cost.h
 *	  What the ways of searching cost, for the planner and while it runs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_COST_H
#define PLAN_COST_H

#include "nodes/pathnodes.h"
#include "plan/plan_spec.h"

/* What the planner has found out about a search */
typedef struct PlanCandidate
{
	IndexPath  *order;			/* the plain scan in order of distance */
	BitmapHeapPath *bitmap;		/* the scan by other indexes, or NULL */
	PlanSpec	spec;
	RestrictInfo *bound;		/* the condition that bounds it, or NULL */
	List	   *conditions;		/* the others, of RestrictInfo */
	double		rows;			/* that meet these */
	double		near_rows;		/* that meet the bound, too, hopefully */
	QualCost	distance;		/* of one distance */
	QualCost	quals;			/* of these conditions of one row */
	Cost		startup;		/* of the search, as a plain scan ... */
	Cost		run;			/* ... and of going on to its end */
} PlanCandidate;

extern void plan_cost_path(PlannerInfo *root, CustomPath *path,
						   PlanCandidate *candidate);

extern double plan_cost_distance(const QualCost *cost, bool out_of_line);
extern double plan_cost_bitmap(const PlanSpec *spec, Path *bitmapqual);

/*
 * While it runs, costs are counted in operators: what the planner takes one
 * cpu_operator_cost for, some 8 ns.
 */
extern double plan_share(const PlanSpec *spec, double rows);
extern double plan_rows_scored(double wanted);
extern bool plan_is_estimated(const PlanSpec *spec, double rows);
extern double plan_ops_exact(const PlanSpec *spec, double rows,
							 double matches);
extern double plan_ops_exact_least(const PlanSpec *spec, double rows,
								   double matches);
extern double plan_ops_table(const PlanSpec *spec, double matches);
extern double plan_ops_asked(const PlanSpec *spec, double rows);
extern double plan_ops_walk(const PlanSpec *spec, double rows,
							double doubtful);
extern double plan_ops_look(const PlanSpec *spec, double share, double held);
extern double plan_visits_in(double ops);
extern bool plan_wants_bitmap(const PlanSpec *spec, double factor);

#endif							/* PLAN_COST_H */
