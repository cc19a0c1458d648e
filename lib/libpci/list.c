/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions as a list for people: what there is, one line each, and on demand all that is known about one.
 * What can change (command register, capabilities) is read now; the rest is the table.
 */
#include "pci-priv.h"

#include <string.h>

#include "base/strbuf.h"
#include "pci/regs.h"

#define LINE 200

struct lister {
	const struct pci_host *host;
	void (*emit)(void *ctx, const char *line);
	void *ctx;
	char text[LINE];
	struct strbuf sb;
};

static struct strbuf *begin(struct lister *l, const char *lead)
{
	l->sb = strbuf_on(l->text, sizeof(l->text));
	strbuf_str(&l->sb, lead);
	return &l->sb;
}

static void end(struct lister *l)
{
	l->emit(l->ctx, l->text);
}

static void list_fn(struct lister *l, const struct pci_fn *fn)
{
	strbuf_printf(begin(l, ""), "%s " PCI_BDF_FMT " %06x %04x:%04x %s",
		      l->host->root.node->name, PCI_BDF_ARGS(fn), fn->class_rev >> 8, fn->vendor,
		      fn->device, fn->node ? fn->node->name : pci_class_name(fn->class_rev >> 8));
	if (*pci_qemu_name(fn))
		strbuf_printf(&l->sb, " (%s)", pci_qemu_name(fn));
	if (fn->gone)
		strbuf_str(&l->sb, " no longer answers");
	end(l);
}

/* ---- one function in detail ---- */

static void list_header(struct lister *l, const struct pci_fn *fn)
{
	static const char *const on[] = {"I/O", "memory", "bus master"};
	const struct bus *bus = &l->host->bus;
	uint16_t command = pci_cfg_read16(bus, fn->bdf, PCI_COMMAND);
	uint8_t pin = pci_cfg_read8(bus, fn->bdf, PCI_INTERRUPT_PIN);

	strbuf_printf(begin(l, "    "), "revision %x", fn->class_rev & 0xff);
	if (fn->subvendor)
		strbuf_printf(&l->sb, ", subsystem %04x:%04x", fn->subvendor, fn->subsystem);
	if (pin >= 1 && pin <= 4)
		strbuf_printf(&l->sb, ", interrupt %c", 'A' + pin - 1);
	strbuf_str(&l->sb, command & 7 ? ", on:" : ", nothing on");
	for (unsigned i = 0; i < ARRAY_SIZE(on); i++)
		if (command >> i & 1)
			strbuf_printf(&l->sb, " %s", on[i]);
	end(l);
}

static void list_window(struct lister *l, const struct pci_fn *fn, enum pci_pool pool)
{
	const struct pci_win *win = &fn->win[pool];

	strbuf_printf(begin(l, "    "), "window %s ", pci_pool_name(pool));
	if (!win->can)
		strbuf_str(&l->sb, "not implemented");
	else if (!win->size)
		strbuf_str(&l->sb, "closed");
	else {
		strbuf_printf(&l->sb, "%llx-%llx: ", (unsigned long long)win->base,
			      (unsigned long long)(win->base + win->size - 1));
		pci_size_text(&l->sb, win->size);
	}
	end(l);
}

static void list_bridge(struct lister *l, const struct pci_fn *fn)
{
	if (fn->secondary)
		strbuf_printf(begin(l, "    "), "buses %02x to %02x", fn->secondary,
			      fn->subordinate);
	else
		begin(l, "    no bus behind it");
	end(l);
	for (unsigned pool = 0; pool < PCI_POOLS; pool++)
		list_window(l, fn, pool);
}

static const char *port_name(const struct pci_fn *fn)
{
	static const char *const name[] = {"endpoint",
					   "legacy endpoint",
					   "",
					   "",
					   "root port",
					   "upstream port",
					   "downstream port",
					   "bridge to PCI",
					   "bridge from PCI",
					   "integrated endpoint",
					   "event collector"};

	return fn->port < ARRAY_SIZE(name) ? name[fn->port] : "";
}

static void say_interrupts(struct lister *l, unsigned n)
{
	strbuf_printf(&l->sb, ", %u interrupt%s", n, n == 1 ? "" : "s");
}

/* What of a capability fits into a word or two. */
static void cap_detail(struct lister *l, const struct pci_fn *fn, const struct pci_cap_walk *w)
{
	const struct bus *bus = &l->host->bus;
	uint16_t reg = (uint16_t)(w->at + 2);

	if (!w->extended && w->id == PCI_CAP_EXPRESS)
		strbuf_printf(&l->sb, ", %s", port_name(fn));
	else if (!w->extended && w->id == PCI_CAP_MSIX)
		say_interrupts(l, (pci_cfg_read16(bus, fn->bdf, reg) & 0x7ffu) + 1);
	else if (!w->extended && w->id == PCI_CAP_MSI)
		say_interrupts(l, 1u << (pci_cfg_read16(bus, fn->bdf, reg) >> 1 & 7));
	else if (w->extended && w->id == PCI_EXT_CAP_SRIOV && w->at <= 0x1000 - 0x40)
		strbuf_printf(
			&l->sb, ", up to %u functions",
			pci_cfg_read16(bus, fn->bdf, (uint16_t)(w->at + PCI_SRIOV_TOTAL_VFS)));
}

static void list_caps(struct lister *l, const struct pci_fn *fn, bool extended)
{
	struct pci_cap_walk w =
		extended ? pci_ext_caps(&l->host->bus, fn->bdf) : pci_caps(&l->host->bus, fn->bdf);

	while (pci_cap_next(&w)) {
		const char *name = pci_cap_name(w.id, extended);

		strbuf_printf(begin(l, "    "),
			      extended ? "%03x: extended capability %04x" : "%02x: capability %02x",
			      w.at, w.id);
		if (name)
			strbuf_printf(&l->sb, " %s", name);
		cap_detail(l, fn, &w);
		end(l);
	}
}

static void list_detail(struct lister *l, const struct pci_fn *fn)
{
	if (fn->gone || fn->kind == PCI_KIND_UNKNOWN)
		return;
	list_header(l, fn);
	for (unsigned i = 0; i < fn->nres; i++) {
		pci_res_text(begin(l, "    "), fn, &fn->res[i]);
		end(l);
	}
	if (pci_is_bridge(fn))
		list_bridge(l, fn);
	list_caps(l, fn, false);
	if (fn->extended)
		list_caps(l, fn, true);
}

void pci_host_list(const struct pci_host *host, bool detail, const char *only,
		   void (*emit)(void *ctx, const char *line), void *ctx)
{
	struct lister l = {.host = host, .emit = emit, .ctx = ctx};

	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		char place[16];
		struct strbuf sb = strbuf_on(place, sizeof(place));

		strbuf_printf(&sb, PCI_BDF_FMT, PCI_BDF_ARGS(fn));
		if (only && strncmp(place, only, strlen(only)) != 0)
			continue;
		list_fn(&l, fn);
		if (detail)
			list_detail(&l, fn);
	}
}
