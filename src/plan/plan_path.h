/*-------------------------------------------------------------------------
 *
 * plan_path.h
 *	  The planner's side of HnswScan.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_PATH_H
#define PLAN_PATH_H

#include "plan/plan_cost.h"

extern void plan_path_add(PlannerInfo *root, RelOptInfo *rel,
						  RangeTblEntry *rte);

/* plan_bound.c */
extern bool plan_is_order(const Expr *expr, const OpExpr *order);
extern RestrictInfo *plan_bound_find(const PlannerInfo *root,
									 const RelOptInfo *rel,
									 const OpExpr *order, PlanSpec *spec);

/* plan_bitmap.c */
extern BitmapHeapPath *plan_bitmap_find(PlannerInfo *root, RelOptInfo *rel);

/* plan_unseen.c */
extern Expr *plan_unseen_distance(PlannerInfo *root, RelOptInfo *rel,
								  const OpExpr *order);

#endif							/* PLAN_PATH_H */
