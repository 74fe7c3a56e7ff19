/*-------------------------------------------------------------------------
 *
 * plan_exact.c
 *	  The exact way: the distances of all rows that match.
 *
 * Rows are fetched in the order of the table, and their distances and TIDs
 * go into an array, which is made a heap when it is complete: that takes a
 * step a row, and only rows that are wanted are then sorted, one by one.
 *
 * If the array would outgrow memory, and no more rows are wanted than it
 * holds, it keeps only the nearest.  If more are, or nobody knows how many,
 * all go to the server's sort, which has files.  Should more be taken than
 * were wanted (a row may be refused above us), the rows are gone through once
 * more, and those beyond sorted.  For that the order must be a total one,
 * hence by TID where distances are equal.
 *
 * If the index can tell how far rows are at least, for less than the table
 * tells their distances, rows go into the array with these bounds: before they
 * are fetched if all are known to match, otherwise those found to do so, once
 * more have been scored than are wanted.  One that comes to be the first gets
 * better bounds and, when it comes to be that again, is looked at, and is put
 * back with its distance: so only few rows are fetched beyond those taken.  Its
 * distance is not even computed if the bounds tell that it is the first, and
 * nobody will look at it.  Where there are more rows than memory holds bounds
 * are of no use.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "executor/executor.h"
#include "miscadmin.h"
#include "plan/plan_exact.h"
#include "utils/memutils.h"

/* In kB, of the array; as much is for the sort, since one fills the other */
static int
exact_memory(void)
{
	return work_mem / 2;
}

void
plan_exact_init(PlanExact *exact, MemoryContext context, PlanRow *row)
{
	memset(exact, 0, sizeof(*exact));
	exact->context = context;
	exact->row = row;
	exact->max_rows = exact_memory() * INT64CONST(1024) / sizeof(PlanExactRow);
	exact->max_estimates = Min(exact->max_rows,
							   am_rows_in(exact_memory() * INT64CONST(1024)));
}

static PlanDistance
exact_distance(const PlanExactRow *row)
{
	return (PlanDistance) {row->value, row->isnull};
}

static int
exact_compare(const PlanExactRow *a, const PlanExactRow *b)
{
	int			order = plan_distance_compare(exact_distance(a),
											  exact_distance(b));

	if (order != 0)
		return order;
	return ItemPointerCompare(unconstify(ItemPointerData *, &a->tid),
							  unconstify(ItemPointerData *, &b->tid));
}

/*
 * Let rows[hole] sink to its place in a heap of n.  `sign` is 1 if the
 * nearest is to be on top, -1 if the farthest.
 */
static void
exact_sift(PlanExactRow *rows, int64 n, int64 hole, int sign)
{
	PlanExactRow item = rows[hole];

	for (;;)
	{
		int64		child = 2 * hole + 1;

		if (child >= n)
			break;
		if (child + 1 < n &&
			sign * exact_compare(&rows[child + 1], &rows[child]) < 0)
			child++;
		if (sign * exact_compare(&item, &rows[child]) <= 0)
			break;
		rows[hole] = rows[child];
		hole = child;
	}
	rows[hole] = item;
}

static void
exact_heapify(PlanExact *exact, int sign)
{
	for (int64 i = exact->nrows / 2 - 1; i >= 0; i--)
		exact_sift(exact->rows, exact->nrows, i, sign);
}

/* Sort the rows from here on, and those in the array. */
static void
exact_begin_sort(PlanExact *exact)
{
	MemoryContext old = MemoryContextSwitchTo(exact->context);

	exact->sort = plan_exact_sort_begin(exact_memory());
	for (int64 i = 0; i < exact->nrows; i++)
		plan_exact_sort_put(exact->sort, &exact->rows[i]);
	pfree(exact->rows);
	exact->rows = NULL;
	exact->nrows = 0;
	exact->size = 0;
	exact->overfull = false;
	MemoryContextSwitchTo(old);
}

/* Add a row to the array, which has room for it. */
static void
exact_append(PlanExact *exact, const PlanExactRow *row)
{
	if (exact->nrows == exact->size)
	{
		exact->size = Min(Max(256, exact->size * 2), exact->max_rows);
		if (exact->rows == NULL)
			exact->rows = MemoryContextAllocHuge(exact->context,
												 exact->size *
												 sizeof(PlanExactRow));
		else
			exact->rows = repalloc_huge(exact->rows,
										exact->size * sizeof(PlanExactRow));
	}
	exact->rows[exact->nrows++] = *row;
}

/* Put a row into the array, which is full, if it is among the nearest. */
static void
exact_replace(PlanExact *exact, const PlanExactRow *row)
{
	if (!exact->overfull)
		exact_heapify(exact, -1);
	exact->overfull = true;
	if (exact_compare(row, &exact->rows[0]) < 0)
	{
		exact->rows[0] = *row;
		exact_sift(exact->rows, exact->nrows, 0, -1);
	}
}

static void
exact_keep(PlanExact *exact, const PlanExactRow *row)
{
	bool		has_wanted = exact->wanted > 0 &&
		exact->wanted <= exact->max_rows;

	if (exact->sort == NULL && exact->nrows < exact->max_rows)
		exact_append(exact, row);
	else if (exact->sort == NULL && has_wanted)
		exact_replace(exact, row);
	else
	{
		if (exact->sort == NULL)
			exact_begin_sort(exact);
		plan_exact_sort_put(exact->sort, row);
	}
}

/* Is the row that was fetched wanted, whatever its distance? */
static bool
exact_accepts(PlanExact *exact, PlanExactRow *found)
{
	found->tid = exact->row->stored->tts_tid;
	if (exact->except && plan_tidset_has_row(exact->except, &found->tid))
		return false;
	if (plan_row_matches(exact->row))
		return true;
	exact->removed++;
	return false;
}

/* Is it wanted at that distance?  If so, *found becomes what it is. */
static bool
exact_look(PlanExact *exact, PlanExactRow *found)
{
	PlanDistance distance;

	/* conditions first: rows behind a security barrier must stay unseen */
	if (!exact_accepts(exact, found))
		return false;
	distance = plan_row_distance(exact->row);
	found->value = distance.value;
	found->isnull = distance.isnull;
	found->state = EXACT_SCORED;
	exact->scored++;
	if (plan_row_is_beyond(exact->row, distance))
	{
		exact->removed++;
		return false;
	}
	if (exact->again && exact_compare(found, &exact->last) <= 0)
		return false;
	return !exact->has_floor ||
		plan_distance_compare(distance, exact->floor) >= 0;
}

/*
 * Put a row, by the TID that indexes have, into the array with what the index
 * tells, unless that is beyond the bound.  Returns false if it is nothing.
 */
static bool
exact_estimate(PlanExact *exact, const ItemPointerData *tid)
{
	PlanExactRow row = {.tid = *tid, .state = EXACT_ESTIMATED};

	if (exact->estimates == NULL ||
		!am_rows_lower_bound(exact->estimates, tid, &row.visit, &row.value))
		return false;
	exact->estimated++;
	if (plan_row_is_beyond(exact->row, exact_distance(&row)))
		exact->removed++;
	else
		exact_keep(exact, &row);
	return true;
}

/* Put the row that was fetched, by this TID of indexes, into the array. */
static void
exact_take(PlanExact *exact, const ItemPointerData *tid)
{
	PlanExactRow found;

	if (exact->estimates && exact->fetches_first &&
		exact->scored >= exact->score_first)
	{
		if (!plan_row_matches(exact->row))
		{
			exact->removed++;
			return;
		}
		if (exact_estimate(exact, tid))
			return;
	}
	if (exact_look(exact, &found))
		exact_keep(exact, &found);
}

/* Are there too many rows for bounds to be of use? */
static bool
exact_is_overfull(const PlanExact *exact)
{
	return exact->estimates &&
		(exact->overfull || exact->sort ||
		 exact->estimated > exact->max_estimates);
}

/* What was asked for ahead of the rows being looked at */
typedef struct ExactAhead
{
	PageReadAhead readahead;
	PlanAllowCursor cursor;
	int			rows;			/* between here and there */
} ExactAhead;

/* If blocks have to be read, ask for those of the rows that come next. */
static void
exact_ask_ahead(PlanExact *exact, ExactAhead *ahead,
				const PlanAllowCursor *cursor)
{
	ItemPointerData tid;
	int			most;

	page_readahead_step(&ahead->readahead);
	most = page_readahead(&ahead->readahead);
	if (most == 0)
	{
		ahead->rows = 0;
		return;
	}
	if (ahead->rows == 0)
		ahead->cursor = *cursor;
	else
		ahead->rows--;
	while (ahead->rows < most &&
		   plan_allow_next(&ahead->cursor, &tid))
	{
		if (exact->estimates && !exact->fetches_first)
			am_rows_ask_for(exact->estimates, &tid);
		else
			plan_row_ask_for(exact->row, &tid);
		ahead->rows++;
	}
}

static void
exact_look_at_allowed(PlanExact *exact)
{
	PlanAllowCursor cursor;
	ExactAhead	ahead;
	ItemPointerData tid;

	plan_allow_begin(exact->allow, &cursor);
	page_readahead_init(&ahead.readahead, exact->row->table);
	ahead.rows = 0;
	while (plan_allow_next(&cursor, &tid) && !exact_is_overfull(exact))
	{
		CHECK_FOR_INTERRUPTS();
		exact_ask_ahead(exact, &ahead, &cursor);
		if (!exact->fetches_first && exact_estimate(exact, &tid))
			continue;
		if (plan_row_fetch(exact->row, &tid))
			exact_take(exact, &tid);
	}
}

static void
exact_look_at_all(PlanExact *exact)
{
	PlanRow    *row = exact->row;
	TableScanDesc scan = table_beginscan(row->table, row->snapshot, 0, NULL);

	while (!exact_is_overfull(exact) &&
		   table_scan_getnextslot(scan, ForwardScanDirection, row->stored))
	{
		CHECK_FOR_INTERRUPTS();
		plan_row_show(row, (PlanDistance) {0, true});
		exact_take(exact, &row->stored->tts_tid);
	}
	table_endscan(scan);
}

/* Go through the rows once. */
static void
exact_look_at_rows(PlanExact *exact)
{
	if (exact->allow)
		exact_look_at_allowed(exact);
	else
		exact_look_at_all(exact);
	plan_row_reset(exact->row);
}

/* Go through the rows. */
void
plan_exact_run(PlanExact *exact)
{
	exact_look_at_rows(exact);
	if (exact_is_overfull(exact))
	{
		plan_exact_end(exact);
		exact->estimates = NULL;
		exact->nrows = 0;
		exact->overfull = false;
		exact->removed = 0;
		exact_look_at_rows(exact);
	}
	if (exact->sort)
		plan_exact_sort_perform(exact->sort);
	else
		exact_heapify(exact, 1);
}

/* The first of the array has had its turn. */
static void
exact_remove_first(PlanExact *exact)
{
	exact->rows[0] = exact->rows[--exact->nrows];
	if (exact->nrows > 0)
		exact_sift(exact->rows, exact->nrows, 0, 1);
}

/* Get narrower bounds of a row's distance. */
static void
exact_refine(PlanExact *exact, PlanExactRow *row)
{
	CodecBounds bounds = am_rows_refine(exact->estimates, row->visit);

	row->value = bounds.lower;
	row->width = nextafterf((float) (bounds.upper - bounds.lower), INFINITY);
	row->state = EXACT_REFINED;
}

/*
 * Is the first row, by its bounds, nearer than all others, and is that all
 * there is to know?  Others that may be nearer get narrower bounds: they would
 * all the same, before this one is returned.
 */
static bool
exact_is_certain(PlanExact *exact, const PlanExactRow *first)
{
	PlanExactRow *rows = exact->rows;
	PlanDistance most = {first->value + first->width, false};

	if (!exact->order_only || exact->has_floor ||
		exact->row->questions->bound.exists)
		return false;
	for (int i = 1; i < Min(3, exact->nrows); i++)
	{
		while (plan_distance_compare(most, exact_distance(&rows[i])) >= 0)
		{
			if (rows[i].state != EXACT_ESTIMATED)
				return false;
			CHECK_FOR_INTERRUPTS();
			exact_refine(exact, &rows[i]);
			exact_sift(rows, exact->nrows, i, 1);
		}
	}
	return true;
}

/* Find out more of the first row's distance.  Returns false if it is out. */
static bool
exact_settle(PlanExact *exact, PlanExactRow *first)
{
	if (first->state == EXACT_ESTIMATED)
	{
		exact_refine(exact, first);
		return true;
	}
	if (!plan_row_fetch(exact->row, &first->tid))
		return false;
	if (!exact_is_certain(exact, first))
		return exact_look(exact, first);
	first->state = EXACT_SCORED;
	return exact_accepts(exact, first);
}

/* Look at rows until the first by its bound is the first by its distance. */
static void
exact_settle_first(PlanExact *exact)
{
	if (exact->estimates == NULL)
		return;
	while (exact->nrows > 0 && exact->rows[0].state != EXACT_SCORED)
	{
		CHECK_FOR_INTERRUPTS();
		if (exact_settle(exact, &exact->rows[0]))
			exact_sift(exact->rows, exact->nrows, 0, 1);
		else
			exact_remove_first(exact);
	}
	plan_row_reset(exact->row);
}

/* The next row, nearest first.  Returns false if there is none. */
bool
plan_exact_next(PlanExact *exact, PlanExactRow *row)
{
	if (exact->nrows == 0 && exact->overfull)
	{
		exact->again = true;
		exact_begin_sort(exact);
		plan_exact_run(exact);
	}
	if (exact->sort)
		return plan_exact_sort_next(exact->sort, row);
	exact_settle_first(exact);
	if (exact->nrows == 0)
		return false;
	*row = exact->rows[0];
	exact->last = *row;
	exact_remove_first(exact);
	return true;
}

/* Close files.  The memory goes with the context. */
void
plan_exact_end(PlanExact *exact)
{
	if (exact->sort)
		plan_exact_sort_end(exact->sort);
	exact->sort = NULL;
}
