/*-------------------------------------------------------------------------
 *
 * plan_hook.c
 *	  Where the planner asks us.
 *
 * The library is loaded when the planner first opens an hnsw index in a
 * session, for that asks the access method's handler.  It does so before it
 * plans the relation the index belongs to, hence the hook is there in time
 * and nothing need be preloaded.  A parallel worker loads the libraries of its
 * leader before it reads the plan.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "optimizer/paths.h"
#include "plan/plan.h"
#include "plan/plan_path.h"
#include "plan/plan_scan.h"
#include "utils/guc.h"

bool		plan_prefilter = true;
int			plan_force = FORCE_NOTHING;

static set_rel_pathlist_hook_type previous_hook;

static const struct config_enum_entry force_options[] = {
	{"off", FORCE_NOTHING, false},
	{"exact", FORCE_EXACT, false},
	{"look", FORCE_LOOK, false},
	{"bitmap", FORCE_BITMAP, false},
	{"rows", FORCE_ROWS, false},
	{"switch", FORCE_SWITCH, false},
	{NULL, 0, false}
};

static void
hook_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rti,
				  RangeTblEntry *rte)
{
	if (previous_hook)
		previous_hook(root, rel, rti, rte);
	plan_path_add(root, rel, rte);
}

/* Set up what the planner needs.  Called once, at load. */
void
plan_init(void)
{
	DefineCustomBoolVariable("hnsw.prefilter",
							 "Lets a search take the query's conditions along and find all rows.",
							 NULL, &plan_prefilter, true, PGC_USERSET,
							 GUC_EXPLAIN, NULL, NULL, NULL);
	DefineCustomEnumVariable("hnsw.debug_prefilter",
							 "Forces how a search with conditions goes, for tests.",
							 NULL, &plan_force, FORCE_NOTHING, force_options,
							 PGC_USERSET, GUC_NOT_IN_SAMPLE | GUC_EXPLAIN,
							 NULL, NULL, NULL);
	RegisterCustomScanMethods(&plan_scan_methods);
	previous_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = hook_rel_pathlist;
}
