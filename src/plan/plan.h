/*-------------------------------------------------------------------------
 *
 * plan.h
 *	  Searches that take part in the query's conditions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAN_H
#define PLAN_H

extern void plan_init(void);

#endif							/* PLAN_H */
