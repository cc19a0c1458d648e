/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The doctor: looks at the finished table and says in plain words what is not as it could be, why, and what
 * to change on QEMU's command line. A problem ("*") is something that does not work; a note ("-") is worth
 * knowing. Each is a paragraph of its own. Here: bridges, functions, the verdict; addresses: doctor-space.c.
 */
#include "doctor-priv.h"

#include "pci/regs.h"

/* ---- bridges and bus numbers ---- */

static bool is_shut(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return pci_is_bridge(fn) && !fn->gone && !fn->secondary && !fn->stuck &&
	       fn->depth <= PCI_DEPTH_MAX;
}

static bool is_too_deep(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return pci_is_bridge(fn) && !fn->secondary && !fn->stuck && fn->depth > PCI_DEPTH_MAX;
}

static bool is_stuck(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return fn->stuck && !fn->gone;
}

static bool lacks_buses(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return fn->secondary && fn->subordinate - fn->secondary < fn->reserve_buses;
}

static bool lacks_reserve(const struct doctor *d, const struct pci_fn *fn)
{
	for (unsigned p = 0; p < PCI_POOLS && fn->secondary; p++)
		if (fn->win[p].can && d->host->root.win[p].can &&
		    fn->win[p].reserve != PCI_NOT_ASKED && fn->win[p].size < fn->win[p].reserve)
			return true;
	return false;
}

/* A slot of which Linux' native hot-plug believes it is empty: presence is always 0 on this machine. */
static bool is_native_slot(const struct doctor *d, const struct pci_fn *fn)
{
	uint16_t cap = fn->express_cap;

	if (!pci_is_bridge(fn) || fn->gone || !fn->child ||
	    (fn->port != PCI_EXP_ROOT_PORT && fn->port != PCI_EXP_DOWNSTREAM))
		return false;
	return pci_cfg_read16(&d->host->bus, fn->bdf, (uint16_t)(cap + PCI_EXP_FLAGS)) &
		       PCI_EXP_FLAGS_SLOT &&
	       pci_cfg_read32(&d->host->bus, fn->bdf, (uint16_t)(cap + PCI_EXP_SLOT_CAP)) &
		       PCI_EXP_SLOT_HOTPLUG;
}

static void bridges(struct doctor *d)
{
	doctor_about(d, true, is_shut,
		     "Bus numbers are used up; nothing behind these bridges is used",
		     "A host bridge has 255 of them at most, and bus-reserve= takes "
		     "some: " ANOTHER_BRIDGE ".");
	doctor_about(d, true, is_too_deep,
		     "Nested more than 32 bridges deep; nothing behind is used",
		     "Put the devices nearer to the root bus.");
	doctor_about(d, true, is_stuck,
		     "Bus numbers cannot be set; nothing behind these bridges is used",
		     "That is a fault of the bridge.");
	doctor_about(
		d, true, is_native_slot, "Ports with hot-plug of their own, and a device behind",
		"Linux will find the slot empty and turn it off. Make the port with hotplug=off; "
		"plugging is this machine's affair, not the port's.");
	doctor_about(d, false, lacks_buses,
		     "More bus numbers were asked for than could be kept free",
		     "bus-reserve= of all ports together must fit into 255.");
	doctor_about(
		d, false, lacks_reserve, "Windows smaller than the user reserved",
		"There is not room for all of io-reserve=, mem-reserve= and pref64-reserve=: lower "
		"them, or " ANOTHER_BRIDGE ".");
}

/* ---- functions ---- */

static bool is_gone(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return fn->gone && !fn->parent->gone;
}

static bool is_odd(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return fn->kind == PCI_KIND_UNKNOWN;
}

static bool refuses(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	for (unsigned i = 0; i < fn->nres; i++)
		if (pci_res_is(&fn->res[i], PCI_RES_REFUSED))
			return true;
	return fn->bad_window;
}

/* Other functions in its slot, and it does not say so. */
static bool hides_others(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return PCI_FN(fn->bdf) == 0 && !(fn->header & PCI_HEADER_MULTI) && !fn->fresh &&
	       fn->kind != PCI_KIND_UNKNOWN && fn->next &&
	       PCI_DEV(fn->next->bdf) == PCI_DEV(fn->bdf) &&
	       !(fn->parent->express && fn->parent->port != PCI_EXP_TO_PCI);
}

static bool is_cut_short(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return fn->express && !fn->extended && !fn->gone;
}

static bool asks_nothing(const struct doctor *d, const struct pci_fn *fn)
{
	(void)d;
	return fn->kind == PCI_KIND_DEVICE && !fn->nres && !fn->gone && !fn->fresh;
}

/* Nodes of QEMU's for which nobody answers. */
static void unanswered(struct doctor *d)
{
	for (const struct pci_fn *bus = &d->host->root; bus; bus = pci_fn_next(d->host, bus)) {
		bool scanned = bus == &d->host->root || bus->secondary;

		for (const struct dt_node *n = scanned && bus->node ? bus->node->child : NULL; n;
		     n = n->next) {
			const struct pci_fn *fn = bus->child;
			uint8_t devfn;

			while (fn && fn->node != n)
				fn = fn->next;
			if (fn || !pci_unit_devfn(dt_unit(n), &devfn))
				continue;
			doctor_begin(d, true);
			doctor_say(d,
				   "%s/%s is in QEMU's tree, but nothing answers there. Function 0 "
				   "of a "
				   "slot must exist, with multifunction=on, for others to answer.",
				   bus->node->name, n->name);
			doctor_end(d);
		}
	}
}

static void functions(struct doctor *d)
{
	doctor_about(d, true, is_gone, "Stopped answering while being set up",
		     "Unplugged, or broken. Reset the machine to look again.");
	doctor_about(d, true, refuses, "A register does not hold what is written",
		     "That is a fault of the device.");
	doctor_about(d, true, is_odd, "Header type unknown, left alone",
		     "That is a fault of the device.");
	unanswered(d);
	doctor_about(d, false, hides_others,
		     "Function 0 does not say that there are others in its slot",
		     "The firmware knows them from QEMU's tree, other programs may not: say "
		     "multifunction=on for function 0.");
	doctor_about(d, false, is_cut_short, "Registers from 0x100 on are out of reach",
		     "The way there leads over a conventional bus. On the root bus, or behind PCI "
		     "Express ports alone, they can be had.");
	doctor_about(d, false, asks_nothing, "Asks for no addresses",
		     "There is nothing but its configuration space.");
}

/* ---- all ---- */

static void verdict(struct doctor *d)
{
	struct pci_summary s = pci_host_summary(d->host);
	unsigned faults = pci_check(d->host);

	if (faults) {
		doctor_begin(d, true);
		doctor_say(d,
			   "%u of the firmware's own invariants are broken; the log names them. "
			   "Please "
			   "report that.",
			   faults);
		doctor_end(d);
	}
	d->sb = strbuf_on(d->text, sizeof(d->text));
	if (d->problems) {
		doctor_say(d, "Problems: %u.", d->problems);
	} else if (!s.functions) {
		doctor_say(d, "All is well: nothing is plugged in here.");
	} else {
		doctor_say(
			d,
			"All is well: %u function%s on %u bus%s, each has what it needs, and the "
			"self-check finds no fault.",
			s.functions, s.functions == 1 ? "" : "s", s.buses,
			s.buses == 1 ? "" : "es");
	}
	doctor_end(d);
}

unsigned pci_host_doctor(const struct pci_host *host, void (*emit)(void *ctx, const char *line),
			 void *ctx)
{
	struct doctor d = {.host = host, .emit = emit, .ctx = ctx};

	emit(ctx, host->root.node->name);
	doctor_no_room(&d);
	doctor_no_window(&d);
	bridges(&d);
	functions(&d);
	doctor_extras(&d);
	doctor_headroom(&d);
	verdict(&d);
	return d.problems;
}
