/* SPDX-License-Identifier: BSD-2-Clause */
/* The e1000 driver: frames out and in, rings that turn, devices that lie. */
#include "check.h"
#include "fakedma.h"
#include "fakee1000.h"

#include "base/bytes.h"
#include "base/err.h"
#include "e1000/e1000.h"
#include "pci/regs.h"

static struct fakee1000 dev;
static struct fakemmio_rig rig;
static struct netdev *nd;

static int start(const struct fakee1000 *like)
{
	struct fake_pci *pci = fake_pci_new();

	fakemmio_reset();
	dev = *like;
	fakemmio_rig_start(&rig, pci, fakee1000_add(&dev, pci), &fakedma, NULL);
	return e1000_start(&rig.dev, &nd);
}

static void end(void)
{
	CHECK_EQ(fakedma_mappings(), 0);
	CHECK(!(get_le16(rig.fn->cfg + PCI_COMMAND) & PCI_COMMAND_MASTER));
	fakemmio_rig_stop(&rig);
}

static void stop(void)
{
	nd->ops->stop(nd);
	end();
}

static const struct fakee1000 plain = {.mac = 0x563412005452};

static void test_it_starts_with_its_address_and_sees_the_cable(void)
{
	static const uint8_t mac[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
	struct fakee1000 like = plain;

	CHECK_EQ(start(&plain), 0);
	CHECK(!memcmp(nd->mac, mac, 6));
	CHECK(nd->ops->link_up(nd));
	stop();
	like.no_link = true;
	CHECK_EQ(start(&like), 0);
	CHECK(!nd->ops->link_up(nd));
	stop();
}

static void test_frames_go_out_unchanged_for_more_than_a_turn_of_the_ring(void)
{
	uint8_t frame[1514];

	CHECK_EQ(start(&plain), 0);
	for (unsigned i = 0; i < 100; i++) {
		size_t len = 14 + i * 15;

		memset(frame, (int)i, sizeof(frame));
		CHECK_EQ(nd->ops->send(nd, frame, len), 0);
		CHECK_EQ(dev.sent, i + 1);
		CHECK_EQ(dev.last_len, len);
		CHECK(!memcmp(dev.last, frame, len));
	}
	CHECK_EQ(nd->ops->send(nd, frame, 1515), E_RANGE);
	stop();
}

static void test_a_full_ring_says_busy_and_then_goes_on(void)
{
	uint8_t frame[64] = {0};
	unsigned n = 0;

	CHECK_EQ(start(&plain), 0);
	dev.hold = true;
	while (n < 1000 && nd->ops->send(nd, frame, sizeof(frame)) == 0)
		n++;
	CHECK(n >= 16 && n < 1000);
	dev.hold = false;
	fakee1000_release(&dev);
	CHECK_EQ(nd->ops->send(nd, frame, sizeof(frame)), 0);
	stop();
}

static void test_frames_come_in_unchanged_for_more_than_a_turn_of_the_ring(void)
{
	uint8_t out[1514], in[2048];

	CHECK_EQ(start(&plain), 0);
	CHECK_EQ(nd->ops->receive(nd, in, sizeof(in)), 0);
	for (unsigned i = 0; i < 1000; i++) {
		size_t len = 60 + i;

		memset(out, (int)i, sizeof(out));
		CHECK(fakee1000_frame(&dev, out, len));
		CHECK_EQ(nd->ops->receive(nd, in, sizeof(in)), len);
		CHECK(!memcmp(in, out, len));
		CHECK_EQ(nd->ops->receive(nd, in, sizeof(in)), 0);
	}
	stop();
}

static void test_the_ring_fills_and_empties(void)
{
	uint8_t frame[60] = {0}, in[2048];
	unsigned n = 0, got = 0;

	CHECK_EQ(start(&plain), 0);
	for (; n < 1000 && fakee1000_frame(&dev, frame, sizeof(frame)); n++)
		frame[20] = (uint8_t)(n + 1);
	CHECK(n > 64 && n < 1000);
	while (nd->ops->receive(nd, in, sizeof(in))) {
		CHECK_EQ(in[20], (uint8_t)got);
		got++;
	}
	CHECK_EQ(got, n);
	/* it is told of most at once, and again without a frame more */
	for (unsigned i = 0; i < n - 8; i++)
		CHECK(fakee1000_frame(&dev, frame, sizeof(frame)));
	while (nd->ops->receive(nd, in, sizeof(in)))
		got++;
	CHECK_EQ(got, 2 * n - 8);
	stop();
}

static void test_bad_frames_are_dropped_and_the_next_is_taken(void)
{
	static const struct {
		uint8_t errors, state;
		uint16_t len;
	} bad[] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 2049}, {0, 0, 0xffff}, {0, 0, 13}, {0, 0, 1800}};
	uint8_t frame[60] = {7}, in[1514];

	CHECK_EQ(start(&plain), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		dev.errors = bad[i].errors;
		dev.state = bad[i].state;
		dev.lie_len = bad[i].len;
		CHECK(fakee1000_frame(&dev, frame, sizeof(frame)));
		dev.errors = dev.state = 0;
		dev.lie_len = 0;
		CHECK(fakee1000_frame(&dev, frame, sizeof(frame)));
		CHECK_EQ(nd->ops->receive(nd, in, sizeof(in)), 60);
		CHECK_EQ(in[0], 7);
		CHECK_EQ(nd->ops->receive(nd, in, sizeof(in)), 0);
	}
	stop();
}

static void test_no_address_or_no_end_of_reset_is_told(void)
{
	static const struct fakee1000 none = {.mac = 0}, stuck = {.mac = 1, .stuck_reset = true},
				      group = {.mac = 0x563412005453};

	CHECK_EQ(start(&none), E_IO);
	end();
	CHECK_EQ(start(&group), E_IO);
	end();
	CHECK_EQ(start(&stuck), E_TIMEOUT);
	end();
}

static void test_running_out_of_memory_leaves_nothing_behind(void)
{
	for (int n = 0; n < 4; n++) {
		fakedma_dry_after = n;
		CHECK_EQ(start(&plain), E_NOMEM);
		fakedma_dry_after = -1;
		end();
	}
}

static const struct test tests[] = {
	TEST(test_it_starts_with_its_address_and_sees_the_cable),
	TEST(test_frames_go_out_unchanged_for_more_than_a_turn_of_the_ring),
	TEST(test_a_full_ring_says_busy_and_then_goes_on),
	TEST(test_frames_come_in_unchanged_for_more_than_a_turn_of_the_ring),
	TEST(test_the_ring_fills_and_empties),
	TEST(test_bad_frames_are_dropped_and_the_next_is_taken),
	TEST(test_no_address_or_no_end_of_reset_is_told),
	TEST(test_running_out_of_memory_leaves_nothing_behind),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
