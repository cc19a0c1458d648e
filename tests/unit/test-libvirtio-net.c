/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio-net and virtio-rng against a device that behaves, and one that does not. */
#include "check.h"

#include "fakeclock.h"
#include "fakedma.h"
#include "fakevirtio.h"

#include "base/bytes.h"
#include "base/err.h"
#include "pci/regs.h"
#include "virtio/net.h"
#include "virtio/rng.h"

#define VERSION  (1ull << 32)
#define PLATFORM (1ull << 33)
#define MTU      (1ull << 3)
#define MAC      (1ull << 5)
#define STATUS   (1ull << 16)

static uint8_t wire[NETDEV_FRAME_MAX + 100]; /* the last frame sent, or the one to be received */
static size_t wire_len;
static unsigned sent;
static uint32_t lie; /* instead of the length it wrote */

static uint32_t send_or_receive(struct fakevirtio *v, unsigned queue, struct fakevirtio_request *r)
{
	uint32_t header = v->legacy ? 10 : 12;
	size_t n;

	if (queue == 1) {
		CHECK_EQ(r->nout, 2);
		CHECK_EQ(r->nin, 0);
		CHECK_EQ(r->out[0].len, header);
		for (uint32_t i = 0; i < header; i++)
			CHECK_EQ(r->out[0].mem[i], 0);
		wire_len = r->out[1].len;
		memcpy(wire, r->out[1].mem, wire_len);
		sent++;
		return 0;
	}
	CHECK_EQ(r->nin, 2);
	CHECK_EQ(r->in[0].len, header);
	n = wire_len < r->in[1].len ? wire_len : r->in[1].len;
	memcpy(r->in[1].mem, wire, n);
	return lie ? lie : (uint32_t)(header + n);
}

static struct fakevirtio *device(bool legacy, uint64_t more)
{
	static const uint8_t mac[] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
	struct fakevirtio *v = fakevirtio_new(1);

	v->has_modern = !legacy;
	v->offered = (legacy ? 0 : VERSION) | MAC | more;
	v->queue_max[0] = v->queue_max[1] = 256;
	v->serve = send_or_receive;
	memcpy(v->config, mac, sizeof(mac));
	sent = 0;
	lie = 0;
	return v;
}

static struct netdev *start(struct fakevirtio *v)
{
	struct netdev *nd = NULL;

	fakevirtio_start(v);
	v->deaf = true; /* buffers wait for frames */
	CHECK_EQ(virtio_net_start(&v->rig.dev, &nd), 0);
	return nd;
}

static void stop(struct fakevirtio *v, struct netdev *nd)
{
	nd->ops->stop(nd);
	CHECK_EQ(get_le16(v->fn->cfg + PCI_COMMAND), 0);
	fakevirtio_free(v);
}

static void send_waiting(struct fakevirtio *v)
{
	fakevirtio_work(v, 1);
}

/* Fill one waiting buffer with a frame: the device serves only the oldest. */
static void arrive(struct fakevirtio *v, size_t len)
{
	struct fakevirtio_queue *q = &v->queue[0];
	uint8_t *avail = fakevirtio_mem(v, q->avail, 4 + 2ul * q->size) + 2;
	uint16_t end = fakevirtio16(v, avail);

	wire_len = len;
	for (size_t i = 0; i < len; i++)
		wire[i] = (uint8_t)(i * 3 + len);
	CHECK(end != q->seen);
	fakevirtio_put16(v, avail, (uint16_t)(q->seen + 1));
	fakevirtio_work(v, 0);
	fakevirtio_put16(v, avail, end);
}

static void test_frames_go_out_as_they_are(void)
{
	for (int kind = 0; kind < 3; kind++) {
		struct fakevirtio *v = device(kind == 1, kind == 2 ? PLATFORM : 0);
		struct netdev *nd = start(v);
		uint8_t frame[1514];

		CHECK(!memcmp(nd->mac, v->config, 6));
		CHECK_EQ(nd->max_frame, 1514);
		memset(frame, 0x42, sizeof(frame));
		CHECK_EQ(nd->ops->send(nd, frame, 1514), 0);
		send_waiting(v);
		CHECK_EQ(wire_len, 1514);
		CHECK(!memcmp(wire, frame, 1514));
		CHECK_EQ(nd->ops->send(nd, frame, 14), 0);
		send_waiting(v);
		CHECK_EQ(wire_len, 14);
		CHECK_EQ(nd->ops->send(nd, frame, 13), E_INVAL);
		CHECK_EQ(nd->ops->send(nd, frame, 1519), E_INVAL);
		stop(v, nd);
	}
}

static void test_frames_come_in_as_they_are(void)
{
	static const size_t lens[] = {14, 60, 1514, 1518};

	for (int kind = 0; kind < 3; kind++) {
		struct fakevirtio *v = device(kind == 1, kind == 2 ? PLATFORM : 0);
		struct netdev *nd = start(v);
		uint8_t frame[2000];

		CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), 0);
		for (unsigned i = 0; i < 400; i++) {
			arrive(v, lens[i % 4]);
			CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), lens[i % 4]);
			CHECK(!memcmp(frame, wire, lens[i % 4]));
			CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), 0);
		}
		stop(v, nd);
	}
}

static void test_a_frame_too_long_for_the_caller_is_dropped(void)
{
	struct fakevirtio *v = device(false, 0);
	struct netdev *nd = start(v);
	uint8_t frame[200];

	arrive(v, 201);
	arrive(v, 200);
	CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), 200);
	CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), 0);
	stop(v, nd);
}

static void test_lengths_that_lie_are_bounded(void)
{
	static const uint32_t lies[] = {1, 11, 12, 25, 0xffffffff, 1519 + 12};

	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		struct fakevirtio *v = device(false, 0);
		struct netdev *nd = start(v);
		uint8_t frame[NETDEV_FRAME_MAX];

		lie = lies[i];
		arrive(v, 100);
		CHECK(nd->ops->receive(nd, frame, sizeof(frame)) <= 1600);
		lie = 0;
		arrive(v, 100);
		CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), 100);
		stop(v, nd);
	}
}

static void test_a_device_that_does_not_send_makes_the_caller_wait(void)
{
	struct fakevirtio *v = device(false, 0);
	struct netdev *nd = start(v);
	uint8_t frame[60] = {0};
	unsigned n = 0;

	while (nd->ops->send(nd, frame, sizeof(frame)) == 0)
		n++;
	CHECK_EQ(n, 32);
	CHECK_EQ(nd->ops->send(nd, frame, sizeof(frame)), E_BUSY);
	send_waiting(v);
	CHECK_EQ(sent, 32);
	CHECK_EQ(nd->ops->send(nd, frame, sizeof(frame)), 0);
	stop(v, nd);
}

static void test_the_mtu_is_the_devices(void)
{
	static const struct {
		uint16_t mtu, frame;
	} table[] = {{9000, 9014}, {1400, 1414}, {65535, 9014}, {0, 1514}, {67, 1514}, {68, 82}};

	for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
		struct fakevirtio *v = device(false, MTU);
		struct netdev *nd;
		uint8_t frame[NETDEV_FRAME_MAX];

		fakevirtio_config(v, 10, 2, table[i].mtu);
		nd = start(v);
		CHECK_EQ(nd->max_frame, table[i].frame);
		arrive(v, table[i].frame);
		CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), table[i].frame);
		stop(v, nd);
	}
}

static void test_the_link_is_what_the_device_says(void)
{
	for (int legacy = 0; legacy < 2; legacy++) {
		struct fakevirtio *v = device(legacy, STATUS);
		struct netdev *nd = start(v);

		CHECK(!nd->ops->link_up(nd));
		fakevirtio_config(v, 6, 2, 1);
		CHECK(nd->ops->link_up(nd));
		v->accepted &= ~STATUS;
		stop(v, nd);
		v = device(legacy, 0);
		nd = start(v);
		CHECK(nd->ops->link_up(nd));
		stop(v, nd);
	}
}

static void test_small_queues_work(void)
{
	for (uint16_t size = 2; size <= 16; size = (uint16_t)(2 * size)) {
		struct fakevirtio *v = device(true, size == 4 ? 1u << 28 : 0);
		struct netdev *nd;
		uint8_t frame[200];

		v->queue_max[0] = v->queue_max[1] = size;
		nd = start(v);
		for (unsigned i = 0; i < 100; i++) {
			arrive(v, 100);
			CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), 100);
			CHECK_EQ(nd->ops->send(nd, frame, 100), 0);
			send_waiting(v);
		}
		stop(v, nd);
	}
}

static void test_an_address_nobody_can_have_is_refused(void)
{
	for (unsigned i = 0; i < 3; i++) {
		struct fakevirtio *v = device(false, 0);
		struct netdev *nd = NULL;

		if (i == 0)
			memset(v->config, 0, 6);
		else if (i == 1)
			v->config[0] |= 1;
		else
			v->offered &= ~MAC;
		fakevirtio_start(v);
		CHECK_EQ(virtio_net_start(&v->rig.dev, &nd), E_FORMAT);
		fakevirtio_free(v);
	}
}

static void spoil_index(struct fakevirtio *v, unsigned queue)
{
	struct fakevirtio_queue *q = &v->queue[queue];

	fakevirtio_put16(v, fakevirtio_mem(v, q->used, 4) + 2, (uint16_t)(q->given + 1000));
}

static void test_a_broken_ring_is_repaired_a_few_times_only(void)
{
	struct fakevirtio *v = device(false, 0);
	struct netdev *nd = start(v);
	uint8_t frame[200];

	for (unsigned i = 0; i < 8; i++) {
		spoil_index(v, i % 2);
		CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), 0);
		if (i % 2)
			CHECK_EQ(nd->ops->send(nd, frame, 60), 0);
		CHECK_EQ(v->resets, i + 2);
		arrive(v, 77);
		CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), 77);
	}
	spoil_index(v, 1);
	CHECK_EQ(nd->ops->send(nd, frame, 60), E_IO);
	CHECK_EQ(nd->ops->receive(nd, frame, sizeof(frame)), 0);
	stop(v, nd);
}

/* ---- random numbers ---- */

static uint32_t give(struct fakevirtio *v, unsigned queue, struct fakevirtio_request *r)
{
	uint32_t n = r->in[0].len < 7 ? r->in[0].len : 7;

	(void)v, (void)queue;
	CHECK_EQ(r->nout, 0);
	for (uint32_t i = 0; i < n; i++)
		r->in[0].mem[i] = (uint8_t)(0x80 + sent++);
	return n;
}

static void test_a_seed_is_filled_in_pieces(void)
{
	for (int kind = 0; kind < 3; kind++) {
		struct fakevirtio *v = device(kind == 1, kind == 2 ? PLATFORM : 0);
		uint8_t seed[33] = {0};

		v->type = 4;
		v->offered &= ~MAC;
		v->serve = give;
		fakevirtio_start(v);
		CHECK_EQ(virtio_rng_fill(&v->rig.dev, seed, 32, 1000), 0);
		for (unsigned i = 0; i < 32; i++)
			CHECK_EQ(seed[i], 0x80 + i);
		CHECK_EQ(seed[32], 0);
		CHECK_EQ(virtio_rng_fill(&v->rig.dev, seed, 0, 1000), E_INVAL);
		CHECK_EQ(virtio_rng_fill(&v->rig.dev, seed, 4097, 1000), E_INVAL);
		CHECK_EQ(get_le16(v->fn->cfg + PCI_COMMAND), 0);
		fakevirtio_free(v);
	}
}

static uint32_t give_nothing(struct fakevirtio *v, unsigned queue, struct fakevirtio_request *r)
{
	(void)v, (void)queue, (void)r;
	return 0;
}

static void test_a_dry_source_is_not_waited_for_for_ever(void)
{
	for (int deaf = 0; deaf < 2; deaf++) {
		struct fakevirtio *v = device(false, 0);
		uint64_t before = fake_now_us;
		uint8_t seed[32];

		v->type = 4;
		v->serve = give_nothing;
		v->deaf = deaf;
		fakevirtio_start(v);
		CHECK_EQ(virtio_rng_fill(&v->rig.dev, seed, 32, 100), E_TIMEOUT);
		CHECK(fake_now_us - before < 200000);
		fakevirtio_free(v);
	}
}

static const struct test tests[] = {
	TEST(test_frames_go_out_as_they_are),
	TEST(test_frames_come_in_as_they_are),
	TEST(test_a_frame_too_long_for_the_caller_is_dropped),
	TEST(test_lengths_that_lie_are_bounded),
	TEST(test_a_device_that_does_not_send_makes_the_caller_wait),
	TEST(test_the_mtu_is_the_devices),
	TEST(test_the_link_is_what_the_device_says),
	TEST(test_small_queues_work),
	TEST(test_an_address_nobody_can_have_is_refused),
	TEST(test_a_broken_ring_is_repaired_a_few_times_only),
	TEST(test_a_seed_is_filled_in_pieces),
	TEST(test_a_dry_source_is_not_waited_for_for_ever),
};
TEST_MAIN(tests)
