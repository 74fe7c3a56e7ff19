/*-------------------------------------------------------------------------
 *
 * page_format.h
 *	  The index as it lies on disk.
 *
 * Block 0 is the meta page.  All others are standard pages of one kind, whose
 * items, reached by line pointers, have one fixed size per kind.  A slot, once
 * made, stays: a free one is reused, never removed.
 *
 *	  node    | PageNode | diverse bits | own code | pad | edges         |
 *	  edge    | neighbor TID | row TID | constant, factor | sketch       |
 *	  refine  | PageRefine | the next 8 bits of every coordinate         |
 *	  landmark| an edge, from the origin: one vertex in m, for filters   |
 *	  row map | node TIDs of the rows of some blocks of the table        |
 *	  list    | blocks of the row map, one such item a page, too         |
 *
 * A node slot may instead hold a *posting*: row TIDs that did not fit into
 * the node of their vector (many rows with one vector).
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_FORMAT_H
#define PAGE_FORMAT_H

#include "postgres.h"

#include "distance/distance_codec.h"
#include "graph/graph_store.h"
#include "storage/bufpage.h"
#include "storage/itemptr.h"

#define PAGE_META_BLOCK		0
#define PAGE_META_MAGIC		0x48534E57
#define PAGE_META_VERSION	4

/* Last two bytes of every page, for tools that tell page kinds apart */
#define PAGE_ID				0xFF85

typedef enum PageKind
{
	PAGE_KIND_META = 1,
	PAGE_KIND_NODE = 2,
	PAGE_KIND_REFINE = 3,
	PAGE_KIND_LANDMARK = 4,
	PAGE_KIND_ROWMAP = 5,
	PAGE_KIND_ROWMAP_LIST = 6
} PageKind;

#define PAGE_KINDS			7

/* Landmark pages an index can have: as many as the meta page can name */
#define PAGE_MAX_LANDMARK_PAGES	1900

/* Lists of pages of the row map, likewise */
#define PAGE_MAX_ROWMAP_LISTS	100

/* The special space of every page */
typedef struct PageSpecial
{
	uint16		kind;
	uint16		unused[2];
	uint16		page_id;
} PageSpecial;

typedef struct PageMeta
{
	uint32		magic;
	uint32		version;
	uint32		metric;			/* DistanceMetric */
	uint32		dimensions;
	uint32		m;
	uint32		sketch_bits;
	uint32		rowmap_blocks;	/* of the table, on a page of the row map; 0:
								 * there is none */
	uint32		unused;
	uint64		seed;			/* of the rotation */
	uint64		entry;			/* GraphNode, 0 if the graph is empty */
	uint32		entry_layer;
	uint16		has_free;		/* vacuum has freed slots: ask the FSM */
	uint16		rows_stale;		/* a vacuum removes rows that edges may name */
	BlockNumber hint[PAGE_KINDS];	/* page with room for new slots, by kind */
	BlockNumber rowmap_lists[PAGE_MAX_ROWMAP_LISTS];	/* 0: not yet */
	uint32		nlandmark_pages;
	BlockNumber landmark_pages[PAGE_MAX_LANDMARK_PAGES];
} PageMeta;

typedef enum PageNodeState
{
	NODE_FREE = 0,				/* nothing; may keep a refine tuple */
	NODE_RESERVED = 1,			/* an insert in flight will write it */
	NODE_LIVE = 2,
	NODE_DYING = 3,				/* without rows: vacuum is removing it */
	NODE_POSTING = 4			/* not a node: rows of the node `down` */
} PageNodeState;

/* Rows kept in the node itself */
#define PAGE_INLINE_ROWS	8

typedef struct PageNode
{
	uint8		layer;
	uint8		state;			/* PageNodeState */
	uint16		nedges;
	uint16		version;		/* changes when the slot is reused */
	uint16		nrows;			/* of rows[], or of a posting's rows */
	ItemPointerData down;		/* layer > 0: this vertex one layer below */
	ItemPointerData refine;		/* layer 0, or a spare one of a reused slot */
	ItemPointerData posting;	/* further rows: first posting, next posting */
	uint16		unused;
	float		scale;
	float		norm2;			/* |x^|^2 */
	float		error;			/* >= |x - x^| */
	ItemPointerData rows[PAGE_INLINE_ROWS]; /* layer 0; a posting has more */
} PageNode;

#define PAGE_NODE_HEADER	MAXALIGN(sizeof(PageNode))
#define PAGE_POSTING_ROWS_OFFSET	offsetof(PageNode, rows)

typedef struct PageRefine
{
	float		norm2;			/* |x~|^2 */
	float		error;			/* >= |x - x~| */
	uint32		fingerprint;	/* of the vector itself, see page_store.h */
	int8		refine[FLEXIBLE_ARRAY_MEMBER];
} PageRefine;

/* The one item of a page whose kind has items as large as that */
#define PAGE_WHOLE_ITEM \
	(MAXALIGN_DOWN(BLCKSZ - SizeOfPageHeaderData - sizeof(ItemIdData) - \
				   MAXALIGN(sizeof(PageSpecial))))
#define PAGE_ROWMAP_ENTRIES	(PAGE_WHOLE_ITEM / sizeof(ItemPointerData))
#define PAGE_ROWMAP_PAGES	(PAGE_WHOLE_ITEM / sizeof(BlockNumber))

/* Where the nodes of rows are: hints, see page_rowmap.c */
typedef struct PageRowMapItem
{
	ItemPointerData nodes[PAGE_ROWMAP_ENTRIES]; /* all zero: none */
} PageRowMapItem;

/* Where the pages of the row map are */
typedef struct PageRowMapList
{
	BlockNumber pages[PAGE_ROWMAP_PAGES];	/* 0: not yet */
} PageRowMapList;

/*
 * The page room's part of an edge; the codec's part follows at once.
 *
 * A landmark is an edge as well, from the origin to a node on layer 0 (or to
 * none: it is free to be reused).  A filtered search may start there.
 */
typedef struct PageEdge
{
	ItemPointerData node;
	ItemPointerData row;
} PageEdge;

/* What follows from the meta page's parameters; the codec is its tail. */
typedef struct PageFormat
{
	int			m;
	int			max_edges;
	int			sketch_bits;
	int			diverse_words;	/* 64-bit words of diverse bits */
	int			code_offset;
	int			edges_offset;
	int			edge_size;
	int			node_size;
	int			nodes_per_page;
	int			refine_size;
	int			refines_per_page;
	int			posting_rows;	/* rows a posting holds */
	int			rowmap_blocks;	/* as on the meta page */
	int			rowmap_rows;	/* places on a row map page for each of them */
	Codec		codec;
} PageFormat;

extern int	page_max_dimensions(DistanceMetric metric, int m);
extern int	page_default_sketch_bits(DistanceMetric metric, int dimensions,
									 int m);
extern bool page_fits(DistanceMetric metric, int dimensions, int m,
					  int sketch_bits);
extern Size page_format_bytes(int dimensions);
extern void page_format_init(PageFormat *format, const PageMeta *meta);
extern void page_init(Page page, PageKind kind);
extern Size page_item_size(const PageFormat *format, PageKind kind);

static inline PageSpecial *
page_special(Page page)
{
	return (PageSpecial *) PageGetSpecialPointer(page);
}

static inline PageMeta *
page_meta(Page page)
{
	return (PageMeta *) PageGetContents(page);
}

/* Is this a block's item that can be looked at? */
static inline bool
page_has_item(Page page, OffsetNumber offset)
{
	return offset >= FirstOffsetNumber &&
		offset <= PageGetMaxOffsetNumber(page) &&
		ItemIdIsNormal(PageGetItemId(page, offset));
}

/* The item of a page that has one */
static inline void *
page_whole_item(Page page)
{
	return PageGetItem(page, PageGetItemId(page, FirstOffsetNumber));
}

static inline PageNode *
page_node(Page page, OffsetNumber offset)
{
	return (PageNode *) PageGetItem(page, PageGetItemId(page, offset));
}

static inline PageRefine *
page_refine(Page page, OffsetNumber offset)
{
	return (PageRefine *) PageGetItem(page, PageGetItemId(page, offset));
}

static inline PageEdge *
page_landmark(Page page, OffsetNumber offset)
{
	return (PageEdge *) PageGetItem(page, PageGetItemId(page, offset));
}

static inline int8 *
page_node_code(const PageFormat *format, const PageNode *node)
{
	return (int8 *) node + format->code_offset;
}

static inline PageEdge *
page_node_edge(const PageFormat *format, const PageNode *node, int i)
{
	return (PageEdge *) ((char *) node + format->edges_offset +
						 (Size) i * format->edge_size);
}

/* The codec's part of an edge */
static inline void *
page_edge_codec(PageEdge *edge)
{
	return (char *) edge + sizeof(PageEdge);
}

static inline uint64 *
page_node_diverse(const PageNode *node)
{
	return (uint64 *) ((char *) node + PAGE_NODE_HEADER);
}

static inline bool
page_edge_is_diverse(const PageNode *node, int i)
{
	return (page_node_diverse(node)[i / 64] >> (i % 64)) & 1;
}

static inline void
page_edge_set_diverse(PageNode *node, int i, bool diverse)
{
	uint64		bit = UINT64CONST(1) << (i % 64);

	if (diverse)
		page_node_diverse(node)[i / 64] |= bit;
	else
		page_node_diverse(node)[i / 64] &= ~bit;
}

static inline ItemPointerData *
page_posting_rows(PageNode *posting)
{
	return (ItemPointerData *) ((char *) posting + PAGE_POSTING_ROWS_OFFSET);
}

/* A TID as a number: node identifiers and row hints are such */
static inline uint64
page_tid_pack(const ItemPointerData *tid)
{
	return ((uint64) tid->ip_blkid.bi_hi << 32) |
		((uint64) tid->ip_blkid.bi_lo << 16) | tid->ip_posid;
}

static inline BlockNumber
page_tid_block(uint64 packed)
{
	return (BlockNumber) (packed >> 16);
}

static inline OffsetNumber
page_tid_offset(uint64 packed)
{
	return (OffsetNumber) (packed & 0xFFFF);
}

static inline ItemPointerData
page_tid_unpack(uint64 packed)
{
	ItemPointerData tid;

	ItemPointerSet(&tid, page_tid_block(packed), page_tid_offset(packed));
	return tid;
}

#endif							/* PAGE_FORMAT_H */
