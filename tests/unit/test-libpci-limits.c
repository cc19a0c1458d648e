/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses at the limits: sums beyond 64 bits, pages of another size, headroom that is taken back and said so. */
#include "check.h"
#include "fakepci.h"

#include "base/log.h"
#include "pci/regs.h"

#define GIB         (1ull << 30)
#define MIB         (1ull << 20)
#define DF(dev, fn) ((uint8_t)((dev) << 3 | (fn)))

static char said[8192];

static void listen(const char *line, size_t len)
{
	size_t at = strlen(said);

	snprintf(said + at, sizeof(said) - at, "%.*s", (int)len, line);
}

static void boot(struct fake_rig *r, const struct fake_phb *phb)
{
	const char *fault;

	said[0] = '\0';
	log_set_sink(listen);
	log_set_serial_level(LOG_INFO);
	fault = fake_rig_boot(r, phb);
	log_set_sink(NULL);
	CHECK_STR(fault ? fault : "fine", "fine");
}

static struct fake_fn *one_bar(struct fake_rig *r, struct fake_fn *up, uint8_t devfn, uint64_t size,
			       uint32_t type)
{
	struct fake_fn *fn = fake_add_express(r->pci, up, devfn, 0x020000, 0);

	fake_bar(fn, 0, size, type);
	return fn;
}

static void test_sums_beyond_64_bits_are_left_out(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *up = fake_add_bridge(r.pci, NULL, DF(1, 0)), *nic;

	for (unsigned i = 0; i < 4; i++)
		one_bar(&r, i & 1 ? up : NULL, DF(8 + i, 0), 1ull << 63, 0xc);
	fake_sriov(one_bar(&r, NULL, DF(3, 0), 64 * 1024, 0xc), 0xfffe, 1ull << 60, 0xc);
	fake_sriov(one_bar(&r, NULL, DF(4, 0), 64 * 1024, 0xc), 3, 1ull << 62, 0xc);
	nic = one_bar(&r, up, DF(2, 0), 4096, 0);
	boot(&r, &fake_phb_default);
	CHECK(fake_get(nic, PCI_BAR0));
	CHECK_EQ(pci_host_summary(r.host).left_out, 4);
	fake_rig_free(&r);
}

static void test_the_hosts_smallest_alignment_counts(void)
{
	static const uint32_t align[] = {0, 0x1000, 0x20000};
	static const uint32_t apart[] = {0x10000, 0x1000, 0x20000};

	for (unsigned i = 0; i < ARRAY_SIZE(align); i++) {
		struct fake_rig r = fake_rig_new();
		struct fake_phb phb = fake_phb_default;
		struct fake_fn *a = one_bar(&r, NULL, DF(1, 0), 256, 0);
		struct fake_fn *b = one_bar(&r, NULL, DF(2, 0), 256, 0);

		phb.min_align = align[i];
		boot(&r, &phb);
		CHECK_EQ(fake_get(b, PCI_BAR0) - fake_get(a, PCI_BAR0), apart[i]);
		fake_rig_free(&r);
	}
}

static void test_each_step_of_headroom_is_told(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_phb phb = fake_phb_default;

	phb.low_size = 4 * MIB;
	phb.high_size = 32 * GIB;
	fake_add_bridge(r.pci, NULL, DF(2, 0));
	boot(&r, &phb);
	CHECK(strstr(said, "mem32: headroom 64M -> 8M"));
	CHECK(strstr(said, "mem32: headroom 8M -> 1M"));
	CHECK(!strstr(said, "mem32: headroom 1M"));
	CHECK(strstr(said, "mem64: headroom 32G -> 2G"));
	CHECK(strstr(said, "headroom mem32 1M, mem64 2G"));
	CHECK(strstr(said, "self-check: all invariants hold"));
	fake_rig_free(&r);
}

static void test_functions_can_be_told_to_answer_at_what_they_got(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *both = one_bar(&r, NULL, DF(1, 0), 4096, 0);
	struct fake_fn *none = one_bar(&r, NULL, DF(2, 0), 1ull << 60, 4);
	struct fake_fn *io = one_bar(&r, NULL, DF(3, 0), 32, 1);

	fake_bar(both, 1, 32, 1);
	boot(&r, &fake_phb_default);
	pci_host_decode_on(r.host);
	CHECK_EQ(fake_get(both, PCI_COMMAND) & 7, PCI_COMMAND_IO | PCI_COMMAND_MEM);
	CHECK_EQ(fake_get(none, PCI_COMMAND) & 7, 0);
	CHECK_EQ(fake_get(io, PCI_COMMAND) & 7, PCI_COMMAND_IO);
	fake_rig_free(&r);
}

static const struct test tests[] = {
	TEST(test_sums_beyond_64_bits_are_left_out),
	TEST(test_the_hosts_smallest_alignment_counts),
	TEST(test_each_step_of_headroom_is_told),
	TEST(test_functions_can_be_told_to_answer_at_what_they_got),
};
TEST_MAIN(tests)
