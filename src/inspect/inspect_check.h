/*-------------------------------------------------------------------------
 *
 * inspect_check.h
 *	  The invariants of an index, and what the files that check them share.
 *
 * "L": checked by the light check too, which shares the index with everybody
 * else.  The others hold only of the index as a whole and at rest; the full
 * check, which keeps writers and vacuum out, checks all of them.
 *
 *	I1	L	Every page but new ones (all zero) has the header and special
 *			space of ours, and is of the kind that fits its place: block 0
 *			is the meta page and nothing else is.
 *	I2	L	The meta page holds parameters this code can work with, the same
 *			as ever.  Its hints, if any, name pages of their kind.
 *	I3	L	All items of a page have the size of its kind and lie one in
 *			front of the other, so that a slot stays where it is.
 *	I4		A live node's edge leads to a node of the same layer: live, or
 *			dying if a vacuum was cut off.  Never to a slot that is free,
 *			reserved or a posting: a node is written before an edge leads
 *			to it, and stays until none does.
 *	I5	L	A slot's state is one of those there are.  Free and reserved
 *			slots have no edges and no rows.  Nodes are on layers there can
 *			be.
 *	I6	L	An own code's numbers are within +-127; its scale, error and
 *			norm are finite or say that they cannot be; the norm is that of
 *			the code.
 *	I7	L	A live node of layer 0 has rows, in itself or in postings; nodes
 *			above have none.  Rows are row identifiers that there can be, no
 *			more of them than there is room for.
 *	I8		A node of layer 0 has a refine tuple, on a refine page, and
 *			shares it with no other slot.  (L: it has one.)  Its numbers are
 *			sane and its norm is that of code and refinement.
 *	I9	L	A node has at most 2m edges, no two to one neighbor, none to
 *			itself, all to slots there can be.  The row that comes with an
 *			edge is one there can be, or none; none above layer 0.
 *	I10		An edge's length and sketch are those of its neighbor, as far as
 *			the own codes of the two can tell.
 *	I11		A live node above layer 0 has the same own code as the node one
 *			layer below that `down` names, and is the only one above it.
 *			(L: `down` names a slot there can be.)
 *	I12		A node's postings, and theirs in turn, are postings that name it
 *			as their owner; each is met once.  Only layer 0 has any.
 *	I13		The entry point is a node of the layer the meta page says.
 *			Without one, no row that can be seen is in the index.
 *	I14		No row is in the index twice.
 *	I15		A row in the index is one in the table: dead perhaps, but not
 *			vacuumed away, and the first of its HOT chain.
 *	I16		Every row of the table that can be seen and has a vector to
 *			index is in the index, by the first row of its HOT chain.
 *	I17		Its vector is no farther from its node's own code than the
 *			node's error.
 *	I18	L	The meta page lists landmark pages, each once.  A landmark on
 *			one of them, unless it is empty, names a slot and a row there
 *			can be.  The slot holds a node of layer 0, live or dying; length
 *			and sketch of the landmark are those of its code.  (L: not
 *			these.)
 *	I19	L	The meta page names lists of pages of the row map.  An entry of
 *			one of these, unless it is empty, names a slot there can be.  A
 *			row that can be seen, is kept in its node and has a place in the
 *			map has that node there.  (L: not this.)
 *
 * Not errors, since a crash at the wrong moment leaves them, and the next
 * vacuum or insert sees to them or nobody minds: dying nodes, reserved
 * slots, postings no node knows, refine tuples without a slot, landmark pages
 * and row map pages that are not listed, nodes no edge leads to, layers above
 * the entry point.  hnsw_stats() and hnsw_layers() count most of these.
 *
 *-------------------------------------------------------------------------
 */
#ifndef INSPECT_CHECK_H
#define INSPECT_CHECK_H

#include <math.h>

#include "inspect/inspect_graph.h"

typedef enum Invariant
{
	I1_PAGE = 1,
	I2_META,
	I3_ITEMS,
	I4_EDGE_LEADS_TO_NODE,
	I5_STATE,
	I6_CODE,
	I7_ROWS,
	I8_REFINE,
	I9_EDGES,
	I10_EDGE_VALUES,
	I11_DOWN,
	I12_POSTINGS,
	I13_ENTRY,
	I14_ROW_ONCE,
	I15_ROW_EXISTS,
	I16_ROW_INDEXED,
	I17_ROW_NEAR_CODE,
	I18_LANDMARKS,
	I19_ROWMAP
} Invariant;

typedef struct InspectCheck
{
	InspectIndex inspect;
	const PageFormat *format;
	BlockNumber nblocks;		/* at least so many there are */
	/* full check only */
	InspectGraph graph;
	InspectSlotNo *posting_owners;	/* by slot */
} InspectCheck;

/*
 * Where in the index something was found.  Offset 0: the page itself; block
 * InvalidBlockNumber: nowhere, which is what is wrong.
 */
typedef struct CheckPlace
{
	BlockNumber block;
	OffsetNumber offset;
} CheckPlace;

extern void check_fail(const InspectCheck *check, Invariant invariant,
					   CheckPlace place, const char *detail,...)
			__attribute__((noreturn, format(printf, 4, 5)));
extern CheckPlace check_place(const InspectCheck *check, InspectSlotNo slot);

/* inspect_check_page.c */
extern void check_pages(InspectCheck *check);
extern bool check_block_is(InspectCheck *check, BlockNumber block,
						   PageKind kind);

/* inspect_check_graph.c */
extern void check_graph(InspectCheck *check);

/* inspect_check_code.c */
extern void check_codes(InspectCheck *check);

/* inspect_check_heap.c */
extern void check_heap(InspectCheck *check);

/* Equal but for rounding; infinities are equal to themselves only */
static inline bool
check_nearly(double a, double b, double tolerance)
{
	return a == b || fabs(a - b) <= tolerance;
}

#endif							/* INSPECT_CHECK_H */
