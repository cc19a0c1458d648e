/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Headroom: how much larger than needed windows are, for what is plugged in behind bridges later. A plan is tried
 * at one level after another, each less generous; the last does not even keep what users reserved.
 */
#define LOG_TAG "pci"
#include "assign-priv.h"

#include "base/arith.h"
#include "base/log.h"
#include "base/strbuf.h"

#define MIB 0x100000ull
#define GIB (1024 * MIB)

/* How generous a plan is to bridges behind which something may be plugged in. */
struct pci_level {
	uint64_t headroom;
	bool conventional; /* only to those that are not PCI Express */
	bool reserves;     /* honour what users asked for */
};

static const struct pci_level levels[PCI_POOLS][PCI_LEVELS] = {
	[PCI_POOL_IO] = {{PCI_IO_GRAIN, false, true},
			 {PCI_IO_GRAIN, true, true},
			 {0, false, true},
			 {0, false, true},
			 {0, false, false}},
	[PCI_POOL_LOW] = {{64 * MIB, false, true},
			  {8 * MIB, false, true},
			  {1 * MIB, false, true},
			  {0, false, true},
			  {0, false, false}},
	[PCI_POOL_HIGH] = {{32 * GIB, false, true},
			   {2 * GIB, false, true},
			   {0, false, true},
			   {0, false, true},
			   {0, false, false}},
};

const struct pci_level *pci_level(enum pci_pool pool, unsigned level)
{
	return &levels[pool][level];
}

/* ---- who gets some ---- */

/* Headroom goes to the bridges nearest to the slots; those above just hold them. */
void pci_choose_pads(struct pci_host *host)
{
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		fn->pads = fn->hotplug;
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		for (struct pci_fn *up = fn->hotplug ? fn->parent : NULL; up; up = up->parent)
			up->pads = false;
}

bool pci_with_headroom(struct pci_plan *p, const struct pci_fn *fn, uint64_t need, uint64_t *size)
{
	const struct pci_win *win = &fn->win[p->pool];
	uint64_t pad = fn->pads && win->reserve == PCI_NOT_ASKED ? p->level->headroom : 0;

	if ((p->level->conventional && fn->express) || (p->pool == PCI_POOL_IO && need))
		pad = 0;
	*size = need + pad;
	if (p->level->reserves && win->reserve != PCI_NOT_ASKED && win->reserve > *size &&
	    (!align_up_ok(win->reserve, p->grain, size) || *size > PCI_SPACE_END))
		return false;
	p->granted += pad;
	if (p->pool == PCI_POOL_LOW && fn->win[PCI_POOL_HIGH].size && *size < p->grain)
		*size = p->grain;
	return true;
}

/* ---- in words ---- */

uint64_t pci_headroom(enum pci_pool pool, unsigned level)
{
	return levels[pool][level].headroom;
}

void pci_headroom_text(struct strbuf *sb, enum pci_pool pool, unsigned level)
{
	const struct pci_level *l = &levels[pool][level];

	if (l->headroom)
		pci_size_text(sb, l->headroom);
	else
		strbuf_str(sb, "none");
	if (l->conventional)
		strbuf_str(sb, " (conventional bridges)");
	if (!l->reserves)
		strbuf_str(sb, ", reserves not kept");
}

/* Does level l differ from the one before it? */
static bool is_a_step(enum pci_pool pool, unsigned l)
{
	const struct pci_level *a = &levels[pool][l], *b = l ? a - 1 : a;

	return a->headroom != b->headroom || a->conventional != b->conventional ||
	       a->reserves != b->reserves;
}

void pci_log_levels(const struct pci_host *host, enum pci_pool pool)
{
	for (unsigned l = 1; l <= host->level[pool]; l++) {
		char text[100];
		struct strbuf sb = strbuf_on(text, sizeof(text));

		if (!is_a_step(pool, l))
			continue;
		pci_headroom_text(&sb, pool, l - 1);
		strbuf_str(&sb, " -> ");
		pci_headroom_text(&sb, pool, l);
		log_info("%s: %s: headroom %s", host->root.node->name, pci_pool_name(pool), text);
	}
}
