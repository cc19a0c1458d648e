/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the doctor says about addresses: spaces that are full, registers no window could hold, what was left
 * out to make room for more important things, and how much room is kept for what is plugged in later.
 */
#include "doctor-priv.h"

#include "base/arith.h"

/* ---- a space is full ---- */

/* What was asked for in a pool, by everything that could go there. */
static uint64_t asked(const struct pci_host *host, enum pci_pool pool)
{
	uint64_t sum = 0;

	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		for (unsigned i = 0; i < fn->nres; i++)
			if (fn->res[i].pool == pool && !pci_res_is(&fn->res[i], PCI_RES_NOWHERE) &&
			    !add_ok(sum, fn->res[i].size, &sum))
				return UINT64_MAX;
	return sum;
}

static bool has_nowhere(const struct pci_fn *fn)
{
	for (unsigned i = 0; i < fn->nres; i++)
		if (pci_res_is(&fn->res[i], PCI_RES_NOWHERE) && fn->res[i].kind == PCI_RES_BAR)
			return true;
	return false;
}

static bool lost(const struct pci_fn *fn, enum pci_pool pool)
{
	for (unsigned i = 0; i < fn->nres; i++)
		if (pci_res_is(&fn->res[i], PCI_RES_DROPPED) && fn->res[i].pool == pool &&
		    fn->res[i].kind == PCI_RES_BAR)
			return true;
	return false;
}

/* Did this function lose its BARs because that pool is full? It may have some in both kinds of memory. */
static bool is_squeezed_out(const struct doctor *d, const struct pci_fn *fn)
{
	enum pci_pool pool = d->pool;
	bool above;

	if (fn->gone || !lost(fn, pool) || !(fn->dropped & PCI_DROP_ALL) || has_nowhere(fn))
		return false;
	for (unsigned i = 0; i < fn->nres; i++)
		if (pci_res_is(&fn->res[i], PCI_RES_REFUSED))
			return false;
	if (pool == PCI_POOL_IO)
		return !lost(fn, PCI_POOL_LOW) && !lost(fn, PCI_POOL_HIGH);
	above = lost(fn, PCI_POOL_HIGH) &&
		asked(d->host, PCI_POOL_HIGH) / 10 * 11 > d->host->root.win[PCI_POOL_HIGH].size;
	return pool == PCI_POOL_HIGH ? above || !lost(fn, PCI_POOL_LOW) : !above;
}

/* A power of two that holds so much, whatever its alignment. */
static uint64_t roomy(uint64_t size)
{
	uint64_t pow = PCI_4G;

	while (pow < size && pow < 1ull << 62)
		pow *= 2;
	return pow * 2;
}

static void advise_space(struct doctor *d, enum pci_pool pool)
{
	const struct pci_win *win = &d->host->root.win[pool];

	if (pool == PCI_POOL_IO) {
		doctor_say(d,
			   "There are 60K of I/O, and each bridge with any behind it takes 4K of "
			   "them. Modern virtio needs none (disable-legacy=on); or ");
	} else if (pool == PCI_POOL_HIGH) {
		doctor_say(d,
			   "Give the host bridges more room: "
			   "-global spapr-pci-host-bridge.mem64_win_size=%llu, or ",
			   (unsigned long long)roomy(asked(d->host, pool)));
	} else if (win->size < 0x7ff00000) {
		doctor_say(d,
			   "Give the host bridge more room: mem_win_size can be up to 2147483648; "
			   "or ");
	} else {
		doctor_say(d, "More than 2G below 4 GiB cannot be had: ");
	}
	doctor_say(d, ANOTHER_BRIDGE ".");
	if (pool == PCI_POOL_LOW && !d->host->root.win[PCI_POOL_HIGH].can)
		doctor_say(d, " There is no window above 4 GiB: without mem64_win_size=0, 64-bit "
			      "registers would go there.");
}

static void full_space(struct doctor *d, enum pci_pool pool)
{
	static const char *const name[] = {"I/O space", "Memory below 4 GiB", "Memory above 4 GiB"};
	unsigned n;

	d->pool = pool;
	n = doctor_count(d, is_squeezed_out);

	if (!n)
		return;
	doctor_begin(d, true);
	doctor_say(d, "%s is full: no room for ", name[pool]);
	doctor_names(d, is_squeezed_out);
	doctor_say(d, ". The host bridge has ");
	doctor_size(d, d->host->root.win[pool].size);
	doctor_say(d, ", asked for were ");
	doctor_size(d, asked(d->host, pool));
	doctor_say(d, n == 1 ? ", and it matters least or is largest. "
			     : ", and they matter least or are largest. ");
	advise_space(d, pool);
	doctor_end(d);
}

/* ---- nothing could hold it ---- */

/* The bridge on the way to fn, nearest the host, that lacks this window; NULL: none does. */
static const struct pci_fn *lacking(const struct pci_fn *fn, enum pci_pool pool)
{
	const struct pci_fn *found = NULL;

	for (const struct pci_fn *up = fn->parent; up->parent; up = up->parent)
		if (!up->win[pool].can)
			found = up;
	return found;
}

static void explain_io(struct doctor *d, const struct pci_fn *fn)
{
	const struct pci_fn *bridge = lacking(fn, PCI_POOL_IO);

	if (!d->host->root.win[PCI_POOL_IO].can) {
		doctor_say(d, "the host bridge has no I/O window.");
	} else if (!bridge) {
		doctor_say(d, "it does not fit into the host bridge's I/O window.");
	} else {
		doctor_say(d, "the bridge ");
		doctor_name(d, bridge);
		doctor_say(d,
			   " has no I/O window. If it is a port made with io-reserve=0, leave that "
			   "out (or say io-reserve=4096); else put the device on another bus.");
	}
}

static void explain_memory(struct doctor *d, const struct pci_fn *fn, const struct pci_res *res)
{
	const struct pci_fn *bridge = lacking(fn, PCI_POOL_LOW);
	const struct pci_win *low = &d->host->root.win[PCI_POOL_LOW];
	bool above = res->type == PCI_TYPE_MEM64 && d->host->root.win[PCI_POOL_HIGH].can;

	if (bridge) {
		doctor_say(d, "the bridge ");
		doctor_name(d, bridge);
		doctor_say(d, " has no memory window: put the device elsewhere.");
		return;
	}
	if (above && !res->pref && fn->parent->parent && res->size > low->size) {
		doctor_say(
			d,
			"behind a bridge it must be below 4 GiB, since it is not prefetchable, and "
			"there are ");
		doctor_size(d, low->size);
		doctor_say(d, " there. Put the device on the root bus: bus=pci.0.");
		return;
	}
	if (res->type == PCI_TYPE_MEM64) {
		doctor_say(d,
			   "%s. Give the host bridges more room: "
			   "-global spapr-pci-host-bridge.mem64_win_size=%llu, or so many where "
			   "this host bridge is made.",
			   above ? "no window is that large" : "there is no window above 4 GiB",
			   (unsigned long long)roomy(res->size));
		return;
	}
	doctor_say(d, "it must be below 4 GiB, where the host bridge has ");
	doctor_size(d, low->size);
	doctor_say(d, ".%s",
		   low->size < 0x7ff00000 ? " mem_win_size can be up to 2147483648." : "");
}

/* One paragraph a function is enough: the first register that has no place. */
void doctor_no_window(struct doctor *d)
{
	for (const struct pci_fn *fn = &d->host->root; (fn = pci_fn_next(d->host, fn));)
		for (unsigned i = 0; i < fn->nres && !fn->gone; i++) {
			const struct pci_res *res = &fn->res[i];

			if (!pci_res_is(res, PCI_RES_NOWHERE) || res->kind != PCI_RES_BAR)
				continue;
			doctor_begin(d, fn->dropped & PCI_DROP_ALL);
			doctor_name(d, fn);
			doctor_say(d, "%s: ", fn->preferred ? ", which this boot needs" : "");
			pci_res_name(&d->sb, fn, res);
			doctor_say(d, " (%s, ", pci_res_kind(res));
			doctor_size(d, res->size);
			doctor_say(d, ") has no place: ");
			if (res->type == PCI_TYPE_IO)
				explain_io(d, fn);
			else
				explain_memory(d, fn, res);
			doctor_say(d,
				   fn->dropped & PCI_DROP_ALL
					   ? " The function has no addresses."
					   : " Its memory registers have theirs; most drivers need "
					     "no more.");
			doctor_end(d);
			break;
		}
}

/* ---- what can be done without ---- */

static bool lost_kind(const struct pci_fn *fn, enum pci_res_kind kind)
{
	for (unsigned i = 0; i < fn->nres; i++)
		if (fn->res[i].kind == kind && !pci_res_is(&fn->res[i], PCI_RES_PLACED))
			return !fn->gone && !(fn->dropped & PCI_DROP_ALL);
	return false;
}

static bool lost_rom(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return lost_kind(fn, PCI_RES_ROM);
}

static bool lost_vfs(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return lost_kind(fn, PCI_RES_VF);
}

static bool lost_spare_io(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return !fn->gone && lost(fn, PCI_POOL_IO) && !(fn->dropped & PCI_DROP_ALL);
}

void doctor_extras(struct doctor *d)
{
	doctor_about(
		d, false, lost_spare_io, "Left without I/O addresses, for want of I/O space",
		"Their memory registers have addresses; most drivers need no more. Modern virtio "
		"(disable-legacy=on) does not ask for I/O.");
	doctor_about(
		d, false, lost_rom, "Left without room for their option ROMs",
		"This firmware needs none of those. romfile= (empty) or rombar=0 takes them away.");
	doctor_about(
		d, false, lost_vfs, "Left without room for virtual functions",
		"Nothing on this machine uses them today. A smaller sriov_max_vfs asks for less.");
}

/* Bridges that may have something plugged in, and got less room for it than usual. */
void doctor_headroom(struct doctor *d)
{
	const struct pci_host *host = d->host;
	bool pads = false;

	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		pads |= fn->pads;
	if (!pads || host->level[PCI_POOL_LOW] < 2)
		return;
	doctor_begin(d, false);
	doctor_say(d,
		   "Little room is kept below 4 GiB for what is plugged in behind bridges later: ");
	pci_headroom_text(&d->sb, PCI_POOL_LOW, host->level[PCI_POOL_LOW]);
	doctor_say(d, " each. Fewer bridges, or some below another host bridge, leave more.");
	doctor_end(d);
}

void doctor_no_room(struct doctor *d)
{
	for (unsigned pool = PCI_POOLS; pool--;)
		full_space(d, pool);
}
