/*-------------------------------------------------------------------------
 *
 * distance_metric.h
 *	  The metrics an index can order by.
 *
 * "Link distance" is the distance the graph is built with: squared Euclidean
 * distance for every metric but L1.  An inner product index is linked by
 * Euclidean distance too, since the walk for the largest inner product is
 * the walk towards a query infinitely far away in the query's direction.
 * Cosine is squared Euclidean distance of unit vectors.
 *
 *-------------------------------------------------------------------------
 */
#ifndef DISTANCE_METRIC_H
#define DISTANCE_METRIC_H

typedef enum DistanceMetric
{
	METRIC_L2 = 1,				/* |x - y|, operator <-> */
	METRIC_INNER_PRODUCT = 2,	/* -<x, y>, operator <#> */
	METRIC_COSINE = 3,			/* 1 - cos(x, y), operator <=> */
	METRIC_L1 = 4				/* sum |x_i - y_i|, operator <+> */
} DistanceMetric;

#endif							/* DISTANCE_METRIC_H */
