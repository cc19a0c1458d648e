/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The doctor: looks at the finished table and says in plain words what is not as it could be, why, and what
 * to change on QEMU's command line. A problem ("*") is something that does not work; a note ("-") is worth
 * knowing. Each is a paragraph of its own, made by one function below that looks for one kind of trouble.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include <stdarg.h>
#include <string.h>

#include "base/arith.h"
#include "base/strbuf.h"
#include "pci/regs.h"

#define WIDTH     78u /* of a line */
#define NAMES_MAX 6u  /* of functions in one paragraph */

#define ANOTHER_BRIDGE                                    \
	"put some of it below a host bridge of its own: " \
	"-device spapr-pci-host-bridge,index=1,id=phb1, and bus=phb1.0 for the device"

struct doctor {
	const struct pci_host *host;
	void (*emit)(void *ctx, const char *line);
	void *ctx;
	enum pci_pool pool; /* the one looked at */
	unsigned problems, notes;
	char text[1600];
	struct strbuf sb;
};

/* ---- paragraphs ---- */

static void begin(struct doctor *d, bool problem)
{
	d->problems += problem;
	d->notes += !problem;
	d->sb = strbuf_on(d->text, sizeof(d->text));
	strbuf_str(&d->sb, problem ? "* " : "- ");
}

static void say(struct doctor *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct doctor *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&d->sb, fmt, ap);
	va_end(ap);
}

/* How much of a text goes into a line: whole words, if there is a place to break. */
static size_t fitting(const char *p, size_t room)
{
	size_t n = strlen(p);

	if (n <= room)
		return n;
	for (n = room; n && p[n] != ' '; n--)
		;
	return n ? n : room;
}

static void end(struct doctor *d)
{
	const char *p = d->text, *lead = "";

	while (*p) {
		char line[WIDTH + 1];
		struct strbuf sb = strbuf_on(line, sizeof(line));
		size_t n = fitting(p, WIDTH - strlen(lead));

		strbuf_str(&sb, lead);
		strbuf_add(&sb, p, n);
		d->emit(d->ctx, line);
		p += n;
		p += strspn(p, " ");
		lead = "  ";
	}
}

/* ---- naming ---- */

static void say_name(struct doctor *d, const struct pci_fn *fn)
{
	say(d, PCI_BDF_FMT " %s", PCI_BDF_ARGS(fn),
	    fn->node ? fn->node->name : pci_class_name(fn->class_rev >> 8));
	if (*pci_qemu_name(fn))
		say(d, " (%s)", pci_qemu_name(fn));
}

static void say_size(struct doctor *d, uint64_t size)
{
	pci_size_text(&d->sb, size);
}

/* What is looked for. */
typedef bool fn_test(const struct doctor *d, const struct pci_fn *fn);

static unsigned count(const struct doctor *d, fn_test *is)
{
	unsigned n = 0;

	for (const struct pci_fn *fn = &d->host->root; (fn = pci_fn_next(d->host, fn));)
		n += is(d, fn);
	return n;
}

/* Their names, separated by commas. */
static void say_all(struct doctor *d, fn_test *is)
{
	unsigned n = 0;

	for (const struct pci_fn *fn = &d->host->root; (fn = pci_fn_next(d->host, fn));) {
		if (!is(d, fn) || n++ >= NAMES_MAX)
			continue;
		say(d, "%s", n > 1 ? ", " : "");
		say_name(d, fn);
		say(d, "%s", fn->preferred ? ", which this boot needs" : "");
	}
	if (n > NAMES_MAX)
		say(d, " and %u more", n - NAMES_MAX);
}

/* A paragraph about all functions of a kind: "lead NAMES: rest". False: there are none. */
static bool about(struct doctor *d, bool problem, fn_test *is, const char *lead, const char *rest)
{
	if (!count(d, is))
		return false;
	begin(d, problem);
	say(d, "%s: ", lead);
	say_all(d, is);
	say(d, ". %s", rest);
	end(d);
	return true;
}

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
		say(d, "There are 60K of I/O, and each bridge with any behind it takes 4K of "
		       "them. Modern virtio needs none (disable-legacy=on); or ");
	} else if (pool == PCI_POOL_HIGH) {
		say(d,
		    "Give the host bridges more room: "
		    "-global spapr-pci-host-bridge.mem64_win_size=%llu, or ",
		    (unsigned long long)roomy(asked(d->host, pool)));
	} else if (win->size < 0x7ff00000) {
		say(d, "Give the host bridge more room: mem_win_size can be up to 2147483648; "
		       "or ");
	} else {
		say(d, "More than 2G below 4 GiB cannot be had: ");
	}
	say(d, ANOTHER_BRIDGE ".");
	if (pool == PCI_POOL_LOW && !d->host->root.win[PCI_POOL_HIGH].can)
		say(d, " There is no window above 4 GiB: without mem64_win_size=0, 64-bit "
		       "registers would go there.");
}

static void full_space(struct doctor *d, enum pci_pool pool)
{
	static const char *const name[] = {"I/O space", "Memory below 4 GiB", "Memory above 4 GiB"};
	unsigned n;

	d->pool = pool;
	n = count(d, is_squeezed_out);

	if (!n)
		return;
	begin(d, true);
	say(d, "%s is full: no room for ", name[pool]);
	say_all(d, is_squeezed_out);
	say(d, ". The host bridge has ");
	say_size(d, d->host->root.win[pool].size);
	say(d, ", asked for were ");
	say_size(d, asked(d->host, pool));
	say(d, n == 1 ? ", and it matters least or is largest. "
		      : ", and they matter least or are largest. ");
	advise_space(d, pool);
	end(d);
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
		say(d, "the host bridge has no I/O window.");
	} else if (!bridge) {
		say(d, "it does not fit into the host bridge's I/O window.");
	} else {
		say(d, "the bridge ");
		say_name(d, bridge);
		say(d, " has no I/O window. If it is a port made with io-reserve=0, leave that "
		       "out (or say io-reserve=4096); else put the device on another bus.");
	}
}

static void explain_memory(struct doctor *d, const struct pci_fn *fn, const struct pci_res *res)
{
	const struct pci_fn *bridge = lacking(fn, PCI_POOL_LOW);
	const struct pci_win *low = &d->host->root.win[PCI_POOL_LOW];
	bool above = res->type == PCI_TYPE_MEM64 && d->host->root.win[PCI_POOL_HIGH].can;

	if (bridge) {
		say(d, "the bridge ");
		say_name(d, bridge);
		say(d, " has no memory window: put the device elsewhere.");
		return;
	}
	if (above && !res->pref && fn->parent->parent && res->size > low->size) {
		say(d, "behind a bridge it must be below 4 GiB, since it is not prefetchable, and "
		       "there are ");
		say_size(d, low->size);
		say(d, " there. Put the device on the root bus: bus=pci.0.");
		return;
	}
	if (res->type == PCI_TYPE_MEM64) {
		say(d,
		    "no window is that large. Give the host bridges more room: "
		    "-global spapr-pci-host-bridge.mem64_win_size=%llu.",
		    (unsigned long long)roomy(res->size));
		return;
	}
	say(d, "it must be below 4 GiB, where the host bridge has ");
	say_size(d, low->size);
	say(d, ".%s", low->size < 0x7ff00000 ? " mem_win_size can be up to 2147483648." : "");
}

/* One paragraph a function is enough: the first register that has no place. */
static void no_window(struct doctor *d)
{
	for (const struct pci_fn *fn = &d->host->root; (fn = pci_fn_next(d->host, fn));)
		for (unsigned i = 0; i < fn->nres && !fn->gone; i++) {
			const struct pci_res *res = &fn->res[i];

			if (!pci_res_is(res, PCI_RES_NOWHERE) || res->kind != PCI_RES_BAR)
				continue;
			begin(d, fn->dropped & PCI_DROP_ALL);
			say_name(d, fn);
			say(d, "%s: ", fn->preferred ? ", which this boot needs" : "");
			pci_res_name(&d->sb, fn, res);
			say(d, " (%s, ", pci_res_kind(res));
			say_size(d, res->size);
			say(d, ") has no place: ");
			if (res->type == PCI_TYPE_IO)
				explain_io(d, fn);
			else
				explain_memory(d, fn, res);
			say(d, fn->dropped & PCI_DROP_ALL
				       ? " The function has no addresses."
				       : " Its memory registers have theirs; most drivers need "
					 "no more.");
			end(d);
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

static void extras(struct doctor *d)
{
	about(d, false, lost_spare_io, "Left without I/O addresses, for want of I/O space",
	      "Their memory registers have addresses; most drivers need no more. Modern virtio "
	      "(disable-legacy=on) does not ask for I/O.");
	about(d, false, lost_rom, "Left without room for their option ROMs",
	      "This firmware needs none of those. romfile= (empty) or rombar=0 takes them away.");
	about(d, false, lost_vfs, "Left without room for virtual functions",
	      "Nothing on this machine uses them today. A smaller sriov_max_vfs asks for less.");
}

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
	about(d, true, is_shut, "Bus numbers are used up; nothing behind these bridges is used",
	      "A host bridge has 255 of them at most, and bus-reserve= takes some: " ANOTHER_BRIDGE
	      ".");
	about(d, true, is_too_deep, "Nested more than 32 bridges deep; nothing behind is used",
	      "Put the devices nearer to the root bus.");
	about(d, true, is_stuck, "Bus numbers cannot be set; nothing behind these bridges is used",
	      "That is a fault of the bridge.");
	about(d, true, is_native_slot, "Ports with hot-plug of their own, and a device behind",
	      "Linux will find the slot empty and turn it off. Make the port with hotplug=off; "
	      "plugging is this machine's affair, not the port's.");
	about(d, false, lacks_buses, "More bus numbers were asked for than could be kept free",
	      "bus-reserve= of all ports together must fit into 255.");
	about(d, false, lacks_reserve, "Windows smaller than the user reserved",
	      "There is not room for all of io-reserve=, mem-reserve= and pref64-reserve=: lower "
	      "them, or " ANOTHER_BRIDGE ".");
}

/* Bridges that may have something plugged in, and got less room for it than usual. */
static void headroom(struct doctor *d)
{
	const struct pci_host *host = d->host;
	bool pads = false;

	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		pads |= fn->pads;
	if (!pads || host->level[PCI_POOL_LOW] < 2)
		return;
	begin(d, false);
	say(d, "Little room is kept below 4 GiB for what is plugged in behind bridges later: ");
	pci_headroom_text(&d->sb, PCI_POOL_LOW, host->level[PCI_POOL_LOW]);
	say(d, " each. Fewer bridges, or some below another host bridge, leave more.");
	end(d);
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
			begin(d, true);
			say(d,
			    "%s/%s is in QEMU's tree, but nothing answers there. Function 0 of a "
			    "slot must exist, with multifunction=on, for others to answer.",
			    bus->node->name, n->name);
			end(d);
		}
	}
}

static void functions(struct doctor *d)
{
	about(d, true, is_gone, "Stopped answering while being set up",
	      "Unplugged, or broken. Reset the machine to look again.");
	about(d, true, refuses, "A register does not hold what is written",
	      "That is a fault of the device.");
	about(d, true, is_odd, "Header type unknown, left alone", "That is a fault of the device.");
	unanswered(d);
	about(d, false, hides_others, "Function 0 does not say that there are others in its slot",
	      "The firmware knows them from QEMU's tree, other programs may not: say "
	      "multifunction=on for function 0.");
	about(d, false, is_cut_short, "Registers from 0x100 on are out of reach",
	      "The way there leads over a conventional bus. On the root bus, or behind PCI "
	      "Express ports alone, they can be had.");
	about(d, false, asks_nothing, "Asks for no addresses",
	      "There is nothing but its configuration space.");
}

/* ---- all ---- */

static void verdict(struct doctor *d)
{
	struct pci_summary s = pci_host_summary(d->host);
	unsigned faults = pci_check(d->host);

	if (faults) {
		begin(d, true);
		say(d,
		    "%u of the firmware's own invariants are broken; the log names them. Please "
		    "report that.",
		    faults);
		end(d);
	}
	d->sb = strbuf_on(d->text, sizeof(d->text));
	if (d->problems) {
		say(d, "Problems: %u.", d->problems);
	} else {
		say(d,
		    "All is well: %u function%s on %u bus%s, each has what it needs, and the "
		    "self-check finds no fault.",
		    s.functions, s.functions == 1 ? "" : "s", s.buses, s.buses == 1 ? "" : "es");
	}
	end(d);
}

unsigned pci_host_doctor(const struct pci_host *host, void (*emit)(void *ctx, const char *line),
			 void *ctx)
{
	struct doctor d = {.host = host, .emit = emit, .ctx = ctx};

	emit(ctx, host->root.node->name);
	for (unsigned pool = PCI_POOLS; pool--;)
		full_space(&d, pool);
	no_window(&d);
	bridges(&d);
	functions(&d);
	extras(&d);
	headroom(&d);
	verdict(&d);
	return d.problems;
}
