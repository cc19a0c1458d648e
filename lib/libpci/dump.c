/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resource map for people: the lines of the log while the bus is set up, and the whole map as
 * text, windows as a tree with what is free in them. Reads the table, changes nothing.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include "base/log.h"
#include "base/strbuf.h"
#include "pci/regs.h"

#define LINE 160

const char *pci_pool_name(enum pci_pool pool)
{
	static const char *const name[] = {"io", "mem32", "mem64", "no space"};

	return name[pool];
}

void pci_res_name(struct strbuf *sb, const struct pci_fn *fn, const struct pci_res *res)
{
	unsigned base = res->kind == PCI_RES_VF ? fn->sriov_cap + PCI_SRIOV_BAR0 : PCI_BAR0;

	if (res->kind == PCI_RES_ROM) {
		strbuf_str(sb, "rom");
	} else {
		strbuf_str(sb, res->kind == PCI_RES_VF ? "vf-bar" : "bar");
		strbuf_char(sb, (char)('0' + (res->reg - base) / 4));
	}
}

/* Some numbers are written often, at each start: not by way of a format. */
static void put_decimal(struct strbuf *sb, unsigned v)
{
	if (v >= 10)
		put_decimal(sb, v / 10);
	strbuf_char(sb, (char)('0' + v % 10));
}

void pci_size_text(struct strbuf *sb, uint64_t size)
{
	static const char unit[] = "BKMGTPE";
	unsigned u = 0;

	while (size >= 10 * 1024 || (size >= 1024 && size % 1024 == 0)) {
		size /= 1024;
		u++;
	}
	put_decimal(sb, (unsigned)size);
	strbuf_char(sb, unit[u]);
}

const char *pci_res_kind(const struct pci_res *res)
{
	static const char *const name[] = {"io", "mem32", "mem64"};
	static const char *const pref[] = {"io", "pref32", "pref64"};

	return res->pref ? pref[res->type] : name[res->type];
}

static const char *state_text(const struct pci_res *res)
{
	switch (res->state) {
	case PCI_RES_DROPPED:
		return "left out";
	case PCI_RES_NOWHERE:
		return "no window can hold it";
	case PCI_RES_REFUSED:
		return "register refuses";
	}
	return "not set up";
}

void pci_res_text(struct strbuf *sb, const struct pci_fn *fn, const struct pci_res *res)
{
	bool placed = pci_res_is(res, PCI_RES_PLACED);

	pci_res_name(sb, fn, res);
	strbuf_char(sb, ' ');
	strbuf_str(sb, pci_res_kind(res));
	strbuf_char(sb, ' ');
	pci_size_text(sb, res->size);
	strbuf_str(sb, placed ? " at " : ": ");
	if (placed)
		strbuf_hex(sb, res->addr);
	else
		strbuf_str(sb, state_text(res));
}

void pci_fn_text(struct strbuf *sb, const struct pci_fn *fn)
{
	strbuf_printf(sb, PCI_BDF_FMT " %04x:%04x %06x %s", PCI_BDF_ARGS(fn), fn->vendor,
		      fn->device, fn->class_rev >> 8, fn->node ? fn->node->name : "?");
	if (pci_is_bridge(fn) && fn->secondary)
		strbuf_printf(sb, " [bus %02x-%02x]", fn->secondary, fn->subordinate);
	if (fn->gone)
		strbuf_str(sb, " gone");
}

/* ---- the log of a setup ---- */

/* One warning per thing left out; what memory BARs make superfluous is worth no more than a line. */
static bool log_missing(const struct pci_fn *fn)
{
	bool missing = false;

	for (unsigned i = 0; i < fn->nres; i++) {
		const struct pci_res *res = &fn->res[i];
		char text[LINE];
		struct strbuf sb = strbuf_on(text, sizeof(text));
		bool minor = (res->kind == PCI_RES_VF || fn->dropped == PCI_DROP_IO) &&
			     !(fn->dropped & PCI_DROP_ALL);

		if (pci_res_is(res, PCI_RES_PLACED) || fn->gone)
			continue;
		pci_res_text(&sb, fn, res);
		log_at(minor ? LOG_INFO : LOG_WARN, PCI_BDF_FMT " %s: %s", PCI_BDF_ARGS(fn),
		       fn->node ? fn->node->name : "?", text);
		missing |= !minor;
	}
	return missing;
}

static void log_fn(const struct pci_fn *fn)
{
	char text[3 * LINE];
	struct strbuf sb = strbuf_on(text, sizeof(text));

	pci_fn_text(&sb, fn);
	for (unsigned i = 0; i < fn->nres; i++) {
		if (!pci_res_is(&fn->res[i], PCI_RES_PLACED))
			continue;
		strbuf_str(&sb, ", ");
		pci_res_text(&sb, fn, &fn->res[i]);
	}
	log_info("%s", text);
}

/* "; headroom mem32 8M": where bridges for hot-plug got less than the most. */
static void headroom_text(struct strbuf *sb, const struct pci_host *host)
{
	const char *lead = "; headroom ";
	bool pads = false;

	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		pads |= fn->pads;
	for (unsigned p = 0; pads && p < PCI_POOLS; p++) {
		if (!host->level[p] || !host->root.win[p].usable)
			continue;
		strbuf_printf(sb, "%s%s ", lead, pci_pool_name(p));
		pci_headroom_text(sb, p, host->level[p]);
		lead = ", ";
	}
}

void pci_log_functions(struct pci_host *host)
{
	char text[2 * LINE];
	struct strbuf sb = strbuf_on(text, sizeof(text));
	struct pci_summary s;

	host->left_out = 0;
	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		log_fn(fn);
		host->left_out += log_missing(fn);
	}
	s = pci_host_summary(host);
	for (unsigned p = 0; p < PCI_POOLS; p++) {
		strbuf_printf(&sb, "%s%s ", p ? ", " : "", pci_pool_name(p));
		pci_size_text(&sb, s.placed[p]);
	}
	strbuf_printf(&sb, "; left out %u", s.left_out);
	headroom_text(&sb, host);
	log_note("%s: %u bus%s, %u function%s; %s", host->root.node->name, s.buses,
		 s.buses == 1 ? "" : "es", s.functions, s.functions == 1 ? "" : "s", text);
}

/* ---- the map ---- */

struct dumper {
	void (*emit)(void *ctx, const char *line);
	void *ctx;
	char text[3 * LINE];
	struct strbuf sb;
};

static struct strbuf *line(struct dumper *d, unsigned depth)
{
	d->sb = strbuf_on(d->text, sizeof(d->text));
	for (unsigned i = 0; i < depth; i++)
		strbuf_str(&d->sb, "  ");
	return &d->sb;
}

/* Bytes of a bus's window that BARs and windows on it take. */
static uint64_t used_in(const struct pci_fn *bus, enum pci_pool pool)
{
	uint64_t used = 0;

	for (const struct pci_fn *fn = bus->child; fn; fn = fn->next) {
		used += fn->win[pool].size;
		for (unsigned i = 0; i < fn->nres; i++)
			if (pci_res_is(&fn->res[i], PCI_RES_PLACED) && fn->res[i].pool == pool)
				used += fn->res[i].size;
	}
	return used;
}

static void dump_windows(struct dumper *d, const struct pci_fn *bus)
{
	for (unsigned p = 0; p < PCI_POOLS; p++) {
		const struct pci_win *win = &bus->win[p];
		struct strbuf *sb = line(d, bus->depth + 1u);

		if (!win->size)
			continue;
		strbuf_printf(sb, "%s %llx-%llx: ", pci_pool_name(p), (unsigned long long)win->base,
			      (unsigned long long)(win->base + win->size - 1));
		pci_size_text(sb, win->size);
		strbuf_str(sb, ", free ");
		pci_size_text(sb, win->size - used_in(bus, p));
		d->emit(d->ctx, d->text);
	}
}

/* "caps 10@40 11@98; ext 0001@100 000d@148": what the lists say now. */
static void dump_caps(struct dumper *d, const struct pci_host *host, const struct pci_fn *fn)
{
	struct pci_cap_walk w = pci_caps(&host->bus, fn->bdf);
	struct strbuf *sb = line(d, fn->depth + 1u);
	size_t empty;

	strbuf_str(sb, "caps");
	empty = sb->len;
	while (pci_cap_next(&w))
		strbuf_printf(sb, " %02x@%02x", w.id, w.at);
	if (fn->extended) {
		size_t before;

		strbuf_str(sb, "; ext");
		before = sb->len;
		w = pci_ext_caps(&host->bus, fn->bdf);
		while (pci_cap_next(&w))
			strbuf_printf(sb, " %04x@%03x", w.id, w.at);
		if (sb->len == before)
			strbuf_str(sb, " none");
	}
	if (sb->len > empty)
		d->emit(d->ctx, d->text);
}

/* ", can be 1M 2M 4M": what else a resizable BAR could be. */
static void sizes_text(struct strbuf *sb, const struct pci_res *res)
{
	if (res->sizes)
		strbuf_str(sb, ", can be");
	for (unsigned n = 0; n < 28; n++)
		if (res->sizes >> n & 1) {
			strbuf_str(sb, " ");
			pci_size_text(sb, 0x100000ull << n);
		}
}

static void dump_fn(struct dumper *d, const struct pci_host *host, const struct pci_fn *fn)
{
	pci_fn_text(line(d, fn->depth), fn);
	d->emit(d->ctx, d->text);
	for (unsigned i = 0; i < fn->nres; i++) {
		pci_res_text(line(d, fn->depth + 1u), fn, &fn->res[i]);
		sizes_text(&d->sb, &fn->res[i]);
		d->emit(d->ctx, d->text);
	}
	dump_caps(d, host, fn);
	dump_windows(d, fn);
}

void pci_host_dump(const struct pci_host *host, void (*emit)(void *ctx, const char *line),
		   void *ctx)
{
	struct dumper d = {.emit = emit, .ctx = ctx};

	strbuf_printf(line(&d, 0), "%s [bus %02x-%02x]", host->root.node->name,
		      host->root.secondary, host->used_bus);
	emit(ctx, d.text);
	dump_windows(&d, &host->root);
	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		dump_fn(&d, host, fn);
}
