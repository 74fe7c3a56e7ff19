/*-------------------------------------------------------------------------
 *
 * page_access.h
 *	  Reading and editing pages, wherever they are.
 *
 * The only place that locks pages and writes WAL.  Pages are in the buffer
 * manager or, while an index is built, in an arena: the same page images in
 * memory, with the block numbers they will have on disk.  Those who use pages
 * do not see the difference.
 *
 * One page is locked at a time.  Reading is a bracket, page_open /
 * page_close.  Editing is a bracket, page_edit_begin or page_edit_extend /
 * page_edit_commit or page_edit_cancel; between the two, edit->page may be
 * changed and nothing may raise an error.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PAGE_ACCESS_H
#define PAGE_ACCESS_H

#include "postgres.h"

#include "access/generic_xlog.h"
#include "page/page_format.h"
#include "page/page_readahead.h"
#include "storage/bufmgr.h"
#include "storage/lwlock.h"
#include "utils/rel.h"

/* Blocks to remember of those that were asked for ahead */
#define PAGE_ASKED_FOR		64

/* Locks that the pages of a shared arena share */
#define PAGE_ARENA_LOCKS	4096

/*
 * The head of an arena; its pages follow.  All processes that build the
 * index see it.
 */
typedef struct PageArenaShared
{
	BlockNumber max_blocks;
	pg_atomic_uint32 nblocks;
	LWLockPadded locks[PAGE_ARENA_LOCKS];	/* page block % PAGE_ARENA_LOCKS */
} PageArenaShared;

/* An arena as one process sees it */
typedef struct PageArena
{
	PageArenaShared *shared;
	char	   *pages;
	bool		concurrent;		/* other processes use it too: lock */
	BlockNumber current[PAGE_KINDS];	/* where this process adds items */
} PageArena;

typedef enum PageLogging
{
	EDIT_LOGGED,				/* WAL, as the relation's persistence says */
	EDIT_UNLOGGED				/* a build that logs everything at its end */
} PageLogging;

/* The pages of one index, as one process sees them */
typedef struct PageSpace
{
	Relation	index;
	PageArena  *arena;			/* NULL: buffer manager */
	PageLogging logging;
	const PageFormat *format;	/* in the relation's cache */

	/* block % size -> the buffer it was in last: a hint, spares a look-up */
	Buffer	   *recent;
	uint32		recent_mask;

	/* the page that stays pinned, if held_block is valid */
	Buffer		held;
	BlockNumber held_block;

	/* pages to ask for before they are opened, while some have to be read */
	PageReadAhead readahead;
	BlockNumber asked_for[PAGE_ASKED_FOR];	/* block % size: the last one */

	BlockNumber nblocks;		/* the index has at least so many */
	BlockNumber hint[PAGE_KINDS];	/* where there was room last */
	bool		has_free;		/* slots freed by vacuum may be had */

	/* page of the row map that was written last (0: none yet) */
	uint32		rowmap_part;
	BlockNumber rowmap_block;
} PageSpace;

/* A page being read */
typedef struct PageRef
{
	Page		page;
	Buffer		buffer;			/* or InvalidBuffer, in an arena */
	LWLock	   *lock;			/* of a shared arena, else NULL */
} PageRef;

/* A page being edited */
typedef struct PageEdit
{
	Page		page;			/* change this */
	BlockNumber block;
	PageRef		ref;
	GenericXLogState *xlog;		/* NULL if the edit is not logged */
} PageEdit;

extern void page_space_open(PageSpace *space, Relation index);
extern void page_space_build(PageSpace *space, Relation index,
							 PageArena *arena);
extern Size page_arena_bytes(BlockNumber blocks);
extern void page_arena_attach(PageArena *arena, void *memory);
extern void page_arena_init(PageArena *arena, BlockNumber max_blocks,
							int tranche, const PageMeta *meta);
extern BlockNumber page_arena_blocks(const PageArena *arena);
extern bool page_arena_has_room(const PageArena *arena, uint32 blocks);

extern void page_report_corrupt(Relation index, BlockNumber block,
								const char *what)
			__attribute__((noreturn));
extern bool page_open_any(PageSpace *space, BlockNumber block, PageRef *ref);
extern void page_open(PageSpace *space, BlockNumber block, PageKind kind,
					  PageRef *ref);
extern void page_close(PageRef *ref);
extern void page_hold(PageSpace *space, const PageRef *ref);
extern void page_let_go(PageSpace *space);

extern const char *page_peek(PageSpace *space, BlockNumber block);
extern void page_ask_for(PageSpace *space, BlockNumber block);

extern void page_edit_begin(PageSpace *space, BlockNumber block,
							PageKind kind, PageEdit *edit);
extern void page_edit_extend(PageSpace *space, PageKind kind,
							 PageEdit *edit);
extern void page_edit_commit(PageEdit *edit);
extern void page_edit_cancel(PageEdit *edit);
extern void page_write_new(Relation index, ForkNumber fork,
						   const PageMeta *meta);
extern void page_arena_flush(PageSpace *space);
extern Page page_arena_page(const PageArena *arena, BlockNumber block);

extern ItemPointerData page_add_item(PageSpace *space, PageKind kind,
									 const void *item);

/* The node is about to be worked with: has it room for all its edges? */
static inline void
page_check_edges(const PageSpace *space, BlockNumber block,
				 const PageNode *node)
{
	if (unlikely(node->nedges > space->format->max_edges))
		page_report_corrupt(space->index, block,
							"a node with too many edges");
}

#endif							/* PAGE_ACCESS_H */
