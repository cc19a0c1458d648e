/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual Ethernet over a model of QEMU's: frames both ways, with and without bypass; and bad entries. */
#include "check.h"

#include "fakeheap.h"
#include "fakehv.h"
#include "fakellan.h"
#include "fakeplatform.h"
#include "fakeram.h"

#include "base/bytes.h"
#include "base/err.h"
#include "dt/prop.h"
#include "of/instance.h"
#include "of/machine.h"
#include "of/net.h"

static int64_t add_result, send_result;

static int64_t refuse(const uint64_t *reg)
{
	return reg[0] == 0x11c ? add_result : reg[0] == 0x120 ? send_result : 0;
}

static void start(bool bypass)
{
	static const uint8_t mac[8] = {0, 0, 0x52, 0x54, 0, 0x12, 0x34, 0x57};

	fakellan_start(bypass, mac, 8);
	add_result = send_result = 0;
	fakellan.refuse = refuse;
}

static bool arrive(const void *frame, uint32_t len)
{
	uint64_t correlator;

	if (!fakellan_fill(frame, len, false, &correlator))
		return false;
	fakellan_entry(fakellan.toggle | 0x40, 8, len, correlator);
	return true;
}

static void put_entry(uint8_t control, uint16_t offset, uint32_t len, uint64_t correlator)
{
	fakellan_entry(fakellan.toggle | control, offset, len, correlator);
}

static struct instance *open_nic(void)
{
	struct instance *in;

	CHECK_EQ(instance_open(FAKELLAN_NIC, &in), 0);
	return in;
}

static void test_binding_touches_nothing(void)
{
	start(true);
	CHECK_EQ(fakehv.calls, 0);
	CHECK_STR(dt_prop_get_str(fakellan_node, "device_type"), "network");
	CHECK_EQ(dt_prop_u32_or(fakellan_node, "address-bits", 0), 48);
	of_refresh(fakellan_node); /* its address is known */
	CHECK_EQ(fakehv.calls, 0);
	fakellan_stop();
}

static void test_frames_go_out_and_come_in(void)
{
	for (int bypass = 0; bypass < 2; bypass++) {
		struct instance *in;
		uint8_t frame[1514];

		start(bypass);
		in = open_nic();
		CHECK_EQ(fakellan.n, 128);
		CHECK_EQ(fakehv.crq.bypass, bypass);
		CHECK_EQ(dt_prop_find(fakellan_node, "mac-address")->len, 6);
		CHECK_EQ(dt_prop_find(fakellan_node, "mac-address")->data[0], 0x52);
		CHECK_EQ(fakellan_transfer(in, "read", 2048), -2);
		for (unsigned i = 0; i < sizeof(frame); i++)
			frame[i] = (uint8_t)(i * 7);
		memcpy(fakeram_bytes(FAKELLAN_BUF), frame, sizeof(frame));
		CHECK_EQ(fakellan_transfer(in, "write", 1514), 1514);
		CHECK_EQ(fakellan.sent_len, 1514);
		CHECK(!memcmp(fakellan.sent, frame, 1514));
		CHECK_EQ(fakellan_transfer(in, "write", 1515), -1);
		CHECK_EQ(fakellan_transfer(in, "write", 13), -1);
		CHECK(arrive(frame, 1514));
		memset(fakeram_bytes(FAKELLAN_BUF), 0, 2048);
		CHECK_EQ(fakellan_transfer(in, "read", 2048), 1514);
		CHECK(!memcmp(fakeram_bytes(FAKELLAN_BUF), frame, 1514));
		CHECK_EQ(fakellan_transfer(in, "read", 2048), -2);
		instance_close(in);
		CHECK_EQ(fakellan.frees, 1);
		fakellan_stop();
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
		CHECK_EQ(fakellan_transfer(in, "read", 2048), 60);
		CHECK_EQ(get_be32(fakeram_bytes(FAKELLAN_BUF)), 2 * i);
		CHECK_EQ(fakellan_transfer(in, "read", 2048), 60);
		CHECK_EQ(get_be32(fakeram_bytes(FAKELLAN_BUF)), 2 * i + 1);
	}
	CHECK_EQ(fakellan.n, 128);
	/* all buffers at once, more than that is lost */
	for (unsigned i = 0; i < 128; i++)
		CHECK(arrive(frame, 60));
	CHECK(!arrive(frame, 60));
	for (unsigned i = 0; i < 128; i++)
		CHECK_EQ(fakellan_transfer(in, "read", 2048), 60);
	CHECK_EQ(fakellan_transfer(in, "read", 2048), -2);
	instance_close(in);
	fakellan_stop();
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
	CHECK_EQ(fakellan_transfer(in, "read", 2048), 60);
	CHECK_EQ(fakellan_transfer(in, "read", 2048), -2);
	CHECK(arrive(frame, 60)); /* longer than the reader's room */
	CHECK_EQ(fakellan_transfer(in, "read", 59), -2);
	instance_close(in);
	fakellan_stop();
}

static void test_a_device_left_open_is_closed_first(void)
{
	struct instance *in;

	start(true);
	fakellan.open = true;
	in = open_nic();
	CHECK_EQ(fakellan.frees, 1);
	CHECK_EQ(fakellan.registers, 1);
	instance_close(in);
	fakellan_stop();
}

static void test_failures_leave_nothing_behind(void)
{
	struct instance *in;

	start(false);
	add_result = -16;
	CHECK_EQ(instance_open(FAKELLAN_NIC, &in), E_IO);
	CHECK(!fakellan.open);
	CHECK_EQ(fakehv_mapped(FAKELLAN_UNIT), 0);
	add_result = 0;
	in = open_nic();
	send_result = -9;
	CHECK_EQ(fakellan_transfer(in, "write", 60), -1);
	send_result = 1; /* busy for ever */
	CHECK_EQ(fakellan_transfer(in, "write", 60), -1);
	instance_close(in);
	dt_prop_set(fakellan_node, "local-mac-address", "abc", 3);
	CHECK_EQ(instance_open(FAKELLAN_NIC, &in), E_FORMAT);
	fakellan_stop();
}

static void test_users_share_a_device_until_the_last_closes(void)
{
	struct instance *a, *b;

	start(true);
	a = open_nic();
	b = open_nic();
	CHECK_EQ(fakellan.registers, 1);
	instance_close(a);
	CHECK(fakellan.open);
	CHECK_EQ(fakellan_transfer(b, "write", 60), 60);
	instance_close(b);
	CHECK(!fakellan.open);
	a = open_nic();
	CHECK_EQ(fakellan.registers, 2);
	of_quiesce();
	CHECK(!fakellan.open);
	CHECK_EQ(fakellan_transfer(a, "write", 60), -1); /* the handle lives on */
	CHECK_EQ(fakellan_transfer(a, "read", 60), -1);
	instance_close(a);
	CHECK_EQ(instance_open(FAKELLAN_NIC, &b), E_PERM);
	fakellan_stop();
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
	of_net_gone(fakellan_node);
	CHECK(!fakellan.open);
	CHECK_EQ(fakellan_transfer(in, "read", 60), -1);
	instance_close(in);
	at = NULL;
	CHECK(!of_net_next(&at, &info));
	fakellan_stop();
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
