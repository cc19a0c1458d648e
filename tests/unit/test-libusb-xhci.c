/* SPDX-License-Identifier: BSD-2-Clause */
/* USB by xHCI: enumeration through hubs, mass storage, keyboards, and those that do not keep to the rules. */
#include "check.h"
#include "controller-rig.h"
#include "fakeclock.h"
#include "fakedma.h"
#include "fakeheap.h"
#include "fakescsi.h"
#include "fakexhci.h"

#include "base/bytes.h"
#include "base/err.h"
#include "pci/regs.h"
#include "scsi/scsi.h"
#include "usb/hcd.h"

static struct fakexhci dev;
static struct usb *usb;
static int start_err;

static struct fake_fn *add(void *model, struct fake_pci *pci)
{
	return fakexhci_add(model, pci);
}

static void start(const struct fakexhci *like)
{
	dev = *like;
	rig_begin(add, &dev);
	usb = NULL;
	start_err = usb_xhci_start(&rig.dev, &usb);
}

static void stop(void)
{
	usb_stop(usb);
	CHECK(!is_master());
	rig_end();
}

static struct fakeusb stick(uint8_t speed)
{
	return (struct fakeusb){.kind = FAKEUSB_STORAGE, .speed = speed};
}

/* A stick on port 3 of the USB 3 side, started as a host. */
static struct fakeusb one;
static struct scsi_host *host;

static void start_stick(const struct fakeusb *like)
{
	struct fakexhci x = {.port = {[6] = &one}};

	one = *like;
	fakescsi_reset();
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 100000);
	start(&x);
	CHECK_EQ(start_err, 0);
	CHECK(usb_first(usb));
	CHECK_EQ(usb_storage_start(usb_first(usb), "stick", &host), 0);
}

static void stop_stick(void)
{
	scsi_host_stop(host);
	stop();
	free(one.data);
	fakescsi_reset();
}

static struct blkdev *open_disk(void)
{
	struct blkdev *bd = NULL;

	CHECK_EQ(scsi_disk_start(host, 0x0103000000000000, &bd), 0);
	return bd;
}

static void check_block(const struct blkdev *bd, const uint8_t *buf, uint64_t block)
{
	CHECK_EQ(get_be64(buf), fakescsi_pattern(&fakescsi.unit[0], block * bd->block_size));
}

/* ---- the controller ---------------------------------------------------------------------- */

static void test_an_empty_controller_starts_and_stops(void)
{
	struct fakexhci x = {.scratchpads = 0};

	start(&x);
	CHECK_EQ(start_err, 0);
	CHECK(!usb_first(usb));
	CHECK(is_master() && dev.running);
	stop();
	CHECK(!dev.running);
	CHECK_EQ(dev.resets, 2);
}

static void test_big_contexts_and_scratchpads_are_served(void)
{
	struct fakeusb s = stick(4);
	struct fakexhci x = {.port = {[4] = &s}, .big_contexts = true, .scratchpads = 40};

	start(&x);
	CHECK_EQ(start_err, 0);
	CHECK_EQ(usb_first(usb)->kind, USB_STORAGE);
	stop();
}

static void test_a_controller_that_does_not_reset_is_off_again(void)
{
	struct fakexhci x = {.never_resets = true};

	start(&x);
	CHECK_EQ(start_err, E_TIMEOUT);
	stop();
}

static void test_ports_are_counted_for_each_generation(void)
{
	struct fakeusb s = stick(4), t = stick(3);
	struct fakexhci x = {.port = {[1] = &t, [6] = &s}};
	struct fakexhci super_first = {.port = {[1] = &s, [6] = &t}, .super_first = true};

	start(&x);
	CHECK_EQ(usb_first(usb)->port, 2);
	CHECK_EQ(usb_first(usb)->next->port, 3);
	stop();
	start(&super_first);
	CHECK_EQ(usb_first(usb)->port, 2);
	CHECK_EQ(usb_first(usb)->next->port, 3);
	stop();
}

static void test_a_controller_without_slots_has_no_devices(void)
{
	struct fakeusb s = stick(4);
	struct fakexhci x = {.port = {[4] = &s}, .no_slots = true};

	start(&x);
	CHECK_EQ(start_err, 0);
	CHECK(!usb_first(usb));
	stop();
}

static void test_a_slot_that_does_not_exist_is_not_believed(void)
{
	struct fakeusb s = stick(4);
	struct fakexhci x = {.port = {[4] = &s}, .wrong_slot = true};

	start(&x);
	CHECK(!usb_first(usb));
	stop();
}

static void test_a_silent_command_ends_the_controller(void)
{
	for (unsigned at = 1; at <= 3; at++) {
		struct fakeusb s = stick(1), t = stick(4);
		struct fakexhci x = {.port = {&s, [4] = &t}, .silent_at = at};

		start(&x);
		CHECK_EQ(start_err, 0);
		CHECK(!usb_first(usb));
		CHECK(!is_master());
		stop();
	}
}

static void test_no_memory_is_an_error_at_every_step(void)
{
	struct fakeusb s = stick(4);
	struct fakexhci x = {.port = {[4] = &s}, .scratchpads = 3};

	for (int n = 0; n < 12; n++) {
		fakedma_reset();
		fakedma_dry_after = n;
		start(&x);
		fakedma_dry_after = -1;
		CHECK(start_err == E_NOMEM || start_err == 0);
		CHECK(n > 1 || start_err);
		stop();
	}
}

/* ---- devices ----------------------------------------------------------------------------- */

static void test_devices_of_every_speed_get_an_address(void)
{
	struct fakeusb s[] = {stick(1), stick(3), stick(4), {.kind = FAKEUSB_KEYBOARD, .speed = 2}};
	struct fakexhci x = {.port = {&s[0], &s[1], &s[3], NULL, &s[2]}};
	unsigned n = 0;

	s[0].packet0 = 64; /* larger than what is assumed first */
	start(&x);
	for (const struct usb_dev *d = usb_first(usb); d; d = d->next, n++) {
		CHECK_EQ(d->vendor, 0x1234);
		CHECK_EQ(d->product, 0x5678);
		CHECK_EQ(d->kind, n == 2 ? USB_KEYBOARD : USB_STORAGE);
	}
	CHECK_EQ(n, 4);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(s[i].configured, 7);
	stop();
}

static void test_a_mouse_is_there_and_left_alone(void)
{
	struct fakeusb mouse = {.kind = FAKEUSB_MOUSE, .speed = 1};
	struct fakexhci x = {.port = {&mouse}};

	start(&x);
	CHECK_EQ(usb_first(usb)->kind, USB_OTHER);
	CHECK_EQ(mouse.configured, 0);
	stop();
}

static void test_hubs_are_followed_five_deep(void)
{
	struct fakeusb hub[6], s = stick(1), beside = stick(1);
	struct fakexhci x = {.port = {[2] = &hub[0]}};
	const struct usb_dev *d;

	for (unsigned i = 0; i < 6; i++)
		hub[i] = (struct fakeusb){.kind = FAKEUSB_HUB, .speed = i ? 1 : 3};
	for (unsigned i = 0; i < 5; i++)
		hub[i].port[i] = &hub[i + 1];
	hub[4].port[7] = &s;
	hub[5].port[0] = &beside; /* too deep */
	start(&x);
	d = usb_first(usb);
	for (unsigned i = 0; i < 5; i++, d = d->child) {
		CHECK(d);
		CHECK_EQ(d->kind, USB_HUB);
		CHECK_EQ(d->port, i ? i : 3);
		CHECK_EQ(d->root, 3);
	}
	CHECK_EQ(d->kind, USB_HUB);
	CHECK(!d->child);
	CHECK_EQ(d->next->kind, USB_STORAGE);
	CHECK_EQ(d->next->port, 8);
	CHECK_EQ(beside.configured, 0);
	stop();
}

static void test_a_silent_device_is_left_out_and_the_next_one_found(void)
{
	struct fakeusb quiet = {.kind = FAKEUSB_STORAGE, .speed = 3, .silent = true};
	struct fakeusb s = stick(3);
	struct fakexhci x = {.port = {&quiet, &s}};
	uint64_t before = clock_us();

	start(&x);
	CHECK_EQ(usb_first(usb)->port, 2);
	CHECK(!usb_first(usb)->next);
	CHECK(clock_us() - before < 3000000);
	stop();
}

static void test_a_silent_hub_costs_one_wait(void)
{
	struct fakeusb hub = {.kind = FAKEUSB_HUB, .speed = 3},
		       quiet = {.silent = true, .speed = 3};
	struct fakeusb s = stick(3);
	struct fakexhci x = {.port = {&hub}};
	uint64_t before = clock_us();

	hub.port[1] = &quiet;
	hub.port[2] = &s;
	start(&x);
	CHECK_EQ(usb_first(usb)->child->port, 3);
	CHECK(clock_us() - before < 4000000);
	stop();
}

/* ---- descriptors ------------------------------------------------------------------------- */

static enum usb_kind kind_with(const uint8_t *config, uint16_t len, uint16_t says)
{
	struct fakeusb s = {.kind = FAKEUSB_STORAGE,
			    .speed = 3,
			    .config = config,
			    .config_len = len,
			    .config_says = says};
	struct fakexhci x = {.port = {&s}};
	enum usb_kind kind;

	start(&x);
	kind = usb_first(usb) ? usb_first(usb)->kind : USB_OTHER;
	stop();
	return kind;
}

#define HEAD(len)       9, 2, (len), 0, 1, 1, 0, 0x80, 50
#define IFACE(alt, sub) 9, 4, 0, (alt), 2, 8, 6, (sub), 0
#define BULK_IN         7, 5, 0x81, 2, 0, 2, 0
#define BULK_OUT        7, 5, 0x02, 2, 0, 2, 0

static void test_hostile_descriptors_are_bounded(void)
{
	static const uint8_t good[] = {HEAD(32), IFACE(0, 0x50), BULK_IN, BULK_OUT};
	static const uint8_t zero[] = {HEAD(34), 0, 0, IFACE(0, 0x50), BULK_IN, BULK_OUT};
	static const uint8_t beyond[] = {HEAD(32), IFACE(0, 0x50), BULK_IN, 200, 5, 2, 2, 0, 2, 0};
	static const uint8_t twice[] = {HEAD(32), IFACE(0, 0x50), BULK_IN, BULK_IN};
	static const uint8_t number0[] = {HEAD(32), IFACE(0, 0x50), BULK_IN, 7, 5, 0, 2, 0, 2, 0};
	static const uint8_t huge[] = {HEAD(32), IFACE(0, 0x50), BULK_IN, 7, 5, 2, 2, 0xff, 7, 0};
	static const uint8_t empty[] = {HEAD(32), IFACE(0, 0x50), BULK_IN, 7, 5, 2, 2, 0, 0, 0};
	static const uint8_t other[] = {HEAD(41), IFACE(0, 0x62), IFACE(1, 0x50), BULK_IN,
					BULK_OUT};

	CHECK_EQ(kind_with(good, sizeof(good), 0), USB_STORAGE);
	CHECK_EQ(kind_with(good, sizeof(good), 0xffff), USB_STORAGE);
	CHECK_EQ(kind_with(good, sizeof(good), 8), USB_OTHER);
	CHECK_EQ(kind_with(good, 20, 0), USB_OTHER);
	CHECK_EQ(kind_with(good, 4, 0), USB_OTHER);
	CHECK_EQ(kind_with(zero, sizeof(zero), 0), USB_OTHER);
	CHECK_EQ(kind_with(beyond, sizeof(beyond), 0), USB_OTHER);
	CHECK_EQ(kind_with(twice, sizeof(twice), 0), USB_OTHER);
	CHECK_EQ(kind_with(number0, sizeof(number0), 0), USB_OTHER);
	CHECK_EQ(kind_with(huge, sizeof(huge), 0), USB_OTHER);
	CHECK_EQ(kind_with(empty, sizeof(empty), 0), USB_OTHER);
	CHECK_EQ(kind_with(other, sizeof(other), 0), USB_OTHER);
}

/* ---- mass storage ------------------------------------------------------------------------ */

static void count(void *ctx, uint64_t unit, const struct scsi_identity *who)
{
	uint64_t *last = ctx;

	(void)who;
	*last = unit;
}

static void test_units_are_found_by_their_number(void)
{
	struct fakeusb s = {.kind = FAKEUSB_STORAGE, .speed = 4, .units = 2};
	uint64_t last = 0;

	start_stick(&s);
	fakescsi_add(0, 1, SCSI_TYPE_CDROM, 2048, 10);
	fakescsi_add(0, 2, SCSI_TYPE_DISK, 512, 10);
	fakescsi_add(0, 3, SCSI_TYPE_DISK, 512, 10); /* behind the last */
	CHECK_EQ(scsi_scan(host, count, &last), 3);
	CHECK_EQ(last, 0x0103000200000000);
	stop_stick();
	s.stalls_max_lun = true;
	start_stick(&s);
	CHECK_EQ(scsi_scan(host, count, &last), 1);
	CHECK_EQ(last, 0x0103000000000000);
	stop_stick();
}

/* Lengths around the 64 KiB that a block moves, from buffers at odd places, and the ring goes round. */
static void test_reads_of_every_shape_arrive(void)
{
	static const uint32_t counts[] = {1, 127, 128, 129, 255, 256, 257, 2048, 5000};
	static const unsigned offsets[] = {0, 4, 512, 65532};
	uint8_t *mem = malloc(5000 * 512 + 3 * 65536), *buf;
	struct fakeusb s = stick(4);
	struct blkdev *bd;

	start_stick(&s);
	bd = open_disk();
	CHECK_EQ(bd->max_blocks, 2048);
	for (unsigned c = 0; c < ARRAY_SIZE(counts); c++)
		for (unsigned o = 0; o < ARRAY_SIZE(offsets); o++) {
			buf = (uint8_t *)(((uintptr_t)mem + 65535) & ~(uintptr_t)65535) +
			      offsets[o];
			CHECK_EQ(blkdev_read(bd, 11, counts[c], buf), 0);
			for (uint32_t i = 0; i < counts[c]; i++)
				check_block(bd, buf + i * 512, 11 + i);
		}
	for (unsigned i = 0; i < 300; i++)
		CHECK_EQ(blkdev_read(bd, i, 1, mem), 0);
	free(mem);
	blkdev_stop(bd);
	stop_stick();
}

static void test_writes_arrive(void)
{
	static uint8_t buf[512];
	struct fakeusb s = stick(3);
	struct blkdev *bd;

	start_stick(&s);
	bd = open_disk();
	memset(buf, 0x5a, sizeof(buf));
	CHECK_EQ(blkdev_write(bd, 77, 1, buf), 0);
	CHECK_EQ(fakescsi.unit[0].writes, 1);
	CHECK_EQ(fakescsi.unit[0].written[3], 0x5a);
	CHECK_EQ(blkdev_flush(bd), 0);
	blkdev_stop(bd);
	stop_stick();
}

/* What a device does wrong once costs at most that command. */
static void check_once(struct fakeusb s, int err)
{
	static uint8_t buf[4096];
	struct fakeusb well = stick(s.speed);
	struct blkdev *bd;

	start_stick(&well);
	bd = open_disk();
	one.stall_data_at = s.stall_data_at ? one.commands + 1 : 0;
	one.stall_status_at = s.stall_status_at ? one.commands + 1 : 0;
	one.bad_tag_at = s.bad_tag_at ? one.commands + 1 : 0;
	one.short_status_at = s.short_status_at ? one.commands + 1 : 0;
	one.phase_at = s.phase_at ? one.commands + 1 : 0;
	one.broken_at = s.broken_at ? one.commands + 1 : 0;
	one.silent_at = s.silent_at ? one.commands + 1 : 0;
	CHECK_EQ(blkdev_read(bd, 5, 8, buf), err);
	CHECK_EQ(blkdev_read(bd, 6, 8, buf), 0);
	check_block(bd, buf, 6);
	blkdev_stop(bd);
	stop_stick();
}

static void test_a_device_that_errs_goes_on_afterwards(void)
{
	for (uint8_t speed = 3; speed <= 4; speed++) {
		struct fakeusb s = stick(speed), t;

		(void)(t = s), t.stall_data_at = 1, check_once(t, E_IO);
		(void)(t = s), t.stall_status_at = 1, check_once(t, 0);
		(void)(t = s), t.bad_tag_at = 1, check_once(t, E_IO);
		(void)(t = s), t.short_status_at = 1, check_once(t, E_IO);
		(void)(t = s), t.phase_at = 1, check_once(t, E_IO);
		(void)(t = s), t.broken_at = 1, check_once(t, E_IO);
		(void)(t = s), t.silent_at = 1, check_once(t, E_TIMEOUT);
	}
}

static void test_a_device_that_does_not_recover_fails_at_once(void)
{
	static uint8_t buf[512];
	struct fakeusb s = stick(4);
	struct blkdev *bd;
	unsigned before;

	start_stick(&s);
	bd = open_disk();
	one.never_recovers = true;
	one.phase_at = one.commands + 1;
	CHECK_EQ(blkdev_read(bd, 5, 1, buf), E_IO);
	before = dev.transfers;
	CHECK_EQ(blkdev_read(bd, 5, 1, buf), E_IO);
	CHECK_EQ(dev.transfers, before);
	blkdev_stop(bd);
	stop_stick();
}

static void test_a_failed_command_tells_why(void)
{
	static uint8_t buf[2048];
	struct fakeusb s = stick(4);
	struct blkdev *bd;

	start_stick(&s);
	fakescsi.unit[0].attentions = 1;
	bd = open_disk();
	CHECK_EQ(blkdev_read(bd, 5, 4, buf), 0);
	blkdev_stop(bd);
	fakescsi.unit[0].blocks = 0;
	bd = open_disk();
	CHECK_EQ(bd->blocks, 0); /* "no medium" came through */
	blkdev_stop(bd);
	stop_stick();
}

static void test_a_disk_that_is_pulled_out_fails_soon(void)
{
	static uint8_t buf[512];
	struct fakeusb s = stick(4);
	struct blkdev *bd;
	uint64_t before;

	start_stick(&s);
	bd = open_disk();
	fakexhci_unplug(&dev, 6);
	before = clock_us();
	CHECK(blkdev_read(bd, 5, 1, buf));
	CHECK(clock_us() - before < 2000000);
	before = clock_us();
	CHECK(blkdev_read(bd, 5, 1, buf));
	CHECK(clock_us() - before < 10000);
	blkdev_stop(bd);
	stop_stick();
}

static void test_a_disk_behind_a_hub_that_is_pulled_out_fails_soon(void)
{
	static uint8_t buf[512];
	struct fakeusb s = stick(1), hub = {.kind = FAKEUSB_HUB, .speed = 1};
	struct fakexhci x = {.port = {[1] = &hub}};
	struct blkdev *bd;
	uint64_t before;

	hub.port[5] = &s;
	fakescsi_reset();
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 100000);
	start(&x);
	CHECK_EQ(usb_storage_start(usb_first(usb)->child, "stick", &host), 0);
	CHECK_EQ(scsi_disk_start(host, 0x0102000000000000, &bd), 0);
	CHECK_EQ(blkdev_read(bd, 5, 1, buf), 0);
	hub.port[5] = NULL;
	before = clock_us();
	CHECK(blkdev_read(bd, 5, 1, buf));
	CHECK(clock_us() - before < 2000000);
	blkdev_stop(bd);
	scsi_host_stop(host);
	stop();
	free(s.data);
	fakescsi_reset();
}

static void test_a_pipe_that_cannot_be_stopped_takes_its_device_along(void)
{
	static uint8_t buf[512];

	for (unsigned disable = 0; disable < 2; disable++) {
		struct fakeusb s = stick(4);
		struct blkdev *bd;

		start_stick(&s);
		bd = open_disk();
		dev.cannot_stop = true;
		dev.cannot_disable = disable;
		one.silent_at = one.commands + 1;
		CHECK(blkdev_read(bd, 5, 1, buf));
		CHECK_EQ(is_master(), !disable);
		CHECK(blkdev_read(bd, 5, 1, buf));
		blkdev_stop(bd);
		dev.cannot_disable = false;
		stop_stick();
	}
}

/* ---- keyboards --------------------------------------------------------------------------- */

static void check_keys(const uint8_t (*reports)[8], unsigned n, const char *text)
{
	struct fakeusb k = {.kind = FAKEUSB_KEYBOARD, .speed = 1};
	struct fakexhci x = {.port = {&k}};
	struct condev *keys;
	char buf[64] = "";
	size_t got = 0;

	start(&x);
	CHECK_EQ(usb_keyboard_start(usb_first(usb), &keys), 0);
	CHECK_EQ(condev_read(keys, buf, sizeof(buf)), 0);
	k.reports = reports;
	k.nreports = n;
	fakexhci_kick(&dev);
	for (unsigned i = 0; i < 20; i++)
		got += condev_read(keys, buf + got, sizeof(buf) - 1 - got);
	CHECK_STR(buf, text);
	CHECK_EQ(k.nreports, 0);
	usb_keyboard_free(keys);
	stop();
}

static void test_keys_become_characters(void)
{
	static const uint8_t word[][8] = {
		{2, 0, 0x0b},       {0},          {0, 0, 0x08, 0x0f}, {0, 0, 0x0f}, {0},
		{0, 0, 0x0f},       {0},          {0, 0, 0x12, 0x2c}, {0},          {2, 0, 0x1e},
		{0, 0, 0, 0, 0x28}, {1, 0, 0x06}, {4, 0, 0x05},       {0},
	};

	check_keys(word, ARRAY_SIZE(word), "Hello !\r\003\033b");
}

static void test_locks_and_special_keys(void)
{
	static const uint8_t keys[][8] = {
		{0, 0, 0x39}, {0},          {0, 0, 0x04}, {2, 0, 0x05}, {0, 0, 0x39},
		{0, 0, 0x06}, {0, 0, 0x45}, {0, 0, 0x52}, {0, 0, 0x59}, {0, 0, 0x53},
		{0, 0, 0x5a}, {0, 0, 0x63}, {0, 0, 1, 1}, {0, 0, 0x7f}, {0},
	};

	check_keys(keys, ARRAY_SIZE(keys), "Abc\033[24~\033[A\033[F2.");
}

static void test_a_held_key_comes_again(void)
{
	static const uint8_t reports[][8] = {{0, 0, 0x04}};
	struct fakeusb k = {
		.kind = FAKEUSB_KEYBOARD, .speed = 2, .reports = reports, .nreports = 1};
	struct fakexhci x = {.port = {&k}};
	struct condev *keys;
	char buf[64];
	size_t got = 0;

	start(&x);
	CHECK_EQ(usb_keyboard_start(usb_first(usb), &keys), 0);
	CHECK_EQ(condev_read(keys, buf, sizeof(buf)), 1);
	for (unsigned i = 0; i < 100; i++) {
		clock_delay_us(10000);
		got += condev_read(keys, buf, sizeof(buf));
	}
	CHECK(got >= 10 && got < 20);
	usb_keyboard_free(keys);
	stop();
}

static void test_a_keyboard_that_is_pulled_out_is_quiet(void)
{
	struct fakeusb k = {.kind = FAKEUSB_KEYBOARD, .speed = 1};
	struct fakexhci x = {.port = {&k}};
	struct condev *keys;
	char buf[8];

	start(&x);
	CHECK_EQ(usb_keyboard_start(usb_first(usb), &keys), 0);
	fakexhci_unplug(&dev, 0);
	for (unsigned i = 0; i < 20; i++)
		CHECK_EQ(condev_read(keys, buf, sizeof(buf)), 0);
	usb_keyboard_free(keys);
	stop();
}

static const struct test tests[] = {
	TEST(test_an_empty_controller_starts_and_stops),
	TEST(test_big_contexts_and_scratchpads_are_served),
	TEST(test_a_controller_that_does_not_reset_is_off_again),
	TEST(test_ports_are_counted_for_each_generation),
	TEST(test_a_controller_without_slots_has_no_devices),
	TEST(test_a_slot_that_does_not_exist_is_not_believed),
	TEST(test_a_silent_command_ends_the_controller),
	TEST(test_no_memory_is_an_error_at_every_step),
	TEST(test_devices_of_every_speed_get_an_address),
	TEST(test_a_mouse_is_there_and_left_alone),
	TEST(test_hubs_are_followed_five_deep),
	TEST(test_a_silent_device_is_left_out_and_the_next_one_found),
	TEST(test_a_silent_hub_costs_one_wait),
	TEST(test_hostile_descriptors_are_bounded),
	TEST(test_units_are_found_by_their_number),
	TEST(test_reads_of_every_shape_arrive),
	TEST(test_writes_arrive),
	TEST(test_a_device_that_errs_goes_on_afterwards),
	TEST(test_a_device_that_does_not_recover_fails_at_once),
	TEST(test_a_failed_command_tells_why),
	TEST(test_a_disk_that_is_pulled_out_fails_soon),
	TEST(test_a_disk_behind_a_hub_that_is_pulled_out_fails_soon),
	TEST(test_a_pipe_that_cannot_be_stopped_takes_its_device_along),
	TEST(test_keys_become_characters),
	TEST(test_locks_and_special_keys),
	TEST(test_a_held_key_comes_again),
	TEST(test_a_keyboard_that_is_pulled_out_is_quiet),
};

TEST_MAIN(tests)
