/*-------------------------------------------------------------------------
 *
 * am_options.c
 *	  Settings of a session (hnsw.*) and options of an index (WITH ...).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "access/reloptions.h"
#include "am/am.h"
#include "utils/guc.h"

int			am_ef_search = AM_DEFAULT_EF_SEARCH;
int			am_iterative_scan = ITERATIVE_SCAN_STRICT;
int			am_max_scan_tuples = 20000;
double		am_scan_mem_multiplier = AM_DEFAULT_SCAN_MEM;
bool		am_debug_rowmap = false;

/* Freed memory, in bytes, that a session keeps: what a large search takes */
#define KEPT_BYTES	(8 * 1024 * 1024)

static relopt_kind am_relopt_kind;

static const struct config_enum_entry iterative_scan_options[] = {
	{"off", ITERATIVE_SCAN_OFF, false},
	{"relaxed_order", ITERATIVE_SCAN_RELAXED, false},
	{"strict_order", ITERATIVE_SCAN_STRICT, false},
	{NULL, 0, false}
};

static void
define_reloptions(void)
{
	am_relopt_kind = add_reloption_kind();
	add_int_reloption(am_relopt_kind, "m",
					  "Half the number of edges of a node",
					  AM_DEFAULT_M, AM_MIN_M, AM_MAX_M, AccessExclusiveLock);
	add_int_reloption(am_relopt_kind, "ef_construction",
					  "Number of candidates from which a new node's neighbors are chosen",
					  AM_DEFAULT_EF_CONSTRUCTION, AM_MIN_EF_CONSTRUCTION,
					  AM_MAX_EF_CONSTRUCTION, AccessExclusiveLock);
	add_int_reloption(am_relopt_kind, "sketch_bits",
					  "Bits that tell where an edge leads (0: none, -1: as fits best)",
					  AM_DEFAULT_SKETCH_BITS, -1, 64 * SKETCH_MAX_WORDS,
					  AccessExclusiveLock);
}

/*
 * A search takes some MB.  glibc gives them back to the system when they are
 * freed, and the next search gets them page by page, with a fault for each: up
 * to a tenth of its time.  But it keeps twice the largest block that it has
 * seen freed, so show it one, of which nothing is ever touched.
 */
static void
keep_memory(void)
{
	void	   *volatile block = malloc(KEPT_BYTES / 2);

	free(block);
}

/* Set up what the access method has of settings.  Called once, at load. */
void
am_init(void)
{
	define_reloptions();
	keep_memory();

	DefineCustomIntVariable("hnsw.ef_search",
							"Sets how many nearest nodes a search keeps.",
							"Larger finds more of the true nearest, and takes longer.",
							&am_ef_search, AM_DEFAULT_EF_SEARCH,
							AM_MIN_EF_SEARCH, AM_MAX_EF_SEARCH, PGC_USERSET,
							0, NULL, NULL, NULL);
	DefineCustomEnumVariable("hnsw.iterative_scan",
							 "Sets whether a search goes on when more rows are needed.",
							 NULL, &am_iterative_scan, ITERATIVE_SCAN_STRICT,
							 iterative_scan_options, PGC_USERSET,
							 0, NULL, NULL, NULL);
	DefineCustomIntVariable("hnsw.max_scan_tuples",
							"Sets the number of nodes a search that goes on visits at the most.",
							NULL, &am_max_scan_tuples, 20000, 1, INT_MAX,
							PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomRealVariable("hnsw.scan_mem_multiplier",
							 "Sets the multiple of work_mem a search that goes on may use.",
							 NULL, &am_scan_mem_multiplier, AM_DEFAULT_SCAN_MEM,
							 1, 1000,
							 PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("hnsw.debug_rowmap",
							 "Makes new indexes have a row map, and searches use it, for tests.",
							 NULL, &am_debug_rowmap, false,
							 PGC_USERSET, GUC_NOT_IN_SAMPLE | GUC_EXPLAIN,
							 NULL, NULL, NULL);
	MarkGUCPrefixReserved("hnsw");
}

/* Parse the options of an index. */
bytea *
hnswoptions(Datum reloptions, bool validate)
{
	static const relopt_parse_elt tab[] = {
		{"m", RELOPT_TYPE_INT, offsetof(AmOptions, m)},
		{"ef_construction", RELOPT_TYPE_INT,
		offsetof(AmOptions, ef_construction)},
		{"sketch_bits", RELOPT_TYPE_INT, offsetof(AmOptions, sketch_bits)},
	};

	return (bytea *) build_reloptions(reloptions, validate, am_relopt_kind,
									  sizeof(AmOptions), tab, lengthof(tab));
}

/* The options of an index, or the defaults. */
const AmOptions *
am_options(Relation index)
{
	static const AmOptions defaults = {
		.m = AM_DEFAULT_M,
		.ef_construction = AM_DEFAULT_EF_CONSTRUCTION,
		.sketch_bits = AM_DEFAULT_SKETCH_BITS,
	};

	if (index->rd_options == NULL)
		return &defaults;
	return (const AmOptions *) index->rd_options;
}
