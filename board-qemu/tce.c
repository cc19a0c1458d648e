/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMA windows. What is mapped is a list in ascending order of bus addresses; a new mapping goes into the
 * first gap that holds it. So memory is needed for what is mapped only, however large the window is,
 * and an address that was never given out cannot be taken back. Bus address 0 is left alone: devices
 * and drivers take it for "none".
 *
 * The hypervisor's calls for many entries at once are used where hcall-multi-tce promises them, and
 * given up for good by a window where they turn out not to be there.
 */
#define LOG_TAG "tce"
#include "tce.h"

#include "hv.h"

#include "base/arith.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"
#include "of/memory.h"

#define PAGE      4096u
#define ENTRIES   512u /* in one call: a page full of entries */
#define TCE_READ  1u   /* the device may */
#define TCE_WRITE 2u

struct mapping {
	struct mapping *next; /* at a higher address */
	uint64_t page, pages; /* counted from the window's start */
};

struct tce_window {
	struct tce_window *next;
	uint64_t base, pages;
	uint64_t first; /* the first page to give out */
	struct mapping *maps;
	uint32_t liobn;
	bool multi; /* the calls for many entries work */
};

static struct tce_window *windows;
static uint8_t *list; /* a page for H_PUT_TCE_INDIRECT; NULL: not needed yet */

/* ---- the hypervisor's table --------------------------------------------------------------- */

static uint64_t bus_address(const struct tce_window *w, uint64_t page)
{
	return w->base + page * PAGE;
}

static uint64_t entry(uint64_t real)
{
	return real | TCE_READ | TCE_WRITE;
}

/* Fill n <= ENTRIES entries by one call. H_FUNCTION if that is not to be had. */
static int64_t put_list(struct tce_window *w, uint64_t page, uint64_t n, uint64_t real)
{
	if (!list)
		list = dma_alloc_pages(PAGE, PAGE);
	if (!list)
		return H_FUNCTION;
	for (uint64_t i = 0; i < n; i++)
		put_be64(list + 8 * i, entry(real + i * PAGE));
	return hv_put_tce_indirect(w->liobn, bus_address(w, page), ram_address(list), n);
}

/* Fill at most n entries, at least one, and say how many. */
static int put_some(struct tce_window *w, uint64_t page, uint64_t n, uint64_t real, uint64_t *done)
{
	int64_t rc;

	*done = n < ENTRIES ? n : ENTRIES;
	if (w->multi && n > 1) {
		rc = put_list(w, page, *done, real);
		if (rc != H_FUNCTION)
			return rc == H_SUCCESS ? 0 : E_IO;
		w->multi = false;
	}
	*done = 1;
	rc = hv_put_tce(w->liobn, bus_address(w, page), entry(real));
	return rc == H_SUCCESS ? 0 : E_IO;
}

static int clear_some(struct tce_window *w, uint64_t page, uint64_t n, uint64_t *done)
{
	int64_t rc;

	*done = n < ENTRIES ? n : ENTRIES;
	if (w->multi && n > 1) {
		rc = hv_stuff_tce(w->liobn, bus_address(w, page), 0, *done);
		if (rc != H_FUNCTION)
			return rc == H_SUCCESS ? 0 : E_IO;
		w->multi = false;
	}
	*done = 1;
	rc = hv_put_tce(w->liobn, bus_address(w, page), 0);
	return rc == H_SUCCESS ? 0 : E_IO;
}

/* Clears what it can, whatever happens. */
static int clear_pages(struct tce_window *w, uint64_t page, uint64_t n)
{
	uint64_t done;
	int err = 0;

	for (; n > 0; page += done, n -= done) {
		int one = clear_some(w, page, n, &done);

		err = err ? err : one;
	}
	return err;
}

/* All or nothing. */
static int put_pages(struct tce_window *w, uint64_t page, uint64_t n, uint64_t real)
{
	uint64_t at = 0, done;

	for (; at < n; at += done) {
		int err = put_some(w, page + at, n - at, real + at * PAGE, &done);

		if (!err)
			continue;
		/* a call that failed may have filled the first of its entries */
		if (clear_pages(w, page, at + done))
			log_warn("window %x: %llx stays mapped", w->liobn,
				 (unsigned long long)bus_address(w, page));
		return err;
	}
	return 0;
}

/* ---- mapping ------------------------------------------------------------------------------ */

/* The first gap of n pages: where in the list, and its first page. NULL: there is none. */
static struct mapping **find_gap(struct tce_window *w, uint64_t n, uint64_t *page)
{
	struct mapping **at = &w->maps;
	uint64_t from = w->first;

	for (; *at && (*at)->page - from < n; at = &(*at)->next)
		from = (*at)->page + (*at)->pages;
	if (!*at && w->pages - from < n)
		return NULL;
	*page = from;
	return at;
}

static int tce_map(void *ctx, void *mem, uint64_t size, uint64_t *dev)
{
	struct tce_window *w = ctx;
	uint64_t real, start, end, page;
	struct mapping **at, *m;
	int err;

	if (of_is_quiesced())
		return E_PERM;
	if (size == 0)
		return E_INVAL;
	real = ram_address(mem);
	start = align_down(real, PAGE);
	if (!add_ok(real, size, &end) || !align_up_ok(end, PAGE, &end))
		return E_INVAL;
	at = find_gap(w, (end - start) / PAGE, &page);
	if (!at)
		return E_NOSPC;
	m = try_alloc(sizeof(*m));
	if (!m)
		return E_NOMEM;
	*m = (struct mapping){*at, page, (end - start) / PAGE};
	err = put_pages(w, page, m->pages, start);
	if (err) {
		heap_free(m);
		return err;
	}
	*at = m;
	*dev = bus_address(w, page) + (real - start);
	return 0;
}

static int tce_unmap(void *ctx, uint64_t dev, uint64_t size)
{
	struct tce_window *w = ctx;
	struct mapping **at = &w->maps, *m;
	uint64_t page = (dev - w->base) / PAGE, end;
	int err;

	if (size == 0 || !add_ok(dev % PAGE, size, &end) || !align_up_ok(end, PAGE, &end))
		return E_INVAL;
	while (*at && (*at)->page < page)
		at = &(*at)->next;
	m = *at;
	if (dev < w->base || !m || m->page != page || m->pages != end / PAGE)
		return E_INVAL;
	err = clear_pages(w, m->page, m->pages);
	if (err)
		return err; /* never to be given out again: a device may still know it */
	*at = m->next;
	heap_free(m);
	return 0;
}

static void *tce_alloc(void *ctx, size_t bytes, uint64_t *dev)
{
	void *mem = dma_alloc_pages(bytes, PAGE);

	if (mem && tce_map(ctx, mem, bytes, dev)) {
		dma_free_pages(mem, bytes);
		return NULL;
	}
	return mem;
}

static void tce_free(void *ctx, void *mem, size_t bytes, uint64_t dev)
{
	if (!mem || tce_unmap(ctx, dev, bytes))
		return; /* still open to devices: never to be used again */
	dma_free_pages(mem, bytes);
}

const struct dma_ops tce_dma_ops = {tce_map, tce_unmap, tce_alloc, tce_free};

/* ---- windows ------------------------------------------------------------------------------ */

static void unmap_all(struct tce_window *w)
{
	unsigned n = 0;

	for (; w->maps; n++) {
		struct mapping *m = w->maps;

		if (clear_pages(w, m->page, m->pages))
			log_warn("window %x: %llx stays mapped", w->liobn,
				 (unsigned long long)bus_address(w, m->page));
		w->maps = m->next;
		heap_free(m);
	}
	if (n)
		log_debug("window %x: %u mappings undone", w->liobn, n);
}

static void quiesce(void *arg)
{
	(void)arg;
	for (struct tce_window *w = windows; w; w = w->next)
		unmap_all(w);
}

/* Bridges have a window for what is below them, virtual devices one of their own. */
static const char *window_property(const struct dt_node *node)
{
	return dt_prop_find(node, "ibm,my-dma-window") ? "ibm,my-dma-window" : "ibm,dma-window";
}

/*
 * liobn, address, size. QEMU writes the size as 32 bits, so that a window of 4 GiB has size 0 there.
 */
static int read_window(struct tce_window *w, const struct dt_node *node)
{
	unsigned address_cells = dt_prop_u32_or(node, "ibm,#dma-address-cells", 2);
	unsigned size_cells = dt_prop_u32_or(node, "ibm,#dma-size-cells", 2);
	struct dt_reader r = dt_read(node, window_property(node));
	uint64_t size, end;

	if (address_cells > 4 || size_cells > 4)
		return E_FORMAT;
	w->liobn = dt_read_u32(&r);
	w->base = dt_read_cells(&r, address_cells);
	size = dt_read_cells(&r, size_cells);
	if (r.short_of)
		return E_FORMAT;
	if (size == 0)
		size = 1ull << 32;
	if (w->base % PAGE || !add_ok(w->base, size, &end))
		return E_FORMAT;
	w->pages = size / PAGE;
	w->first = w->base == 0 && w->pages > 0 ? 1 : 0;
	return 0;
}

struct tce_window *tce_window_new(const struct dt_node *node)
{
	const struct dt_node *rtas = dt_path_find(of_tree(), "/rtas");
	struct tce_window *w;

	if (!dt_prop_find(node, window_property(node))) {
		log_info("%s: no DMA window", node->name);
		return NULL;
	}
	w = xalloc(sizeof(*w));
	if (read_window(w, node)) {
		log_warn("%s: %s is malformed: no DMA", node->name, window_property(node));
		heap_free(w);
		return NULL;
	}
	w->multi = rtas && dt_prop_lists(rtas, "ibm,hypertas-functions", "hcall-multi-tce");
	if (!windows)
		of_on_quiesce(quiesce, NULL);
	w->next = windows;
	windows = w;
	log_debug("%s: window %x, %llx pages at %llx", node->name, w->liobn,
		  (unsigned long long)w->pages, (unsigned long long)w->base);
	return w;
}

void tce_window_free(struct tce_window *w)
{
	struct tce_window **at = &windows;

	if (!w)
		return;
	unmap_all(w);
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	heap_free(w);
	if (!windows) {
		dma_free_pages(list, PAGE);
		list = NULL;
	}
}
