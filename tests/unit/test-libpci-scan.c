/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding functions and numbering buses: topologies, broken functions, hard-wired bridges. */
#include "check.h"
#include "fakepci.h"

#include "dt/prop.h"
#include "pci/pci.h"
#include "pci/regs.h"

/* One machine under test. */
struct rig {
	struct fake_pci *pci;
	struct dt_tree tree;
	struct dt_node *phb;
	struct pci_host *host;
};

static struct rig rig_new(void)
{
	return (struct rig){.pci = fake_pci_new()};
}

static void rig_boot(struct rig *r, const struct fake_phb *phb)
{
	const char *fault;

	fake_enumerate(r->pci);
	r->phb = fake_tree(r->pci, &r->tree, phb);
	r->host = pci_host_new(&r->tree, r->phb, &r->pci->bus);
	CHECK(r->host);
	CHECK_EQ(pci_host_setup(r->host), 0);
	fault = fake_verify(r->pci, r->phb, NULL, NULL);
	CHECK_STR(fault ? fault : "fine", "fine");
	CHECK_EQ(pci_host_summary(r->host).faults, 0);
}

static void rig_free(struct rig *r)
{
	pci_host_free(r->host);
	dt_tree_free(&r->tree);
	fake_pci_free(r->pci);
}

static void test_an_empty_host_is_fine(void)
{
	struct rig r = rig_new();

	rig_boot(&r, &fake_phb_default);
	CHECK_EQ(pci_host_summary(r.host).functions, 0);
	rig_free(&r);
}

static void test_one_function_gets_its_bars(void)
{
	struct rig r = rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, 0, 0x020000);

	fake_bar(fn, 0, 32, 1);
	fake_bar(fn, 1, 4096, 0);
	fake_bar(fn, 4, 16384, 0xc);
	fake_rom(fn, 0x40000);
	rig_boot(&r, &fake_phb_default);
	CHECK_EQ(pci_host_summary(r.host).left_out, 0);
	CHECK_EQ(fake_get(fn, 0x10), 0x1001);
	CHECK_EQ(fake_get(fn, 0x20) & ~0xfu, 0);
	CHECK_EQ(fake_get(fn, 0x24), 0x2100);
	rig_free(&r);
}

static const struct test tests[] = {
	TEST(test_an_empty_host_is_fine),
	TEST(test_one_function_gets_its_bars),
};
TEST_MAIN(tests)
