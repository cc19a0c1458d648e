/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual Ethernet over a model of QEMU's: frames both ways, with and without bypass; and bad entries. */
#include "check.h"

#include "fakeheap.h"
#include "fakehv.h"
#include "fakeplatform.h"
#include "fakeram.h"

#include "../../board-qemu/board.h"

#include "base/bytes.h"
#include "base/err.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/net.h"

#define UNIT 0x71000002u
#define NIC  "/vdevice/l-lan@71000002"
#define BUF  0x100000ull
#define POOL 4096u

/* ---- QEMU's side ---------------------------------------------------------------------------- */

static struct lan {
	bool open;
	uint64_t list, filter, queue;
	uint32_t queue_len, at;
	uint8_t toggle;
	uint64_t pool[POOL];
	unsigned n, frees, registers;
	uint8_t sent[2048];
	uint32_t sent_len;
	unsigned sends;
	int64_t send_result, add_result;
} lan;

static uint32_t length_of(uint64_t d)
{
	return (uint32_t)(d >> 32) & 0xffffff;
}

static int64_t lan_register(const uint64_t *reg)
{
	uint8_t zero[4096] = {0};

	if (lan.open)
		return -16;
	if (reg[2] % 4096 || reg[4] % 4096 || !(reg[3] >> 63) || length_of(reg[3]) % 16)
		return -4;
	lan.list = reg[2];
	lan.filter = reg[4];
	lan.queue = reg[3] & 0xffffffff;
	lan.queue_len = length_of(reg[3]);
	lan.at = 0;
	lan.toggle = 0x80;
	lan.n = 0;
	lan.open = true;
	lan.registers++;
	fakehv_vio_write(lan.list, zero, 4096);
	fakehv_vio_write(lan.filter, zero, 4096);
	fakehv_vio_write(lan.queue, zero, lan.queue_len);
	return 0;
}

static int64_t lan_call(const uint64_t *reg)
{
	CHECK_EQ(reg[1], UNIT);
	if (reg[0] == 0x114)
		return lan_register(reg);
	if (!lan.open)
		return -16;
	if (reg[0] == 0x118) {
		lan.open = false;
		lan.frees++;
	} else if (reg[0] == 0x11c) {
		if (lan.add_result)
			return lan.add_result;
		CHECK(reg[2] >> 63 && length_of(reg[2]) >= 1526 && reg[2] % 4 == 0);
		CHECK(lan.n < POOL);
		lan.pool[lan.n++] = reg[2];
	} else {
		CHECK_EQ(reg[8], 0);
		if (lan.send_result)
			return lan.send_result;
		lan.sent_len = length_of(reg[2]);
		lan.sends++;
		fakehv_vio_read(reg[2] & 0xffffffff, lan.sent, lan.sent_len);
	}
	return 0;
}

/* An entry as it is told to the guest. */
static void put_entry(uint8_t control, uint16_t offset, uint32_t len, uint64_t correlator)
{
	uint8_t e[16] = {0};

	put_be16(e + 2, offset);
	put_be32(e + 4, len);
	put_be64(e + 8, correlator);
	e[0] = (uint8_t)(lan.toggle | control);
	fakehv_vio_write(lan.queue + lan.at, e, 16);
	lan.at += 16;
	if (lan.at == lan.queue_len) {
		lan.at = 0;
		lan.toggle ^= 0x80;
	}
}

static bool arrive(const void *frame, uint32_t len)
{
	uint8_t correlator[8];
	uint64_t buffer;

	if (!lan.n)
		return false;
	buffer = lan.pool[0] & 0xffffffff;
	memmove(lan.pool, lan.pool + 1, --lan.n * sizeof(lan.pool[0]));
	fakehv_vio_read(buffer, correlator, 8);
	fakehv_vio_write(buffer + 8, frame, len);
	put_entry(0x40, 8, len, get_be64(correlator));
	return true;
}

/* ---- the machine ---------------------------------------------------------------------------- */

static struct dt_node *node;

static void start(bool bypass)
{
	static const uint8_t mac[8] = {0, 0, 0x52, 0x54, 0, 0x12, 0x34, 0x57};
	struct dt_cells c = dt_cells_new(5);

	memset(&lan, 0, sizeof(lan));
	fakeplatform_start(FAKE_COMPLETE);
	fakeram_with_foreign = true;
	fakehv_start(of_tree());
	fakehv_add_window(UNIT, 0x10000000);
	fakehv.crq.unit = UNIT;
	fakehv.crq.no_bypass = !bypass;
	fakehv.lan = lan_call;
	node = dt_child_get(of_tree(), dt_path_find(of_tree(), "/vdevice"), "l-lan@71000002");
	dt_prop_set_str(node, "compatible", "IBM,l-lan");
	dt_prop_set_u32(node, "reg", UNIT);
	dt_prop_set(node, "local-mac-address", mac, 8);
	dt_cells_u32(&c, UNIT);
	dt_cells_u64(&c, 0);
	dt_cells_u64(&c, 0x10000000);
	dt_cells_set(&c, node, "ibm,my-dma-window");
	llan_bind_all();
}

static void stop(void)
{
	of_quiesce();
	CHECK(!lan.open);
	CHECK(!fakehv.crq.bypass);
	CHECK_EQ(fakehv_mapped(UNIT), 0);
	fakeplatform_stop();
}

static struct instance *open_nic(void)
{
	struct instance *in;

	CHECK_EQ(instance_open(NIC, &in), 0);
	return in;
}

static int64_t transfer(struct instance *in, const char *method, uint64_t len)
{
	cell_t cells[4] = {BUF, len};
	struct stack st = {cells, 2, ARRAY_SIZE(cells)};

	CHECK_EQ(instance_call(in, method, &st), 0);
	return (int64_t)cells[0];
}

static void test_binding_touches_nothing(void)
{
	start(true);
	CHECK_EQ(fakehv.calls, 0);
	CHECK_STR(dt_prop_get_str(node, "device_type"), "network");
	CHECK_EQ(dt_prop_u32_or(node, "address-bits", 0), 48);
	of_refresh(node); /* its address is known */
	CHECK_EQ(fakehv.calls, 0);
	stop();
}

static void test_frames_go_out_and_come_in(void)
{
	for (int bypass = 0; bypass < 2; bypass++) {
		struct instance *in;
		uint8_t frame[1514];

		start(bypass);
		in = open_nic();
		CHECK_EQ(lan.n, 128);
		CHECK_EQ(fakehv.crq.bypass, bypass);
		CHECK_EQ(dt_prop_find(node, "mac-address")->len, 6);
		CHECK_EQ(dt_prop_find(node, "mac-address")->data[0], 0x52);
		CHECK_EQ(transfer(in, "read", 2048), -2);
		for (unsigned i = 0; i < sizeof(frame); i++)
			frame[i] = (uint8_t)(i * 7);
		memcpy(fakeram_bytes(BUF), frame, sizeof(frame));
		CHECK_EQ(transfer(in, "write", 1514), 1514);
		CHECK_EQ(lan.sent_len, 1514);
		CHECK(!memcmp(lan.sent, frame, 1514));
		CHECK_EQ(transfer(in, "write", 1515), -1);
		CHECK_EQ(transfer(in, "write", 13), -1);
		CHECK(arrive(frame, 1514));
		memset(fakeram_bytes(BUF), 0, 2048);
		CHECK_EQ(transfer(in, "read", 2048), 1514);
		CHECK(!memcmp(fakeram_bytes(BUF), frame, 1514));
		CHECK_EQ(transfer(in, "read", 2048), -2);
		instance_close(in);
		CHECK_EQ(lan.frees, 1);
		stop();
	}
}

static void test_the_queue_wraps_many_times(void)
{
	struct instance *in;
	uint8_t frame[60] = {0};

	start(true);
	in = open_nic();
	for (unsigned i = 0; i < 1000; i++) {
		put_be32(frame, 2 * i);
		CHECK(arrive(frame, 60));
		put_be32(frame, 2 * i + 1);
		CHECK(arrive(frame, 60));
		CHECK_EQ(transfer(in, "read", 2048), 60);
		CHECK_EQ(get_be32(fakeram_bytes(BUF)), 2 * i);
		CHECK_EQ(transfer(in, "read", 2048), 60);
		CHECK_EQ(get_be32(fakeram_bytes(BUF)), 2 * i + 1);
	}
	CHECK_EQ(lan.n, 128);
	/* all buffers at once, more than that is lost */
	for (unsigned i = 0; i < 128; i++)
		CHECK(arrive(frame, 60));
	CHECK(!arrive(frame, 60));
	for (unsigned i = 0; i < 128; i++)
		CHECK_EQ(transfer(in, "read", 2048), 60);
	CHECK_EQ(transfer(in, "read", 2048), -2);
	instance_close(in);
	stop();
}

static void test_entries_that_make_no_sense_are_dropped(void)
{
	struct instance *in;
	uint8_t frame[60] = {1, 2, 3};

	start(false);
	in = open_nic();
	put_entry(0x40, 8, 60, 128);
	put_entry(0x40, 8, 60, UINT64_MAX);
	put_entry(0x40, 8, 2041, 0);
	put_entry(0x40, 2049, 0, 1);
	put_entry(0x40, 8, UINT32_MAX, 2);
	put_entry(0x40, UINT16_MAX, 60, 3);
	put_entry(0x00, 8, 60, 4);
	CHECK(arrive(frame, 60));
	CHECK_EQ(transfer(in, "read", 2048), 60);
	CHECK_EQ(transfer(in, "read", 2048), -2);
	CHECK(arrive(frame, 60)); /* longer than the reader's room */
	CHECK_EQ(transfer(in, "read", 59), -2);
	instance_close(in);
	stop();
}

static void test_a_device_left_open_is_closed_first(void)
{
	struct instance *in;

	start(true);
	lan.open = true;
	in = open_nic();
	CHECK_EQ(lan.frees, 1);
	CHECK_EQ(lan.registers, 1);
	instance_close(in);
	stop();
}

static void test_failures_leave_nothing_behind(void)
{
	struct instance *in;

	start(false);
	lan.add_result = -16;
	CHECK_EQ(instance_open(NIC, &in), E_IO);
	CHECK(!lan.open);
	CHECK_EQ(fakehv_mapped(UNIT), 0);
	lan.add_result = 0;
	in = open_nic();
	lan.send_result = -9;
	CHECK_EQ(transfer(in, "write", 60), -1);
	lan.send_result = 1; /* busy for ever */
	CHECK_EQ(transfer(in, "write", 60), -1);
	instance_close(in);
	dt_prop_set(node, "local-mac-address", "abc", 3);
	CHECK_EQ(instance_open(NIC, &in), E_FORMAT);
	stop();
}

static void test_users_share_a_device_until_the_last_closes(void)
{
	struct instance *a, *b;

	start(true);
	a = open_nic();
	b = open_nic();
	CHECK_EQ(lan.registers, 1);
	instance_close(a);
	CHECK(lan.open);
	CHECK_EQ(transfer(b, "write", 60), 60);
	instance_close(b);
	CHECK(!lan.open);
	a = open_nic();
	CHECK_EQ(lan.registers, 2);
	of_quiesce();
	CHECK(!lan.open);
	CHECK_EQ(transfer(a, "write", 60), -1); /* the handle lives on */
	CHECK_EQ(transfer(a, "read", 60), -1);
	instance_close(a);
	CHECK_EQ(instance_open(NIC, &b), E_PERM);
	stop();
}

static void test_a_device_that_goes_is_stopped(void)
{
	struct instance *in;
	const void *at = NULL;
	struct of_net_info info;

	start(true);
	in = open_nic();
	CHECK(of_net_next(&at, &info) && info.started && info.instances == 1 &&
	      info.mac[0] == 0x52);
	CHECK(!of_net_next(&at, &info));
	of_net_gone(node);
	CHECK(!lan.open);
	CHECK_EQ(transfer(in, "read", 60), -1);
	instance_close(in);
	at = NULL;
	CHECK(!of_net_next(&at, &info));
	stop();
}

static const struct test tests[] = {
	TEST(test_binding_touches_nothing),
	TEST(test_frames_go_out_and_come_in),
	TEST(test_the_queue_wraps_many_times),
	TEST(test_entries_that_make_no_sense_are_dropped),
	TEST(test_a_device_left_open_is_closed_first),
	TEST(test_failures_leave_nothing_behind),
	TEST(test_users_share_a_device_until_the_last_closes),
	TEST(test_a_device_that_goes_is_stopped),
};
TEST_MAIN(tests)
