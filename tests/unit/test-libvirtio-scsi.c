/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio-scsi: commands over the ring, all addresses, and devices that do not keep to the rules. */
#include "check.h"
#include "fakedma.h"
#include "fakeheap.h"
#include "fakescsi.h"
#include "fakevirtio.h"

#include "base/bytes.h"
#include "base/err.h"
#include "scsi/scsi.h"
#include "virtio/dev.h"
#include "virtio/scsi.h"

static struct fakevirtio *dev;
static struct scsi_host *host;
static uint8_t buf[1 << 20];
static uint32_t max_sectors;
static unsigned entries;    /* of the request queue */
static uint8_t code;        /* the response, if not 0 */
static uint32_t sense_says; /* the length of sense, if not 0 */

static uint32_t serve(struct fakevirtio *v, unsigned queue, struct fakevirtio_request *r)
{
	struct scsi_request req = {0};
	uint8_t *rsp = r->in[0].mem;
	bool to = r->nout > 1, from = r->nin > 1;

	if (queue != 2 || r->nout < 1 || r->nin < 1 || r->out[0].len != 51 || r->in[0].len != 108)
		check_fail("a request of %u and %u pieces in queue %u", r->nout, r->nin, queue);
	req.unit = get_be64(r->out[0].mem);
	memcpy(req.cdb, r->out[0].mem + 19, SCSI_CDB_MAX);
	req.way = to ? SCSI_TO_DEVICE : from ? SCSI_FROM_DEVICE : SCSI_NO_DATA;
	req.data = to ? r->out[1].mem : from ? r->in[1].mem : NULL;
	req.len = to ? r->out[1].len : from ? r->in[1].len : 0;
	memset(rsp, 0, 108);
	rsp[11] = code;
	if (req.unit >> 56 != 1 || !fakescsi_has_target((uint8_t)(req.unit >> 48)))
		rsp[11] = 3;
	else if (!code)
		rsp[11] = fakescsi_execute((uint8_t)(req.unit >> 48),
					   (uint16_t)(req.unit >> 32 & 0x3fff), &req)
				  ? 9
				  : 0;
	fakevirtio_put32(v, rsp, sense_says ? sense_says : req.sense_len);
	fakevirtio_put32(v, rsp + 4, req.residual);
	rsp[10] = req.status;
	memcpy(rsp + 12, req.sense, req.sense_len);
	return 108 + (from ? req.len : 0);
}

static void start_with(bool legacy, bool iommu)
{
	code = 0;
	sense_says = 0;
	fakescsi_reset();
	dev = fakevirtio_new(VIRTIO_SCSI);
	dev->has_legacy = legacy;
	dev->has_modern = !legacy;
	if (iommu)
		dev->offered |= 1ull << VIRTIO_F_ACCESS_PLATFORM;
	for (unsigned i = 0; i < 3; i++)
		dev->queue_max[i] = (uint16_t)entries;
	dev->serve = serve;
	fakevirtio_start(dev);
	fakevirtio_config(dev, 0, 4, 1);
	fakevirtio_config(dev, 8, 4, max_sectors);
	fakevirtio_config(dev, 30, 2, 255);
	fakevirtio_config(dev, 32, 4, 16383);
	CHECK_EQ(virtio_scsi_start(&dev->rig.dev, &host), 0);
}

static void start(bool legacy, bool iommu)
{
	max_sectors = 0xffff;
	entries = 128;
	start_with(legacy, iommu);
}

static void stop(void)
{
	scsi_host_stop(host);
	host = NULL;
	fakevirtio_free(dev);
}

static int disk_at(uint8_t target, uint16_t lun, struct blkdev **bd)
{
	return scsi_disk_start(host, fakescsi_address(target, lun), bd);
}

static void check_reads(uint8_t target, uint16_t lun)
{
	struct fakescsi_unit *u = fakescsi_find(target, lun);
	struct blkdev *bd;

	CHECK_EQ(disk_at(target, lun, &bd), 0);
	CHECK_EQ(blkdev_read(bd, 5, 100, buf), 0);
	for (unsigned at = 0; at < 100 * u->block_size; at += 8)
		CHECK_EQ(get_be64(buf + at), fakescsi_pattern(u, 5 * u->block_size + at));
	blkdev_stop(bd);
}

static void test_disks_are_read_whatever_the_transport(void)
{
	for (int way = 0; way < 3; way++) {
		start(way == 1, way == 2);
		fakescsi_add(3, 5, SCSI_TYPE_DISK, 512, 1000);
		check_reads(3, 5);
		CHECK_EQ(host->max_bytes, 2u << 20);
		stop();
	}
}

static void test_blocks_are_written(void)
{
	struct fakescsi_unit *u;
	struct blkdev *bd;

	start(false, true);
	u = fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 1000);
	CHECK_EQ(disk_at(0, 0, &bd), 0);
	memset(buf, 0x3c, 512);
	CHECK_EQ(blkdev_write(bd, 77, 1, buf), 0);
	CHECK(u->written && u->written_at == 77 && u->written[5] == 0x3c);
	CHECK_EQ(blkdev_flush(bd), 0);
	CHECK_EQ(u->flushes, 1);
	blkdev_stop(bd);
	stop();
}

static void test_several_commands_are_under_way_as_the_ring_has_room(void)
{
	static const unsigned cases[][2] = {{4, 1}, {8, 2}, {16, 4}, {128, 4}};

	for (unsigned i = 0; i < 3 * ARRAY_SIZE(cases); i++) {
		struct fakescsi_unit *u;
		struct blkdev *bd;

		max_sectors = 8;
		entries = cases[i / 3][0];
		start_with(i % 3 == 1, i % 3 == 2);
		CHECK_EQ(host->at_once, cases[i / 3][1]);
		u = fakescsi_add(3, 5, SCSI_TYPE_DISK, 512, 1000);
		check_reads(3, 5);
		CHECK_EQ(u->reads, 13);
		CHECK_EQ(disk_at(3, 5, &bd), 0);
		CHECK_EQ(bd->max_blocks, 8 * cases[i / 3][1]);
		dev->deaf = true;
		CHECK_EQ(blkdev_read(bd, 0, 100, buf), E_TIMEOUT);
		dev->deaf = false;
		CHECK_EQ(blkdev_read(bd, 0, 100, buf), 0);
		blkdev_stop(bd);
		stop();
	}
}

static unsigned n_found;
static uint64_t found[8];

static void note(void *ctx, uint64_t unit, const struct scsi_identity *who)
{
	(void)ctx;
	(void)who;
	if (n_found < ARRAY_SIZE(found))
		found[n_found] = unit;
	n_found++;
}

static void test_every_target_and_lun_is_found(void)
{
	start(false, false);
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 1000);
	fakescsi_add(3, 300, SCSI_TYPE_CDROM, 2048, 1000);
	fakescsi_add(255, 16383, SCSI_TYPE_DISK, 512, 1000);
	n_found = 0;
	CHECK_EQ(scsi_scan(host, note, NULL), 3);
	CHECK_EQ(n_found, 3);
	CHECK_EQ(found[1], 0x0103412c00000000);
	CHECK_EQ(found[2], 0x01ff7fff00000000);
	check_reads(255, 16383);
	stop();
}

static void test_sense_comes_with_the_answer(void)
{
	struct blkdev *bd;

	start(true, false);
	fakescsi_add(0, 0, SCSI_TYPE_CDROM, 2048, 0)->attentions = 2;
	CHECK_EQ(disk_at(0, 0, &bd), 0);
	CHECK_EQ(bd->blocks, 0);
	blkdev_stop(bd);
	sense_says = UINT32_MAX;
	CHECK_EQ(disk_at(0, 0, &bd), 0);
	blkdev_stop(bd);
	stop();
}

static void test_responses_that_are_failures_are_told(void)
{
	static const struct {
		uint8_t code;
		int err;
	} cases[] = {{3, E_NOENT}, {1, E_IO}, {9, E_IO}, {0xff, E_IO}, {5, E_TIMEOUT}};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct blkdev *bd;

		start(false, false);
		fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 1000);
		code = cases[i].code;
		CHECK_EQ(disk_at(0, 0, &bd), cases[i].err);
		stop();
	}
}

static void test_silence_ends_in_a_reset_and_commands_go_on(void)
{
	struct blkdev *bd;
	unsigned resets;

	start(false, true);
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 1000);
	CHECK_EQ(disk_at(0, 0, &bd), 0);
	resets = dev->resets;
	dev->deaf = true;
	CHECK_EQ(blkdev_read(bd, 0, 8, buf), E_TIMEOUT);
	CHECK(dev->resets > resets);
	dev->deaf = false;
	CHECK_EQ(blkdev_read(bd, 0, 8, buf), 0);
	blkdev_stop(bd);
	stop();
}

static void test_a_device_that_wants_a_reset_gets_it(void)
{
	struct blkdev *bd;

	start(false, false);
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 1000);
	CHECK_EQ(disk_at(0, 0, &bd), 0);
	dev->deaf = true;
	dev->needs_reset = true;
	CHECK_EQ(blkdev_read(bd, 0, 8, buf), E_IO);
	dev->deaf = false;
	CHECK_EQ(blkdev_read(bd, 0, 8, buf), 0);
	blkdev_stop(bd);
	stop();
}

static const struct test tests[] = {
	TEST(test_disks_are_read_whatever_the_transport),
	TEST(test_several_commands_are_under_way_as_the_ring_has_room),
	TEST(test_blocks_are_written),
	TEST(test_every_target_and_lun_is_found),
	TEST(test_sense_comes_with_the_answer),
	TEST(test_responses_that_are_failures_are_told),
	TEST(test_silence_ends_in_a_reset_and_commands_go_on),
	TEST(test_a_device_that_wants_a_reset_gets_it),
};
TEST_MAIN(tests)
