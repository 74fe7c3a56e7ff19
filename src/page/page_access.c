/*-------------------------------------------------------------------------
 *
 * page_access.c
 *	  Reading and editing pages, wherever they are.
 *
 * A page is checked where it is read, once: after that the code trusts it.
 *
 * Pinning a cached page costs more than anything else a search does with
 * it, most of that for finding its buffer in the shared table.  So every
 * process remembers, for the last few indexes it used, in which buffer each
 * block was, and asks for that buffer first (ReadRecentBuffer verifies that
 * it still holds the block).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xloginsert.h"
#include "hnsw_version.h"
#include "miscadmin.h"
#include "page/page_access.h"
#include "page/page_arrange.h"
#include "storage/smgr.h"
#include "utils/memutils.h"

/* Indexes whose buffers a process remembers, and blocks of each */
#define RECENT_INDEXES	8
#define RECENT_BLOCKS	65536

typedef struct RecentBuffers
{
	Oid			index;
	uint64		used;			/* when, by recent_clock */
	Buffer	   *buffers;		/* RECENT_BLOCKS of them, never freed */
} RecentBuffers;

static RecentBuffers recent_indexes[RECENT_INDEXES];
static uint64 recent_clock = 0;

/*
 * The process's memory of the index's buffers.  It may be handed to another
 * index while it is still in use here, which does no harm: it is a hint.
 */
static Buffer *
recent_buffers(Oid index)
{
	RecentBuffers *oldest = &recent_indexes[0];
	Size		size = RECENT_BLOCKS * sizeof(Buffer);

	for (int i = 0; i < RECENT_INDEXES; i++)
	{
		RecentBuffers *r = &recent_indexes[i];

		if (r->index == index)
		{
			r->used = ++recent_clock;
			return r->buffers;
		}
		if (r->used < oldest->used)
			oldest = r;
	}
	if (oldest->buffers == NULL)
		oldest->buffers = MemoryContextAlloc(TopMemoryContext, size);
	memset(oldest->buffers, 0, size);
	oldest->index = index;
	oldest->used = ++recent_clock;
	return oldest->buffers;
}

/* `what` is something that an index should not contain. */
void
page_report_corrupt(Relation index, BlockNumber block, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INDEX_CORRUPTED),
			 errmsg("index \"%s\" contains %s at block %u",
					RelationGetRelationName(index), what, block),
			 errhint("Please REINDEX it.")));
}

/*
 * Do the page's items have the size of their kind and lie one in front of
 * the other?  Then what is read of one lies on the page, and the page is not
 * one of another index.  An item that takes the whole page must be there.
 */
static bool
check_items(const PageFormat *format, Page page)
{
	Size		size = page_item_size(format, page_special(page)->kind);
	uint32		offset = ((PageHeader) page)->pd_special;
	OffsetNumber max = PageGetMaxOffsetNumber(page);
	bool		good = true;

	for (OffsetNumber o = FirstOffsetNumber; o <= max; o++)
	{
		ItemId		item = PageGetItemId(page, o);

		offset -= MAXALIGN(size);
		good &= ItemIdIsNormal(item) & (ItemIdGetOffset(item) == offset) &
			(ItemIdGetLength(item) == size);
	}
	return good && ((PageHeader) page)->pd_upper == offset &&
		(max > 0 || size < PAGE_WHOLE_ITEM);
}

/* Is this a page of ours?  Any kind will do; new pages are reported too. */
static void
check_page(PageSpace *space, BlockNumber block, Page page)
{
	if (unlikely(PageIsNew(page)))
		page_report_corrupt(space->index, block, "an unexpected zero page");
	if (unlikely(PageGetSpecialSize(page) != MAXALIGN(sizeof(PageSpecial)) ||
				 page_special(page)->page_id != PAGE_ID))
		page_report_corrupt(space->index, block, "a corrupted page");

	/* the meta page has no items; before it was read there is no format */
	if (page_special(page)->kind != PAGE_KIND_META && space->format &&
		unlikely(!check_items(space->format, page)))
		page_report_corrupt(space->index, block, "a corrupted page");
}

static void
check_kind(Relation index, BlockNumber block, Page page, PageKind kind)
{
	if (unlikely(page_special(page)->kind != kind))
		page_report_corrupt(index, block, "a page of the wrong kind");
}

/*
 * Does the index's column have so many dimensions?  It may have lost its
 * number of them (ALTER TABLE ... TYPE vector): then each row is looked at.
 */
static bool
has_dimensions(Relation index, int dimensions)
{
	int			typmod = TupleDescAttr(RelationGetDescr(index), 0)->atttypmod;

	return typmod < 0 || typmod == dimensions;
}

/* Does the meta page say what this code can work with? */
static void
check_meta(Relation index, const PageMeta *meta)
{
	if (meta->magic != PAGE_META_MAGIC)
		page_report_corrupt(index, PAGE_META_BLOCK, "a meta page not of hnsw");
	if (meta->version != PAGE_META_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INDEX_CORRUPTED),
				 errmsg("index \"%s\" has format version %u, but this version of hnsw reads version %u",
						RelationGetRelationName(index), meta->version,
						PAGE_META_VERSION),
				 errhint("Please REINDEX it.")));
	if (meta->metric < METRIC_L2 || meta->metric > METRIC_L1 ||
		meta->m < 2 || meta->m > BLCKSZ || meta->dimensions < 1 ||
		meta->sketch_bits % 64 != 0 ||
		meta->sketch_bits > 64 * SKETCH_MAX_WORDS ||
		meta->nlandmark_pages > PAGE_MAX_LANDMARK_PAGES ||
		meta->dimensions > BLCKSZ ||
		meta->rowmap_blocks > PAGE_ROWMAP_ENTRIES ||
		!has_dimensions(index, meta->dimensions) ||
		!page_fits((DistanceMetric) meta->metric, meta->dimensions, meta->m,
				   meta->sketch_bits))
		page_report_corrupt(index, PAGE_META_BLOCK, "an impossible meta page");
}

/* What every way of getting at an index's pages has in common. */
static void
space_init(PageSpace *space, Relation index)
{
	memset(space, 0, sizeof(*space));
	space->index = index;
	space->logging = EDIT_LOGGED;
	space->recent = recent_buffers(RelationGetRelid(index));
	space->recent_mask = RECENT_BLOCKS - 1;
	space->held_block = InvalidBlockNumber;
	for (int kind = 0; kind < PAGE_KINDS; kind++)
		space->hint[kind] = InvalidBlockNumber;
	page_readahead_init(&space->readahead, index);
}

/* Read the meta page's parameters. */
static PageMeta
read_meta(PageSpace *space)
{
	PageRef		ref;
	PageMeta	meta;

	page_open(space, PAGE_META_BLOCK, PAGE_KIND_META, &ref);
	meta = *page_meta(ref.page);
	page_close(&ref);
	check_meta(space->index, &meta);
	return meta;
}

/*
 * Get at an index's pages.  The format is a copy in the current memory
 * context, since the relation's cache may vanish at any time.
 */
void
page_space_open(PageSpace *space, Relation index)
{
	PageFormat *cached;
	Size		size;
	PageFormat *copy;

	space_init(space, index);
	if (index->rd_amcache == NULL)
	{
		PageMeta	meta = read_meta(space);

		cached = MemoryContextAllocZero(index->rd_indexcxt,
										page_format_bytes(meta.dimensions));
		page_format_init(cached, &meta);
		index->rd_amcache = cached;
	}
	cached = (PageFormat *) index->rd_amcache;
	size = page_format_bytes(cached->codec.dimensions);
	copy = palloc(size);
	memcpy(copy, cached, size);
	space->format = copy;
}

/*
 * Get at the pages of an index that is being built: those in the arena or,
 * after it was flushed (arena is NULL), in the buffer manager; without WAL.
 */
void
page_space_build(PageSpace *space, Relation index, PageArena *arena)
{
	PageMeta	meta;
	PageFormat *format;

	space_init(space, index);
	space->logging = EDIT_UNLOGGED;
	space->arena = arena;
	meta = read_meta(space);
	format = palloc0(page_format_bytes(meta.dimensions));
	page_format_init(format, &meta);
	space->format = format;
}

/* The head of an arena takes whole pages. */
#define ARENA_HEAD_BYTES	TYPEALIGN(BLCKSZ, sizeof(PageArenaShared))

/* Bytes of an arena of so many pages */
Size
page_arena_bytes(BlockNumber blocks)
{
	return ARENA_HEAD_BYTES + (Size) blocks * BLCKSZ;
}

Page
page_arena_page(const PageArena *arena, BlockNumber block)
{
	return (Page) (arena->pages + (Size) block * BLCKSZ);
}

/* Get at the arena in page_arena_bytes() of memory, the caller's. */
void
page_arena_attach(PageArena *arena, void *memory)
{
	arena->shared = memory;
	arena->pages = (char *) memory + ARENA_HEAD_BYTES;
	for (int kind = 0; kind < PAGE_KINDS; kind++)
		arena->current[kind] = InvalidBlockNumber;
}

/* Make an arena that was attached to one with nothing but a meta page. */
void
page_arena_init(PageArena *arena, BlockNumber max_blocks, int tranche,
				const PageMeta *meta)
{
	PageArenaShared *shared = arena->shared;
	Page		page = page_arena_page(arena, PAGE_META_BLOCK);

	shared->max_blocks = max_blocks;
	pg_atomic_init_u32(&shared->nblocks, PAGE_META_BLOCK + 1);
	for (int i = 0; i < PAGE_ARENA_LOCKS; i++)
		LWLockInitialize(&shared->locks[i].lock, tranche);
	page_init(page, PAGE_KIND_META);
	*page_meta(page) = *meta;
}

BlockNumber
page_arena_blocks(const PageArena *arena)
{
	return pg_atomic_read_u32(&arena->shared->nblocks);
}

/*
 * May so many blocks be added?  Others may add some at the same time: the
 * caller asks for what all processes together need.
 */
bool
page_arena_has_room(const PageArena *arena, uint32 blocks)
{
	return page_arena_blocks(arena) + (uint64) blocks <=
		arena->shared->max_blocks;
}

static void
arena_lock(PageArena *arena, BlockNumber block, LWLockMode mode, PageRef *ref)
{
	ref->page = page_arena_page(arena, block);
	ref->buffer = InvalidBuffer;
	ref->lock = NULL;
	if (arena->concurrent)
	{
		ref->lock = &arena->shared->locks[block % PAGE_ARENA_LOCKS].lock;
		LWLockAcquire(ref->lock, mode);
	}
}

/* Is there such a block? */
static void
check_block(PageSpace *space, BlockNumber block)
{
	if (likely(block < space->nblocks))
		return;
	space->nblocks = RelationGetNumberOfBlocks(space->index);
	if (block >= space->nblocks)
		page_report_corrupt(space->index, block,
							"a reference to a missing page");
}

/* Pin a block's buffer. */
static inline Buffer
buffer_pin(PageSpace *space, BlockNumber block)
{
	Buffer	   *recent = &space->recent[block & space->recent_mask];

	if (block == space->held_block)
	{
		IncrBufferRefCount(space->held);
		return space->held;
	}
	page_readahead_step(&space->readahead);
	if (*recent != InvalidBuffer &&
		ReadRecentBuffer(hnsw_rel_locator(space->index), MAIN_FORKNUM, block,
						 *recent))
	{
		/* as ReadBuffer() does, or vacuum would hardly ever be delayed */
		if (VacuumCostActive)
			VacuumCostBalance += VacuumCostPageHit;
		return *recent;
	}
	check_block(space, block);
	return *recent = ReadBuffer(space->index, block);
}

/*
 * The page will most likely be opened soon.  While pages have to be read, have
 * this one read meanwhile.
 */
void
page_ask_for(PageSpace *space, BlockNumber block)
{
	BlockNumber *asked_for = &space->asked_for[block % PAGE_ASKED_FOR];

	if (page_readahead(&space->readahead) == 0 || *asked_for == block ||
		block >= space->nblocks)
		return;
	*asked_for = block;
	PrefetchBuffer(space->index, MAIN_FORKNUM, block);
}

/*
 * Where the page most likely is in memory, NULL if nobody knows: not to be
 * read, only to be prefetched.
 */
const char *
page_peek(PageSpace *space, BlockNumber block)
{
	Buffer		recent;

	if (space->arena)
		return (const char *) page_arena_page(space->arena, block);
	recent = space->recent[block & space->recent_mask];
	if (recent <= 0)
		return NULL;
	return BufferBlocks + (Size) (recent - 1) * BLCKSZ;
}

/* Lock a page of any kind for reading.  False, holding nothing: a new page. */
bool
page_open_any(PageSpace *space, BlockNumber block, PageRef *ref)
{
	if (space->arena)
	{
		arena_lock(space->arena, block, LW_SHARED, ref);
		return true;
	}
	ref->lock = NULL;
	ref->buffer = buffer_pin(space, block);
	LockBuffer(ref->buffer, BUFFER_LOCK_SHARE);
	ref->page = BufferGetPage(ref->buffer);

	/* one that stayed pinned was checked when it was opened first */
	if (block == space->held_block)
		return true;
	if (PageIsNew(ref->page))
	{
		page_close(ref);
		return false;
	}
	check_page(space, block, ref->page);
	return true;
}

/*
 * Lock a page for reading.  Caller holds no other page lock; release with
 * page_close().  A page of another kind is an error.
 */
void
page_open(PageSpace *space, BlockNumber block, PageKind kind, PageRef *ref)
{
	if (!page_open_any(space, block, ref))
		page_report_corrupt(space->index, block, "an unexpected zero page");
	check_kind(space->index, block, ref->page, kind);
}

/* Unlock a page, whether it was locked for reading or editing. */
void
page_close(PageRef *ref)
{
	if (BufferIsValid(ref->buffer))
		UnlockReleaseBuffer(ref->buffer);
	else if (ref->lock)
		LWLockRelease(ref->lock);
}

/*
 * Have an open page stay pinned when it is closed: to open it once more is
 * cheap then.  One page at a time; in an arena nothing is pinned.
 */
void
page_hold(PageSpace *space, const PageRef *ref)
{
	if (!BufferIsValid(ref->buffer) || ref->buffer == space->held)
		return;
	page_let_go(space);
	IncrBufferRefCount(ref->buffer);
	space->held = ref->buffer;
	space->held_block = BufferGetBlockNumber(ref->buffer);
}

void
page_let_go(PageSpace *space)
{
	if (!BufferIsValid(space->held))
		return;
	ReleaseBuffer(space->held);
	space->held = InvalidBuffer;
	space->held_block = InvalidBlockNumber;
}

/* The locked page is about to be edited. */
static void
edit_start(PageSpace *space, PageEdit *edit, int flags)
{
	edit->xlog = NULL;
	edit->page = edit->ref.page;
	if (BufferIsValid(edit->ref.buffer) && space->logging == EDIT_LOGGED)
	{
		edit->xlog = GenericXLogStart(space->index);
		edit->page = GenericXLogRegisterBuffer(edit->xlog, edit->ref.buffer,
											   flags);
	}
}

/*
 * Lock a page and get ready to change it.  Caller holds no other page lock;
 * ends with page_edit_commit() or page_edit_cancel().
 */
void
page_edit_begin(PageSpace *space, BlockNumber block, PageKind kind,
				PageEdit *edit)
{
	edit->block = block;
	if (space->arena)
		arena_lock(space->arena, block, LW_EXCLUSIVE, &edit->ref);
	else
	{
		edit->ref.lock = NULL;
		edit->ref.buffer = buffer_pin(space, block);
		LockBuffer(edit->ref.buffer, BUFFER_LOCK_EXCLUSIVE);
		edit->ref.page = BufferGetPage(edit->ref.buffer);
		check_page(space, block, edit->ref.page);
		check_kind(space->index, block, edit->ref.page, kind);
	}
	edit_start(space, edit, 0);
}

/* The same for a new, empty page at the end of the index. */
void
page_edit_extend(PageSpace *space, PageKind kind, PageEdit *edit)
{
	if (space->arena)
	{
		PageArenaShared *shared = space->arena->shared;

		/* the caller of an insert has made sure that there is room */
		edit->block = pg_atomic_fetch_add_u32(&shared->nblocks, 1);
		if (edit->block >= shared->max_blocks)
			elog(ERROR, "hnsw build arena is full");
		arena_lock(space->arena, edit->block, LW_EXCLUSIVE, &edit->ref);
	}
	else
	{
		edit->ref.lock = NULL;
		edit->ref.buffer = hnsw_extend_relation(space->index, MAIN_FORKNUM);
		edit->ref.page = BufferGetPage(edit->ref.buffer);
		edit->block = BufferGetBlockNumber(edit->ref.buffer);
	}
	edit_start(space, edit, GENERIC_XLOG_FULL_IMAGE);
	page_init(edit->page, kind);
}

/* The change becomes visible, and durable as WAL is. */
void
page_edit_commit(PageEdit *edit)
{
	if (edit->xlog)
		GenericXLogFinish(edit->xlog);
	else if (BufferIsValid(edit->ref.buffer))
		MarkBufferDirty(edit->ref.buffer);
	page_close(&edit->ref);
}

/* Nothing was changed. */
void
page_edit_cancel(PageEdit *edit)
{
	if (edit->xlog)
		GenericXLogAbort(edit->xlog);
	page_close(&edit->ref);
}

/* Write the meta page of a new index, as block 0 of an empty fork. */
void
page_write_new(Relation index, ForkNumber fork, const PageMeta *meta)
{
	Buffer		buffer = hnsw_extend_relation(index, fork);
	GenericXLogState *xlog = GenericXLogStart(index);
	Page		page;

	Assert(BufferGetBlockNumber(buffer) == PAGE_META_BLOCK);
	page = GenericXLogRegisterBuffer(xlog, buffer, GENERIC_XLOG_FULL_IMAGE);
	page_init(page, PAGE_KIND_META);
	*page_meta(page) = *meta;
	GenericXLogFinish(xlog);

	/* an init fork is copied after a crash: it must be in the WAL as well */
	if (fork == INIT_FORKNUM)
	{
		START_CRIT_SECTION();
		log_newpage_buffer(buffer, true);
		END_CRIT_SECTION();
	}
	UnlockReleaseBuffer(buffer);
}

/*
 * Write an arena's pages to the end of the still empty index, which from
 * then on is worked on through the buffer manager.  Nobody else may be
 * working on the arena.  No WAL: the build writes it when it is done.
 */
void
page_arena_flush(PageSpace *space)
{
	PageArena  *arena = space->arena;
	BlockNumber nblocks = page_arena_blocks(arena);
	PageMeta   *meta = page_meta(page_arena_page(arena, PAGE_META_BLOCK));
	PageArrangement *arrangement = page_arrange(space);

	memcpy(meta->hint, arena->current, sizeof(meta->hint));
	for (BlockNumber block = 0; block < nblocks; block++)
	{
		Buffer		buffer = hnsw_extend_relation(space->index, MAIN_FORKNUM);

		CHECK_FOR_INTERRUPTS();
		Assert(BufferGetBlockNumber(buffer) == block);
		page_arrange_write(arrangement, block, BufferGetPage(buffer));
		MarkBufferDirty(buffer);
		UnlockReleaseBuffer(buffer);
	}
	page_arrange_free(arrangement);
}

/* Is there room for one more item of this size? */
static bool
has_room(Page page, Size size)
{
	return PageGetFreeSpace(page) >= MAXALIGN(size);
}

/* The meta page names all landmark pages it has room for. */
static void
register_landmark_page(PageSpace *space, BlockNumber block)
{
	PageEdit	edit;
	PageMeta   *meta;

	page_edit_begin(space, PAGE_META_BLOCK, PAGE_KIND_META, &edit);
	meta = page_meta(edit.page);
	if (meta->nlandmark_pages < PAGE_MAX_LANDMARK_PAGES)
		meta->landmark_pages[meta->nlandmark_pages++] = block;
	page_edit_commit(&edit);
}

/*
 * Remember where there is room for new items, and tell everybody; but in an
 * arena each process fills pages of its own, so that none waits for another.
 */
static void
set_hint(PageSpace *space, PageKind kind, BlockNumber block)
{
	PageEdit	edit;

	if (space->arena)
	{
		space->arena->current[kind] = block;
		return;
	}
	space->hint[kind] = block;
	page_edit_begin(space, PAGE_META_BLOCK, PAGE_KIND_META, &edit);
	page_meta(edit.page)->hint[kind] = block;
	page_edit_commit(&edit);
}

/*
 * Where there is room for new items, as far as we know or, if that page is
 * full, as somebody else has found out since.  InvalidBlockNumber: nowhere.
 */
static BlockNumber
read_hint(PageSpace *space, PageKind kind, BlockNumber full)
{
	PageRef		ref;
	BlockNumber hint = space->arena ? space->arena->current[kind] :
		space->hint[kind];

	if (full != InvalidBlockNumber && !space->arena)
	{
		page_open(space, PAGE_META_BLOCK, PAGE_KIND_META, &ref);
		hint = page_meta(ref.page)->hint[kind];
		page_close(&ref);
	}
	return hint == full ? InvalidBlockNumber : hint;
}

/* Get ready to edit a page with room for an item.  False: it is a new one. */
static bool
edit_page_with_room(PageSpace *space, PageKind kind, PageEdit *edit)
{
	Size		size = page_item_size(space->format, kind);
	BlockNumber block = read_hint(space, kind, InvalidBlockNumber);

	while (block != InvalidBlockNumber)
	{
		page_edit_begin(space, block, kind, edit);
		if (has_room(edit->page, size))
			return true;
		page_edit_cancel(edit);
		block = read_hint(space, kind, block);
	}
	page_edit_extend(space, kind, edit);
	return false;
}

/*
 * Put a new item on the page that was last seen to have room, or on a new
 * page.  Caller holds no page lock.
 */
ItemPointerData
page_add_item(PageSpace *space, PageKind kind, const void *item)
{
	PageEdit	edit;
	OffsetNumber offset;
	ItemPointerData tid;
	bool		extended = !edit_page_with_room(space, kind, &edit);

	offset = PageAddItem(edit.page, (Item) item,
						 page_item_size(space->format, kind),
						 InvalidOffsetNumber, false, false);
	Assert(offset != InvalidOffsetNumber);
	ItemPointerSet(&tid, edit.block, offset);
	page_edit_commit(&edit);
	if (extended)
		set_hint(space, kind, edit.block);
	if (extended && kind == PAGE_KIND_LANDMARK)
		register_landmark_page(space, edit.block);
	return tid;
}
