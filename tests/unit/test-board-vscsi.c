/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual SCSI host: its queue, SRP, all its addresses, with and without bypass; and bad partners. */
#include "check.h"

#include "fakeheap.h"
#include "fakehv.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "fakevscsi.h"

#include "../../board-qemu/board.h"

#include "base/bytes.h"
#include "base/err.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/scsi.h"
#include "scsi/scsi.h"

#define HOST "/vdevice/v-scsi@71000003"
#define BUF  0x100000ull

static struct dt_node *node;

static void start(bool bypass)
{
	struct dt_cells c = dt_cells_new(5);

	fakeplatform_start(FAKE_COMPLETE);
	fakeram_with_foreign = true;
	fakehv_start(of_tree());
	fakehv_add_window(FAKEVSCSI_UNIT, 0x10000000);
	fakevscsi_start();
	fakehv.crq.no_bypass = !bypass;
	node = dt_child_get(of_tree(), dt_path_find(of_tree(), "/vdevice"), "v-scsi@71000003");
	dt_prop_set_str(node, "device_type", "vscsi");
	dt_prop_set_str(node, "compatible", "IBM,v-scsi");
	dt_prop_set_u32(node, "reg", FAKEVSCSI_UNIT);
	dt_prop_set_u32(node, "#address-cells", 2);
	dt_prop_set_u32(node, "#size-cells", 0);
	dt_cells_u32(&c, FAKEVSCSI_UNIT);
	dt_cells_u64(&c, 0);
	dt_cells_u64(&c, 0x10000000);
	dt_cells_set(&c, node, "ibm,my-dma-window");
	vscsi_bind_all();
}

static void stop(void)
{
	of_quiesce();
	CHECK_EQ(fakehv.crq.len, 0);
	CHECK(!fakehv.crq.bypass);
	CHECK_EQ(fakehv_mapped(FAKEVSCSI_UNIT), 0);
	fakeplatform_stop();
	fakescsi_reset();
}

static struct fakescsi_unit *add(uint8_t id, unsigned channel, unsigned lun, uint8_t type)
{
	return fakescsi_add(id, (uint16_t)(channel << 5 | lun), type, type == 5 ? 2048 : 512, 5000);
}

static int64_t read_blocks(const char *path, uint64_t block, uint64_t n)
{
	cell_t cells[4] = {BUF, block, n};
	struct stack st = {cells, 3, ARRAY_SIZE(cells)};
	struct instance *in;
	int err = instance_open(path, &in);

	if (err)
		return err;
	err = instance_call(in, "read-blocks", &st);
	instance_close(in);
	return err ? err : (int64_t)cells[0];
}

static void check_pattern(const struct fakescsi_unit *u, uint64_t block, uint64_t n)
{
	uint64_t from = block * u->block_size;

	for (uint64_t at = 0; at < n * u->block_size; at += 8)
		CHECK_EQ(get_be64(fakeram_bytes(BUF + at)), fakescsi_pattern(u, from + at));
}

static void test_binding_touches_nothing(void)
{
	start(true);
	CHECK_EQ(fakehv.calls, 0);
	CHECK_STR(dt_prop_get_str(node, "device_type"), "vscsi");
	stop();
	CHECK_EQ(fakehv.crq.registers, 0);
}

static void test_disks_are_read_with_and_without_bypass(void)
{
	for (int bypass = 0; bypass < 2; bypass++) {
		struct fakescsi_unit *u;

		start(bypass);
		u = add(2, 0, 1, SCSI_TYPE_DISK);
		CHECK_EQ(read_blocks(HOST "/disk@8201000000000000", 100, 3000), 3000);
		check_pattern(u, 100, 3000);
		CHECK_EQ(fakevscsi.most_bytes, 3000 * 512);
		CHECK_EQ(fakehv.crq.bypass, bypass);
		CHECK_EQ(fakevscsi.logins, 1);
		CHECK_EQ(fakehv.crq.registers, 1);
		/* only the ring and the information units stay open to the device */
		CHECK_EQ(fakehv_mapped(FAKEVSCSI_UNIT), bypass ? 0 : 2);
		stop();
		CHECK_EQ(fakehv.crq.frees, 1);
	}
}

static void test_blocks_are_written(void)
{
	cell_t cells[4] = {BUF, 1000, 1};
	struct stack st = {cells, 3, ARRAY_SIZE(cells)};
	struct fakescsi_unit *u;
	struct instance *in;

	start(false);
	u = add(0, 0, 0, SCSI_TYPE_DISK);
	memset(fakeram_bytes(BUF), 0x5a, 512);
	CHECK_EQ(instance_open(HOST "/disk@8000000000000000:0", &in), 0);
	CHECK_EQ(instance_call(in, "write-blocks", &st), 0);
	CHECK_EQ(cells[0], 1);
	instance_close(in);
	CHECK(u->written && u->written_at == 1000 && u->written[511] == 0x5a);
	stop();
}

static void test_every_channel_id_and_lun_is_found(void)
{
	static const struct {
		uint8_t id, channel, lun, type;
	} units[] = {{0, 0, 0, 0},   {0, 0, 31, 5}, {0, 7, 0, 0}, {63, 0, 0, 0},
		     {63, 7, 31, 5}, {5, 3, 2, 0},  {5, 3, 3, 0}};

	for (int list = 0; list < 2; list++) {
		start(true);
		fakevscsi.no_list = !list;
		fakescsi.no_report_luns = !list;
		for (unsigned i = 0; i < ARRAY_SIZE(units); i++)
			add(units[i].id, units[i].channel, units[i].lun, units[i].type);
		if (!list) /* then each target must have a LUN 0 */
			add(5, 3, 0, 0), add(63, 7, 0, 0);
		of_populate_all();
		for (unsigned i = 0; i < ARRAY_SIZE(units); i++) {
			char path[64];

			snprintf(path, sizeof(path), HOST "/disk@%X000000000000",
				 0x8000 | units[i].id << 8 | units[i].channel << 5 | units[i].lun);
			CHECK(of_find_node(path));
			CHECK_EQ(read_blocks(path, 7, 3), 3);
			check_pattern(fakescsi_find(units[i].id, (uint16_t)(units[i].channel << 5 |
									    units[i].lun)),
				      7, 3);
		}
		CHECK(!of_find_node(HOST "/disk@8001000000000000"));
		stop();
	}
}

static void test_a_host_without_units_costs_two_commands(void)
{
	start(true);
	of_populate_all();
	CHECK(!node->child);
	CHECK_EQ(fakevscsi.commands, 2); /* the list names LUN 0 of id 0, who is nobody */
	stop();
}

static void test_a_queue_left_behind_is_replaced(void)
{
	start(true);
	add(0, 0, 0, 0);
	fakehv.crq.taken = 1;
	CHECK(of_find_node(HOST "/disk@8000000000000000"));
	stop();
	start(true);
	add(0, 0, 0, 0);
	fakehv.crq.reg_result = 2; /* H_CLOSED: nobody there yet */
	CHECK(of_find_node(HOST "/disk@8000000000000000"));
	stop();
}

static void test_many_commands_go_round_the_ring(void)
{
	start(true);
	add(0, 0, 0, 0);
	for (unsigned i = 0; i < 600; i++)
		CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", i, 1), 1);
	CHECK(fakevscsi.commands > 600);
	stop();
}

/* ---- partners that do not keep to the rules ------------------------------------------------ */

static void check_no_disk(void)
{
	CHECK(!of_find_node(HOST "/disk@8000000000000000"));
	stop();
}

static void test_a_queue_that_is_refused_leaves_nothing_behind(void)
{
	start(true);
	add(0, 0, 0, 0);
	fakehv.crq.reg_result = -4;
	check_no_disk();
	start(false);
	fakehv.crq.taken = 100;
	check_no_disk();
}

static void test_a_partner_that_does_not_greet_is_left_alone(void)
{
	for (unsigned i = 0; i < 2; i++) {
		start(i);
		add(0, 0, 0, 0);
		fakehv.crq.hello = i ? 1 : 0xc0ff000000000000;
		check_no_disk();
		CHECK_EQ(fakehv.crq.frees, 1);
	}
}

static void test_a_login_refused_ends_the_start(void)
{
	start(false);
	add(0, 0, 0, 0);
	fakevscsi.type = 0xc2;
	check_no_disk();
}

static void test_silence_cuts_the_device_off_from_memory(void)
{
	for (int bypass = 0; bypass < 2; bypass++) {
		start(bypass);
		add(0, 0, 0, 0);
		CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 1, 1), 1);
		fakevscsi.silent_from = 1;
		CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 2, 1), 0);
		CHECK_EQ(fakehv.crq.len, 0);
		CHECK(!fakehv.crq.bypass);
		CHECK_EQ(fakehv_mapped(FAKEVSCSI_UNIT), 0);
		fakevscsi.silent_from = 0;
		CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 3, 1), 0);
		stop();
	}
}

static void test_a_transport_event_ends_the_host(void)
{
	start(true);
	add(0, 0, 0, 0);
	CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 1, 1), 1);
	fakevscsi.event = true;
	CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 2, 1), 0);
	CHECK_EQ(fakehv.crq.len, 0);
	stop();
}

static void test_answers_for_others_are_passed_over(void)
{
	start(true);
	add(0, 0, 0, 0);
	fakevscsi.wrong_tag = true;
	CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 1, 9), 9);
	fakevscsi.wrong_tag = false;
	fakevscsi.wrong_iu_tag = true;
	CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 20, 1), 0);
	fakevscsi.wrong_iu_tag = false;
	CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 20, 1), 1);
	stop();
}

static void test_failures_of_the_transport_fail_the_read(void)
{
	start(false);
	add(0, 0, 0, 0);
	CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 1, 1), 1);
	fakevscsi.crq_status = 0x10;
	CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 2, 1), 0);
	fakevscsi.crq_status = 0;
	fakevscsi.type = 7;
	CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 3, 1), 0);
	fakevscsi.type = 0;
	CHECK_EQ(read_blocks(HOST "/disk@8000000000000000", 4, 1), 1);
	stop();
}

static void test_lengths_beyond_the_answer_are_cut(void)
{
	static const uint32_t lens[] = {1, 17, 219, 220, 221, 256, 0x7fffffff, UINT32_MAX};

	for (unsigned i = 0; i < ARRAY_SIZE(lens); i++) {
		start(true);
		add(0, 0, 0, 0)->attentions = 3;
		fakevscsi.sense_len = lens[i];
		fakevscsi.rsp_len = i & 1 ? lens[i] : 0;
		(void)of_find_node(HOST "/disk@8000000000000000");
		(void)read_blocks(HOST "/disk@8000000000000000", 1, 1);
		stop();
	}
}

static const struct test tests[] = {
	TEST(test_binding_touches_nothing),
	TEST(test_disks_are_read_with_and_without_bypass),
	TEST(test_blocks_are_written),
	TEST(test_every_channel_id_and_lun_is_found),
	TEST(test_a_host_without_units_costs_two_commands),
	TEST(test_a_queue_left_behind_is_replaced),
	TEST(test_many_commands_go_round_the_ring),
	TEST(test_a_queue_that_is_refused_leaves_nothing_behind),
	TEST(test_a_partner_that_does_not_greet_is_left_alone),
	TEST(test_a_login_refused_ends_the_start),
	TEST(test_silence_cuts_the_device_off_from_memory),
	TEST(test_a_transport_event_ends_the_host),
	TEST(test_answers_for_others_are_passed_over),
	TEST(test_failures_of_the_transport_fail_the_read),
	TEST(test_lengths_beyond_the_answer_are_cut),
};
TEST_MAIN(tests)
