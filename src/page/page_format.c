/*-------------------------------------------------------------------------
 *
 * page_format.c
 *	  Sizes and places of everything on a page.
 *
 * All nodes of an index have one size, so that a page holds a fixed number
 * of them.  How many bits a sketch gets by default follows from that: as
 * many as fit without lowering the number of nodes a page can hold with
 * sketches that are good enough (DEFAULT_MIN_BITS).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "page/page_format.h"

/* Bits that make a good enough sketch, if the dimensions allow */
#define DEFAULT_MIN_BITS	256
#define MAX_BITS			(64 * SKETCH_MAX_WORDS)

/* Room for items and their line pointers on an empty page */
#define PAGE_ROOM \
	(BLCKSZ - SizeOfPageHeaderData - MAXALIGN(sizeof(PageSpecial)))

StaticAssertDecl(sizeof(PageEdge) == 12, "the codec's part starts at 4 mod 8");
StaticAssertDecl(MAXALIGN(SizeOfPageHeaderData) + sizeof(PageMeta) +
				 MAXALIGN(sizeof(PageSpecial)) <= BLCKSZ,
				 "the meta page must fit");
StaticAssertDecl(sizeof(PageNode) % 8 == 0 || MAXIMUM_ALIGNOF < 8,
				 "diverse bits must be aligned");

static int
codec_part_size(DistanceMetric metric, int sketch_bits)
{
	int			size = 4 + sketch_bits / 8;

	if (metric == METRIC_INNER_PRODUCT && sketch_bits > 0)
		size += 8;
	return size;
}

static int
node_size(DistanceMetric metric, int dimensions, int m, int sketch_bits)
{
	int			edges = 2 * m;
	int			size = PAGE_NODE_HEADER;

	size += 8 * ((edges + 63) / 64);
	size = MAXALIGN(size + codec_code_size(dimensions));
	size += edges * (sizeof(PageEdge) + codec_part_size(metric, sketch_bits));
	return MAXALIGN(size);
}

static int
items_per_page(int size)
{
	return PAGE_ROOM / (size + sizeof(ItemIdData));
}

static int
refine_size(int dimensions)
{
	return MAXALIGN(offsetof(PageRefine, refine) +
					codec_code_size(dimensions));
}

/* Can a page hold a node? */
bool
page_fits(DistanceMetric metric, int dimensions, int m, int sketch_bits)
{
	return items_per_page(node_size(metric, dimensions, m, sketch_bits)) > 0;
}

/* The most dimensions a column may have to be indexed. */
int
page_max_dimensions(DistanceMetric metric, int m)
{
	int			dimensions = BLCKSZ;

	while (!page_fits(metric, dimensions, m, 0))
		dimensions--;
	return dimensions;
}

/* Sketch bits for an index that does not say, 0 where there are none. */
int
page_default_sketch_bits(DistanceMetric metric, int dimensions, int m)
{
	int			most = Min(codec_code_size(dimensions), MAX_BITS) / 64 * 64;
	int			least = Min(most, DEFAULT_MIN_BITS);
	int			per_page;

	if (metric == METRIC_L1)
		return 0;
	while (least > 0 && !page_fits(metric, dimensions, m, least))
		least -= 64;
	if (least <= 0)
		return 0;
	per_page = items_per_page(node_size(metric, dimensions, m, least));
	while (most > least &&
		   items_per_page(node_size(metric, dimensions, m, most)) < per_page)
		most -= 64;
	return most;
}

/* Bytes of a PageFormat with its codec. */
Size
page_format_bytes(int dimensions)
{
	return MAXALIGN(offsetof(PageFormat, codec) + codec_bytes(dimensions));
}

/* Work out everything from checked parameters. */
void
page_format_init(PageFormat *format, const PageMeta *meta)
{
	DistanceMetric metric = (DistanceMetric) meta->metric;
	int			dimensions = meta->dimensions;

	format->m = meta->m;
	format->max_edges = 2 * meta->m;
	format->sketch_bits = meta->sketch_bits;
	format->diverse_words = (format->max_edges + 63) / 64;
	format->code_offset = PAGE_NODE_HEADER + 8 * format->diverse_words;
	format->edges_offset = MAXALIGN(format->code_offset +
									codec_code_size(dimensions));
	format->edge_size = sizeof(PageEdge) +
		codec_part_size(metric, format->sketch_bits);
	format->node_size = node_size(metric, dimensions, format->m,
								  format->sketch_bits);
	format->nodes_per_page = items_per_page(format->node_size);
	format->refine_size = refine_size(dimensions);
	format->refines_per_page = items_per_page(format->refine_size);
	format->posting_rows = (format->node_size - PAGE_POSTING_ROWS_OFFSET) /
		sizeof(ItemPointerData);
	format->rowmap_blocks = meta->rowmap_blocks;
	format->rowmap_rows = meta->rowmap_blocks == 0 ? 0 :
		PAGE_ROWMAP_ENTRIES / meta->rowmap_blocks;
	codec_init(&format->codec, metric, dimensions, format->sketch_bits / 64,
			   meta->seed);
	Assert(format->edge_size ==
		   (int) sizeof(PageEdge) + codec_edge_bytes(&format->codec));
}

/* Make an empty page, all zero but for its header and special space. */
void
page_init(Page page, PageKind kind)
{
	PageInit(page, BLCKSZ, sizeof(PageSpecial));
	page_special(page)->kind = kind;
	page_special(page)->page_id = PAGE_ID;
	if (kind == PAGE_KIND_META)
	{
		/* all of it in front of the hole, or a full-page image loses it */
		((PageHeader) page)->pd_lower =
			(char *) page_meta(page) + sizeof(PageMeta) - (char *) page;
	}
}

/* Size of a page's items. */
Size
page_item_size(const PageFormat *format, PageKind kind)
{
	switch (kind)
	{
		case PAGE_KIND_META:
			break;
		case PAGE_KIND_NODE:
			return format->node_size;
		case PAGE_KIND_REFINE:
			return format->refine_size;
		case PAGE_KIND_LANDMARK:
			return format->edge_size;
		case PAGE_KIND_ROWMAP:
		case PAGE_KIND_ROWMAP_LIST:
			return PAGE_WHOLE_ITEM;
	}
	return 0;
}
