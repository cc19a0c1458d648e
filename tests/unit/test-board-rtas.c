/* SPDX-License-Identifier: BSD-2-Clause */
/* RTAS calls, configuration space through them, the console's hypercall, instantiate-rtas. */
#include "check.h"

#include "fakehv.h"
#include "fakepci.h"
#include "fakeplatform.h"
#include "fakeram.h"

#include "../../board-qemu/board.h"
#include "../../board-qemu/hv.h"
#include "../../board-qemu/rtas.h"

#include "base/bytes.h"
#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/method.h"

static struct fake_pci *pci;

static void start(void)
{
	fakeplatform_start(FAKE_TREE_ONLY);
	fakehv_start(of_tree());
	pci = fake_pci_new();
	fakehv.pci = &pci->bus;
}

static void stop(void)
{
	fake_pci_free(pci);
	fakeplatform_stop();
}

static int read_config(uint32_t address, uint32_t size, uint32_t ret[2])
{
	static struct rtas_fn fn = {"ibm,read-pci-config", 0};
	uint32_t arg[4] = {address, (uint32_t)(FAKEHV_BUID >> 32), (uint32_t)FAKEHV_BUID, size};

	return rtas_call(&fn, arg, 4, ret, 2);
}

static void test_results_come_back_in_order(void)
{
	uint32_t ret[2];

	start();
	fake_add(pci, NULL, 8, 0x020000);
	CHECK_EQ(read_config(0x800, 4, ret), 0);
	CHECK_EQ(ret[0], 0);
	CHECK_EQ(ret[1], 0x10001af4);
	stop();
}

static void test_cells_a_failed_call_left_alone_are_all_ones_not_the_last_value(void)
{
	uint32_t ret[2];

	start();
	fake_add(pci, NULL, 8, 0x020000);
	CHECK_EQ(read_config(0x800, 4, ret), 0);
	CHECK_EQ(read_config(0x1000, 4, ret), 0); /* nobody at 00:02.0 */
	CHECK_EQ(ret[0], UINT32_MAX);
	CHECK_EQ(ret[1], UINT32_MAX);
	stop();
}

static void test_a_call_rtas_does_not_offer_is_refused_without_a_hypercall(void)
{
	struct rtas_fn fn = {"ibm,no-such-call", 0};
	uint32_t ret[1] = {7};

	start();
	CHECK_EQ(rtas_call(&fn, NULL, 0, ret, 1), E_UNSUPP);
	CHECK_EQ(ret[0], 7);
	CHECK_EQ(fakehv.rtas_calls, 0);
	stop();
}

static void test_too_many_cells_are_refused(void)
{
	struct rtas_fn fn = {"quiesce", 0};
	uint32_t cell[17] = {0};

	start();
	CHECK_EQ(rtas_call(&fn, cell, 16, cell, 1), E_INVAL);
	stop();
}

static void test_the_terminal_is_tried_again_while_it_is_busy(void)
{
	start();
	fakehv.busy = 5;
	CHECK_EQ(condev_write(vty_early(), "twenty characters ab", 20), 20);
	CHECK_EQ(fakehv.sent_len, 20);
	CHECK(!memcmp(fakehv.sent, "twenty characters ab", 20));
	stop();
}

static void test_a_terminal_busy_for_ever_ends_at_the_deadline(void)
{
	start();
	fakehv.busy = UINT32_MAX;
	CHECK_EQ(condev_write(vty_early(), "x", 1), 0);
	stop();
}

static int instantiate(uint64_t base, cell_t *result)
{
	const struct method *m;
	cell_t cells[2] = {base};
	struct stack st = {cells, 1, 2};
	int err;

	rtas_init();
	m = method_find(dt_path_find(of_tree(), "/rtas"), "instantiate-rtas", 16);
	CHECK(m);
	err = method_call(m, NULL, &st);
	*result = st.depth ? cells[0] : 0;
	return err;
}

static void test_instantiate_rtas_writes_exactly_the_twenty_bytes_the_ultravisor_hashes(void)
{
	static const uint32_t want[] = {0x7c641b78, 0x3c600000, 0x6063f000, 0x44000022, 0x4e800020};
	const struct dt_node *node;
	cell_t entry;

	start();
	memset(fakeram_bytes(0x100000), 0xee, 0x1000);
	CHECK_EQ(instantiate(0x100000, &entry), 0);
	CHECK_EQ(entry, 0x100000);
	for (unsigned i = 0; i < ARRAY_SIZE(want); i++)
		CHECK_EQ(get_be32(fakeram_bytes(0x100000 + 4 * i)), want[i]);
	CHECK_EQ(fakeram_bytes(0x100000)[20], 0);
	CHECK_EQ(fakeram_bytes(0x100000)[0x82b], 0);
	CHECK_EQ(fakeram_bytes(0x100000)[0x82c], 0xee);
	node = dt_path_find(of_tree(), "/rtas");
	CHECK_EQ(dt_prop_u32_or(node, "slof,rtas-base", 0), 0x100000);
	CHECK_EQ(dt_prop_u32_or(node, "slof,rtas-size", 0), 0x82c);
	stop();
}

static void test_instantiate_rtas_refuses_memory_that_is_not_the_clients(void)
{
	static const uint64_t bad[] = {0, 0x100, FAKERAM_BYTES - 0x100, 0xfffff000, 1ull << 40};
	cell_t entry;

	start();
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(instantiate(bad[i], &entry));
	CHECK(!dt_prop_find(dt_path_find(of_tree(), "/rtas"), "slof,rtas-base"));
	stop();
}

static const struct test tests[] = {
	TEST(test_results_come_back_in_order),
	TEST(test_cells_a_failed_call_left_alone_are_all_ones_not_the_last_value),
	TEST(test_a_call_rtas_does_not_offer_is_refused_without_a_hypercall),
	TEST(test_too_many_cells_are_refused),
	TEST(test_the_terminal_is_tried_again_while_it_is_busy),
	TEST(test_a_terminal_busy_for_ever_ends_at_the_deadline),
	TEST(test_instantiate_rtas_writes_exactly_the_twenty_bytes_the_ultravisor_hashes),
	TEST(test_instantiate_rtas_refuses_memory_that_is_not_the_clients),
};
TEST_MAIN(tests)
