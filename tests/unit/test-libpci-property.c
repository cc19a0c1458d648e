/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random machines by the thousand, each set up and judged by its registers, its tree and what was
 * reported. The seed is printed.
 *     test-libpci-property [--seed S] [--first N] [--machines N | --millions N] [--log 1]
 */
#include "check.h"
#include "fakepci-random.h"

#include "base/bytes.h"
#include "base/log.h"
#include "dt/prop.h"
#include "pci/regs.h"

static uint64_t seed = 1, first;
static uint64_t machines = 3000;
static bool show_log;

#define CHECK_MACHINE(n, cond, what)                                                         \
	do {                                                                                 \
		if (!(cond))                                                                 \
			check_fail("--seed %llu --first %llu --machines 1: %s",              \
				   (unsigned long long)seed, (unsigned long long)(n), what); \
	} while (0)

/* ---- what the firmware reported ---- */

static struct {
	unsigned missing;
	uint64_t hash; /* as in struct fake_count */
} reported;

/* "[  0.0] pci: 01:02.0 ethernet@2: bar1 mem32 4K: left out" counts as "01:02.0 bar1". */
static void take_report(const char *line, size_t len)
{
	static const char *const ends[] = {": left out\r\n", ": no window can hold it\r\n",
					   ": register refuses\r\n"};
	const char *bdf = strstr(line, "pci: "), *colon, *space;
	char key[32];
	bool is = false;

	for (unsigned i = 0; i < ARRAY_SIZE(ends); i++)
		is |= len > strlen(ends[i]) &&
		      !memcmp(line + len - strlen(ends[i]), ends[i], strlen(ends[i]));
	if (!is || !bdf || !(colon = strstr(bdf + 13, ": ")) || !(space = strchr(colon + 2, ' ')))
		return;
	snprintf(key, sizeof(key), "%.7s %.*s", bdf + 5, (int)(space - colon - 2), colon + 2);
	reported.missing++;
	reported.hash += fake_hash(key, strlen(key));
}

static void sink(const char *line, size_t len)
{
	if (show_log || (strstr(line, "self-check") && !strstr(line, "all invariants hold")))
		printf("# %.*s\n", (int)len - 2, line);
	take_report(line, len);
}

/* ---- states to compare ---- */

/* A digest of all registers: what QEMU would keep. */
static uint64_t registers(const struct fake_pci *pci)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (struct fake_fn *fn = NULL; (fn = fake_next(pci, fn));)
		for (unsigned i = 0; i < fn->size; i += 8) {
			uint64_t v = get_le64(fn->cfg + i);

			if (v)
				h = (h ^ v ^ (uint64_t)i << 40) * 0x100000001b3ull;
		}
	return h;
}

/* The same of the tree, whatever the order of its nodes. */
static uint64_t properties(const struct dt_node *top)
{
	uint64_t sum = 0;

	for (const struct dt_node *n = top; n; n = dt_next(top, n)) {
		uint64_t at = (uint64_t)(n->parent ? n->parent->phandle : 0) << 32 | n->phandle;

		for (const struct dt_prop *p = n->props; p; p = p->next)
			sum += at * fake_hash((const char *)p->data, p->len) +
			       fake_hash(p->name, strlen(p->name));
	}
	return sum;
}

static uint64_t worst_accesses(const struct fake_pci *pci)
{
	uint64_t fns = 0, bridges = 1;

	for (struct fake_fn *fn = NULL; (fn = fake_next(pci, fn));) {
		fns++;
		bridges += fake_is_bridge(fn);
	}
	return fns * 140 + bridges * 32;
}

/* ---- properties ---- */

static void check_again(struct fake_rig *r, uint64_t n)
{
	uint64_t before = registers(r->pci), tree = properties(r->phb);

	fake_shuffle(r->phb);
	CHECK_EQ(pci_host_setup(r->host), 0);
	CHECK_MACHINE(n, registers(r->pci) == before, "a second setup differs");
	CHECK_MACHINE(n, properties(r->phb) == tree, "a second setup makes another tree");
	fake_enumerate(r->pci);
	pci_host_renumber(r->host);
	CHECK_MACHINE(n, registers(r->pci) == before, "numbers not restored after CAS");
}

static void test_random_machines_hold_all_invariants(void)
{
	unsigned long long full = 0, bars = 0, sure = 0;

	for (uint64_t n = first; n < first + machines; n++) {
		struct fake_count count;
		struct fake_phb phb;
		struct fake_rig r;
		const char *fault;

		fake_random_machine(&r, &phb, seed, n);
		memset(&reported, 0, sizeof(reported));
		fault = fake_rig_boot(&r, &phb);
		CHECK_MACHINE(n, !fault, fault);
		CHECK_MACHINE(n, r.pci->accesses <= worst_accesses(r.pci), "too many accesses");
		fake_verify(r.pci, r.phb, &count);
		bars += count.placed;
		full += count.missing != 0;
		sure += count.surely_fits;
		CHECK_MACHINE(
			n, count.missing == reported.missing && count.missing_hash == reported.hash,
			"what is missing and what was reported differ");
		check_again(&r, n);
		fake_rig_free(&r);
	}
	printf("# seed %llu, machines %llu to %llu: %llu BARs placed; %llu could not have all, "
	       "%llu surely could\n",
	       (unsigned long long)seed, (unsigned long long)first,
	       (unsigned long long)(first + machines - 1), bars, full, sure);
}

/* What machine n gets in windows of this size. */
static struct fake_lots lots_of(uint64_t n, uint64_t low, uint64_t high, uint64_t *bytes)
{
	struct fake_count count;
	struct fake_lots lots;
	struct fake_phb phb;
	struct fake_rig r;
	const char *fault;

	fake_random_machine(&r, &phb, seed, n);
	phb.low_size = low;
	phb.high_size = high;
	fault = fake_rig_boot(&r, &phb);
	CHECK_MACHINE(n, !fault, fault);
	fake_verify(r.pci, r.phb, &count);
	lots = fake_lots(r.pci);
	*bytes = count.bytes;
	fake_rig_free(&r);
	return lots;
}

static bool wider_between(const struct fake_lots *l, uint64_t above, uint64_t upto)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->lot[i].widest > above && l->lot[i].widest <= upto)
			return true;
	return false;
}

/*
 * More space never takes from the more important to give to the less: with the first of them that fares
 * differently, it fares better. Bytes are another matter, but it is rare that they become fewer. Left
 * out are machines with a BAR that goes elsewhere in the larger window: one that was too large for it.
 */
static void test_more_space_takes_from_nobody_more_important(void)
{
	uint64_t fewer = 0, better = 0, n;

	for (n = first; n < first + machines / 10; n++) {
		/* windows of many sizes, one of them larger by anything up to twice */
		uint64_t low = 1ull << (22 + n * 7 % 9), high = 1ull << (24 + n * 13 % 16);
		uint64_t more_low = n & 1 ? low + low / 16 * (1 + n % 16) : low;
		uint64_t more_high = n & 1 ? high : high + high / 16 * (1 + n % 16);
		uint64_t bytes, more_bytes;
		struct fake_lots less = lots_of(n, low, high, &bytes);
		struct fake_lots more = lots_of(n, more_low, more_high, &more_bytes);
		int order = fake_lots_compare(&more, &less);

		CHECK_MACHINE(n, order >= 0 || wider_between(&less, high, more_high),
			      "more space takes from somebody more important");
		better += order > 0;
		fewer += more_bytes < bytes;
		free(less.lot);
		free(more.lot);
	}
	printf("# more space was better for %llu of %llu machines; fewer bytes in %llu\n",
	       (unsigned long long)better, (unsigned long long)(n - first),
	       (unsigned long long)fewer);
	CHECK(fewer <= 3 + (n - first) / 200);
}

static void test_functions_may_vanish_at_any_access(void)
{
	for (uint64_t n = first; n < first + machines / 4; n++) {
		struct fake_fn *victim = NULL;
		struct fake_phb phb;
		struct fake_rig r;
		unsigned made = fake_random_machine(&r, &phb, seed, n);
		uint64_t worst = worst_accesses(r.pci);

		if (made && fake_chance(70))
			for (unsigned i = 1 + fake_rnd(made); i; i--)
				victim = fake_next(r.pci, victim);
		fake_rig_prepare(&r, &phb);
		r.pci->break_at = 1 + fake_rnd((uint32_t)worst / 2);
		r.pci->break_fn = victim;
		CHECK_EQ(pci_host_setup(r.host), 0);
		CHECK_MACHINE(n, r.pci->accesses <= worst, "too many accesses");
		CHECK_MACHINE(n, !pci_host_summary(r.host).faults, "self-check");
		pci_host_renumber(r.host);
		CHECK_EQ(pci_host_setup(r.host), 0);
		CHECK_MACHINE(n, !pci_host_summary(r.host).faults, "self-check, second time");
		fake_rig_free(&r);
	}
}

static const struct test tests[] = {
	TEST(test_random_machines_hold_all_invariants),
	TEST(test_more_space_takes_from_nobody_more_important),
	TEST(test_functions_may_vanish_at_any_access),
};

int main(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		uint64_t v = strtoull(argv[i + 1], NULL, 0);

		if (!strcmp(argv[i], "--seed"))
			seed = v;
		else if (!strcmp(argv[i], "--first"))
			first = v;
		else if (!strcmp(argv[i], "--machines"))
			machines = v;
		else if (!strcmp(argv[i], "--log"))
			show_log = v;
		else if (!strcmp(argv[i], "--millions"))
			machines = v * 1000000;
	}
	printf("# seed %llu\n", (unsigned long long)seed);
	log_set_sink(sink);
	log_set_serial_level(LOG_INFO);
	return run_tests(tests, ARRAY_SIZE(tests));
}
