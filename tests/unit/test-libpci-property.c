/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thousands of random machines, each set up and judged by its registers and its tree. The seed of each
 * run is printed and may be given as the argument, with the number of machines behind it.
 */
#include "check.h"
#include "fakepci.h"

#include "base/log.h"
#include "dt/prop.h"
#include "pci/regs.h"

#define FNS_MAX 260

static uint64_t state, seed = 1;
static unsigned machines = 3000;

static uint32_t rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % below);
}

static bool chance(unsigned percent)
{
	return rnd(100) < percent;
}

/* What a random machine may contain. */
struct mood {
	unsigned fns, depth;
	unsigned size_bits; /* the largest BAR is 2^this */
	unsigned broken;    /* percent of bridges that lack something */
	bool modest;        /* everything certainly fits */
};

static unsigned made;

static void random_bars(struct fake_fn *fn, const struct mood *m, bool bridge)
{
	unsigned bars = bridge ? 2 : 6;

	for (unsigned i = 0; i < bars; i++) {
		static const uint32_t types[] = {0x0, 0x8, 0x4, 0xc};
		uint32_t type = types[rnd(4)];
		unsigned bits = 4 + rnd(chance(70) ? 12 : m->size_bits - 4);

		if (chance(bridge ? 80 : 50))
			continue;
		if (chance(20) && !bridge && !m->modest) {
			fake_bar(fn, i, 4u << rnd(7), 1);
			continue;
		}
		if (!(type & 4) || i + 1 == bars) {
			type &= 8;
			bits = bits > 30 ? 30 : bits;
		}
		fake_bar(fn, i, 1ull << bits, type);
		i += (type & 4) != 0;
	}
	if (chance(25))
		fake_rom(fn, 2048u << rnd(m->modest ? 8 : 12));
}

static void random_bus(struct fake_pci *pci, struct fake_fn *parent, const struct mood *m,
		       unsigned depth, bool link);

static void random_bridge(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
			  const struct mood *m, unsigned depth)
{
	static const uint8_t ports[] = {PCI_EXP_ROOT_PORT, PCI_EXP_UPSTREAM, PCI_EXP_DOWNSTREAM,
					PCI_EXP_TO_PCI};
	uint8_t port = ports[rnd(4)];
	bool express = chance(60);
	struct fake_fn *fn = express ? fake_add_port(pci, parent, devfn, port)
				     : fake_add_bridge(pci, parent, devfn);

	if (chance(15))
		fn->cfg[PCI_HEADER] |= PCI_HEADER_MULTI;
	if (chance(m->broken))
		fake_no_window(fn, rnd(5));
	random_bars(fn, m, true);
	random_bus(pci, fn, m, depth + 1,
		   express && (port == PCI_EXP_ROOT_PORT || port == PCI_EXP_DOWNSTREAM));
}

static void random_fn(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
		      const struct mood *m, unsigned depth)
{
	static const uint32_t classes[] = {0x020000, 0x010802, 0x030000, 0x0c0330,
					   0x040300, 0x00ff00, 0xff0000, 0x078000};
	struct fake_fn *fn;

	made++;
	if (depth < m->depth && chance(30)) {
		random_bridge(pci, parent, devfn, m, depth);
		return;
	}
	fn = chance(50) ? fake_add(pci, parent, devfn, classes[rnd(8)])
			: fake_add_express(pci, parent, devfn, classes[rnd(8)], 0);
	random_bars(fn, m, false);
}

static void random_bus(struct fake_pci *pci, struct fake_fn *parent, const struct mood *m,
		       unsigned depth, bool link)
{
	unsigned slots = link ? rnd(2) : rnd(depth ? 6 : 33);

	for (unsigned i = 0, dev = link ? 0 : rnd(4); i < slots && dev < 32 && made < m->fns;
	     i++, dev += 1 + rnd(3)) {
		unsigned fns = chance(15) ? 1 + rnd(8) : 1;

		random_fn(pci, parent, (uint8_t)(dev << 3), m, depth);
		for (unsigned f = 1; f < fns; f++) {
			struct fake_fn *zero = parent ? parent->child : pci->root;

			while (zero->devfn != dev << 3)
				zero = zero->next;
			zero->cfg[PCI_HEADER] |= PCI_HEADER_MULTI;
			random_fn(pci, parent, (uint8_t)(dev << 3 | f), m, depth);
		}
	}
}

static struct mood random_mood(void)
{
	static const unsigned bits[] = {16, 20, 24, 28, 32, 36, 39};
	struct mood m = {.fns = 1 + rnd(chance(90) ? 60 : FNS_MAX - 1),
			 .depth = rnd(9),
			 .size_bits = bits[rnd(7)],
			 .broken = chance(30) ? 50 : 0};

	m.modest = chance(25);
	if (m.modest) {
		m.size_bits = 20;
		m.broken = 0;
	}
	return m;
}

static struct fake_phb random_phb(const struct mood *m)
{
	struct fake_phb phb = fake_phb_default;

	if (m->modest)
		return phb;
	if (chance(20))
		phb.high_size = 0;
	else if (chance(20))
		phb.high_size = 1ull << (20 + rnd(20));
	if (chance(20))
		phb.low_size = chance(20) ? 0 : 1u << (16 + rnd(15));
	if (chance(10))
		phb.io_size = 0x1000u * rnd(16);
	if (chance(15))
		phb.last_bus = rnd(20);
	return phb;
}

static struct mood build(uint64_t n, struct fake_rig *r, struct fake_phb *phb)
{
	struct mood m;

	state = (seed << 20) + n * 0x9e3779b97f4a7c15ull + 1;
	rnd(2);
	rnd(2);
	m = random_mood();
	*phb = random_phb(&m);
	made = 0;
	*r = fake_rig_new();
	random_bus(r->pci, NULL, &m, 0, false);
	return m;
}

/* A digest of all registers: what QEMU would keep. */
static uint64_t digest(const struct fake_pci *pci)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (struct fake_fn *fn = NULL; (fn = fake_next(pci, fn));)
		for (unsigned i = 0; i < fn->size; i++)
			h = (h ^ fn->cfg[i]) * 0x100000001b3ull;
	return h;
}

static unsigned worst_accesses(const struct fake_pci *pci)
{
	unsigned fns = 0, bridges = 1;

	for (struct fake_fn *fn = NULL; (fn = fake_next(pci, fn));) {
		fns++;
		bridges += (fn->cfg[PCI_HEADER] & 0x7f) == 1;
	}
	return fns * 120 + bridges * 32;
}

#define CHECK_MACHINE(n, cond, what)                                                         \
	do {                                                                                 \
		if (!(cond))                                                                 \
			check_fail("seed %llu, machine %u: %s", (unsigned long long)seed, n, \
				   what);                                                    \
	} while (0)

static void test_random_machines_hold_all_invariants(void)
{
	unsigned full = 0, bars = 0;

	for (unsigned n = 0; n < machines; n++) {
		struct fake_rig r;
		struct fake_phb phb;
		struct mood m = build(n, &r, &phb);
		const char *fault = fake_rig_boot(&r, &phb);
		unsigned placed = 0, missing = 0;
		uint64_t before;

		CHECK_MACHINE(n, !fault, fault);
		CHECK_MACHINE(n, r.pci->accesses <= worst_accesses(r.pci), "too many accesses");
		fake_verify(r.pci, r.phb, &placed, &missing);
		bars += placed;
		full += missing != 0;
		CHECK_MACHINE(n, !m.modest || !missing, "something that fits was left out");
		CHECK_MACHINE(n, !missing == !pci_host_summary(r.host).left_out || missing,
			      "left out, but nothing is missing");
		before = digest(r.pci);
		CHECK_EQ(pci_host_setup(r.host), 0);
		CHECK_MACHINE(n, digest(r.pci) == before, "a second setup differs");
		fake_enumerate(r.pci);
		pci_host_renumber(r.host);
		CHECK_MACHINE(n, digest(r.pci) == before, "numbers not restored after CAS");
		fake_rig_free(&r);
	}
	printf("# seed %llu: %u machines, %u BARs placed, %u machines could not have all\n",
	       (unsigned long long)seed, machines, bars, full);
}

/* How many functions of machine n get less than they ask for in windows of this size. */
static unsigned left_out_of(unsigned n, uint64_t low, uint64_t high)
{
	struct fake_rig r;
	struct fake_phb phb;
	unsigned left_out;

	build(n, &r, &phb);
	phb.low_size = low;
	phb.high_size = high;
	CHECK_MACHINE(n, !fake_rig_boot(&r, &phb), "an invariant");
	left_out = pci_host_summary(r.host).left_out;
	fake_rig_free(&r);
	return left_out;
}

static void test_more_space_never_costs_a_function(void)
{
	for (unsigned n = 0; n < machines / 10; n++) {
		unsigned less = left_out_of(n, 0x10000000, 1ull << 36);
		unsigned more = left_out_of(n, 0x20000000, 1ull << 37);

		if (more > less)
			check_fail("seed %llu, machine %u: %u left out, with more space %u",
				   (unsigned long long)seed, n, less, more);
	}
}

static void test_functions_may_vanish_at_any_access(void)
{
	for (unsigned n = 0; n < machines / 4; n++) {
		struct fake_rig r;
		struct fake_phb phb;
		struct fake_fn *victim = NULL;
		unsigned at;

		build(n, &r, &phb);
		at = 1 + rnd(worst_accesses(r.pci) / 2);
		if (made && chance(70))
			for (unsigned i = 1 + rnd(made); i; i--)
				victim = fake_next(r.pci, victim);
		fake_rig_prepare(&r, &phb);
		r.pci->break_at = at;
		r.pci->break_fn = victim;
		CHECK_EQ(pci_host_setup(r.host), 0);
		CHECK_MACHINE(n, r.pci->accesses <= worst_accesses(r.pci), "too many accesses");
		CHECK_MACHINE(n, !pci_host_summary(r.host).faults, "self-check");
		pci_host_renumber(r.host);
		CHECK_EQ(pci_host_setup(r.host), 0);
		CHECK_MACHINE(n, !pci_host_summary(r.host).faults, "self-check, second time");
		fake_rig_free(&r);
	}
}

static const struct test tests[] = {
	TEST(test_random_machines_hold_all_invariants),
	TEST(test_more_space_never_costs_a_function),
	TEST(test_functions_may_vanish_at_any_access),
};

static void to_stdout(const char *line, size_t len)
{
	printf("# %.*s\n", (int)len - 2, line);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		machines = (unsigned)strtoul(argv[2], NULL, 0);
	log_set_sink(to_stdout);
	log_set_serial_level(LOG_ERR);
	return run_tests(tests, ARRAY_SIZE(tests));
}
