/*-------------------------------------------------------------------------
 *
 * hnsw_version.h
 *	  Differences between PostgreSQL versions, as named wrappers.
 *
 * The only place that looks at PG_VERSION_NUM.  Include it after postgres.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef HNSW_VERSION_H
#define HNSW_VERSION_H

#if PG_VERSION_NUM < 150000
#error "hnsw needs PostgreSQL 15 or later"
#endif

/* The varlena macros left postgres.h in 16 */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Soft errors came in 16; before that every error is thrown */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#define errsave(context, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
	} while (0)
#endif

/* A module can say its name and version since 18 */
#if PG_VERSION_NUM >= 180000
#define HNSW_MODULE_MAGIC \
	PG_MODULE_MAGIC_EXT(.name = "hnsw", .version = "1.0")
#else
#define HNSW_MODULE_MAGIC	PG_MODULE_MAGIC
#endif

#endif							/* HNSW_VERSION_H */
