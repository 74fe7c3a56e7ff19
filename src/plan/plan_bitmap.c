/*-------------------------------------------------------------------------
 *
 * plan_bitmap.c
 *	  The bitmap scan by which other indexes find the rows that match.
 *
 * The planner makes one while it plans the relation, but need not keep it: it
 * may lose to another path on grounds that do not concern us.  So we let the
 * planner make it once more, on a copy of the relation that has nothing but
 * indexes that can only make bitmaps.  Thereby all that the planner knows of
 * matching conditions to indexes is used, and conditions behind a security
 * barrier are index conditions here if and only if they are elsewhere.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "optimizer/cost.h"
#include "optimizer/paths.h"
#include "plan/plan_path.h"

/* Copies of the relation's indexes that can make a bitmap, for only that */
static List *
bitmap_indexes(RelOptInfo *rel)
{
	List	   *indexes = NIL;
	ListCell   *lc;

	foreach(lc, rel->indexlist)
	{
		IndexOptInfo *index = lfirst(lc);
		IndexOptInfo *copy;

		if (!index->amhasgetbitmap)
			continue;
		copy = makeNode(IndexOptInfo);
		memcpy(copy, index, sizeof(*copy));
		copy->amhasgettuple = false;
		copy->amcanorderbyop = false;
		copy->amcanparallel = false;
		indexes = lappend(indexes, copy);
	}
	return indexes;
}

/* The best bitmap scan for the relation's conditions, or NULL */
BitmapHeapPath *
plan_bitmap_find(PlannerInfo *root, RelOptInfo *rel)
{
	RelOptInfo *scratch;
	ListCell   *lc;

	if (!enable_bitmapscan || rel->baserestrictinfo == NIL)
		return NULL;
	scratch = makeNode(RelOptInfo);
	memcpy(scratch, rel, sizeof(*scratch));
	scratch->pathlist = NIL;
	scratch->partial_pathlist = NIL;
	scratch->ppilist = NIL;
	scratch->joininfo = NIL;
	scratch->has_eclass_joins = false;
	scratch->consider_parallel = false;
	scratch->indexlist = bitmap_indexes(rel);
	create_index_paths(root, scratch);
	foreach(lc, scratch->pathlist)
	{
		Path	   *path = lfirst(lc);

		if (IsA(path, BitmapHeapPath) && path->param_info == NULL)
		{
			path->parent = rel;
			return (BitmapHeapPath *) path;
		}
	}
	return NULL;
}
