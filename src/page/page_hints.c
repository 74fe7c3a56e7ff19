/*-------------------------------------------------------------------------
 *
 * page_hints.c
 *	  Vacuum puts right what edges and landmarks say of rows.
 *
 * An edge names a row of the node it leads to, and a filtered search asks by
 * that row whether the node matches.  When a row is updated and its vector is
 * not, the new version joins the node, but nobody goes through the edges that
 * lead there: they name the old one, of which a list of matching rows knows
 * nothing.  When the old version is vacuumed all pages are read anyway, and
 * these edges are given a row that the node still has.
 *
 * Hints they remain: nothing but the time that a search takes, and what it
 * finds, depends on them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "page/page_vacuum.h"

/* What a node of layer 0 has after the first pass */
typedef struct RowHint
{
	uint64		node:48;
	uint64		status:8;		/* simplehash's */
	uint64		is_only:8;		/* the node has this row and no other */
	ItemPointerData row;		/* invalid: it has rows in postings only */
} RowHint;

#define SH_PREFIX		rowhints
#define SH_ELEMENT_TYPE	RowHint
#include "page/page_nodetable.h"

struct PageHints
{
	rowhints_hash *rows;		/* of nodes that edges may be wrong about */
};

PageHints *
page_hints_create(void)
{
	PageHints  *hints = palloc(sizeof(PageHints));

	hints->rows = rowhints_create(CurrentMemoryContext, 16, NULL);
	return hints;
}

/* A live node of layer 0 has lost rows: remember one that it has. */
void
page_hints_note(PageHints *hints, GraphNode id, const PageNode *node)
{
	bool		found;
	RowHint    *hint = rowhints_insert(hints->rows, id, &found);

	hint->is_only = node->nrows == 1 && !ItemPointerIsValid(&node->posting);
	if (node->nrows > 0)
		hint->row = node->rows[0];
	else
		ItemPointerSetInvalid(&hint->row);
}

/* Is there anything to be put right? */
bool
page_hints_any(const PageHints *hints)
{
	return hints->rows->members > 0;
}

/*
 * What should an edge or a landmark say that names this node and row?  NULL:
 * what it says.  A row that another insert gave the node since the first pass
 * is not named by any edge yet: they take the node's first.
 */
const ItemPointerData *
page_hints_correct(const PageVacuum *vacuum, const ItemPointerData *node,
				   ItemPointerData *row)
{
	const RowHint *hint = rowhints_lookup(vacuum->hints->rows,
										  page_tid_pack(node));

	if (hint == NULL || !ItemPointerIsValid(row) ||
		memcmp(row, &hint->row, sizeof(*row)) == 0)
		return NULL;
	if (hint->is_only || vacuum->is_dead(row, vacuum->is_dead_arg))
		return &hint->row;
	return NULL;
}

/* The next edge of a node, from the i-th on, that says what it should not */
static int
next_wrong_edge(const PageVacuum *vacuum, const PageNode *node, int i,
				const ItemPointerData **row)
{
	for (; i < node->nedges; i++)
	{
		PageEdge   *edge = page_node_edge(vacuum->format, node, i);

		*row = page_hints_correct(vacuum, &edge->node, &edge->row);
		if (*row)
			break;
	}
	return i;
}

/* Has the page's item edges that lead to rows? */
static bool
has_hints(const PageNode *node)
{
	return node->state == NODE_LIVE && node->layer == 0;
}

/* Does any edge on the page say what it should not? */
static bool
block_is_wrong(const PageVacuum *vacuum, BlockNumber block)
{
	bool		wrong = false;
	const ItemPointerData *row;
	PageRef		ref;

	if (!page_open_any(vacuum->space, block, &ref))
		return false;
	if (page_special(ref.page)->kind == PAGE_KIND_NODE)
	{
		OffsetNumber max = PageGetMaxOffsetNumber(ref.page);

		for (OffsetNumber o = FirstOffsetNumber; o <= max && !wrong; o++)
		{
			PageNode   *node = page_node(ref.page, o);

			if (!has_hints(node))
				continue;
			page_check_edges(vacuum->space, block, node);
			wrong = next_wrong_edge(vacuum, node, 0, &row) < node->nedges;
		}
	}
	page_close(&ref);
	return wrong;
}

/* Put right the edges of all live nodes of a block.  Caller holds no lock. */
void
page_hints_block(PageVacuum *vacuum, BlockNumber block)
{
	PageEdit	edit;
	OffsetNumber max;

	if (!block_is_wrong(vacuum, block))
		return;
	page_edit_begin(vacuum->space, block, PAGE_KIND_NODE, &edit);
	max = PageGetMaxOffsetNumber(edit.page);
	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
	{
		PageNode   *node = page_node(edit.page, o);
		const ItemPointerData *row;
		int			i = 0;

		if (!has_hints(node))
			continue;
		while ((i = next_wrong_edge(vacuum, node, i, &row)) < node->nedges)
			page_node_edge(vacuum->format, node, i)->row = *row;
	}
	page_edit_commit(&edit);
}
