/* SPDX-License-Identifier: BSD-2-Clause */
/* USB by OHCI and EHCI: every test runs on both. */
#include "check.h"
#include "controller-rig.h"
#include "fakeclock.h"
#include "fakedma.h"
#include "fakeheap.h"
#include "fakeohci.h"
#include "fakescsi.h"

#include "base/bytes.h"
#include "base/err.h"
#include "pci/regs.h"
#include "scsi/scsi.h"
#include "usb/hcd.h"

static struct fakehci dev;
static struct usb *usb;
static bool is_ehci;
static int start_err;

static struct fake_fn *add(void *model, struct fake_pci *pci)
{
	return fakehci_add(model, pci);
}

static void start(const struct fakehci *like)
{
	fakedma_go_on_at(0x10000000);
	dev = *like;
	dev.is_ehci = is_ehci;
	rig_begin(add, &dev);
	usb = NULL;
	start_err = (is_ehci ? usb_ehci_start : usb_ohci_start)(&rig.dev, &usb);
}

static void stop(void)
{
	usb_stop(usb);
	CHECK(!is_master());
	rig_end();
}

/* What fits both: full speed is OHCI's, high speed EHCI's. */
static struct fakeusb device(enum fakeusb_kind kind)
{
	return (struct fakeusb){.kind = kind, .speed = is_ehci ? 3 : 1};
}

static struct fakeusb one;
static struct scsi_host *host;

static struct blkdev *start_disk(void)
{
	struct fakehci h = {.port = {[2] = &one}};
	struct blkdev *bd = NULL;

	one = device(FAKEUSB_STORAGE);
	fakescsi_reset();
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 100000);
	start(&h);
	CHECK_EQ(start_err, 0);
	CHECK(usb_first(usb));
	CHECK_EQ(usb_first(usb)->port, 3);
	CHECK_EQ(usb_storage_start(usb_first(usb), "stick", &host), 0);
	CHECK_EQ(scsi_disk_start(host, 0x0103000000000000, &bd), 0);
	return bd;
}

static void stop_disk(struct blkdev *bd)
{
	blkdev_stop(bd);
	scsi_host_stop(host);
	stop();
	free(one.data);
	one.data = NULL;
	fakescsi_reset();
}

/* ---- the controller ---------------------------------------------------------------------- */

static void an_empty_controller_starts_and_stops(void)
{
	struct fakehci h = {.never_resets = false};

	start(&h);
	CHECK_EQ(start_err, 0);
	CHECK(!usb_first(usb));
	CHECK(is_master() && dev.running);
	stop();
	CHECK(!dev.running);
	CHECK_EQ(dev.resets, 2);
}

static void a_controller_that_does_not_reset_is_off_again(void)
{
	struct fakehci h = {.never_resets = true};

	start(&h);
	CHECK_EQ(start_err, E_TIMEOUT);
	stop();
}

static void no_memory_is_an_error_at_every_step(void)
{
	for (int n = 0; n < 10; n++) {
		struct fakeusb s = device(FAKEUSB_STORAGE);
		struct fakehci h = {.port = {&s}};

		fakedma_reset();
		fakedma_dry_after = n;
		start(&h);
		fakedma_dry_after = -1;
		CHECK(start_err == E_NOMEM || start_err == 0);
		CHECK(n > 0 || start_err);
		stop();
	}
}

/* ---- devices ----------------------------------------------------------------------------- */

static void every_device_gets_an_address_of_its_own(void)
{
	struct fakeusb s[3] = {device(FAKEUSB_STORAGE), device(FAKEUSB_KEYBOARD),
			       device(FAKEUSB_MOUSE)};
	struct fakehci h = {.port = {&s[0], NULL, &s[1], &s[2]}};

	s[0].packet0 = 64;
	start(&h);
	CHECK_EQ(usb_first(usb)->kind, USB_STORAGE);
	CHECK_EQ(usb_first(usb)->next->kind, USB_KEYBOARD);
	CHECK_EQ(usb_first(usb)->next->port, 3);
	CHECK_EQ(usb_first(usb)->next->next->kind, USB_OTHER);
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(s[i].address, i + 1);
	stop();
}

static void hubs_are_followed(void)
{
	struct fakeusb hub = device(FAKEUSB_HUB), inner = device(FAKEUSB_HUB);
	struct fakeusb s = device(FAKEUSB_STORAGE), keys = {.kind = FAKEUSB_KEYBOARD, .speed = 2};
	struct fakehci h = {.port = {[1] = &hub}};
	const struct usb_dev *d;

	hub.port[3] = &inner;
	hub.port[7] = &keys;
	inner.port[0] = &s;
	start(&h);
	d = usb_first(usb);
	CHECK_EQ(d->kind, USB_HUB);
	CHECK_EQ(d->child->kind, USB_HUB);
	CHECK_EQ(d->child->port, 4);
	CHECK_EQ(d->child->next->kind, USB_KEYBOARD);
	CHECK_EQ(d->child->child->kind, USB_STORAGE);
	CHECK_EQ(d->child->child->root, 2);
	stop();
}

static void a_silent_device_is_left_out_and_the_next_one_found(void)
{
	struct fakeusb quiet = device(FAKEUSB_STORAGE), s = device(FAKEUSB_STORAGE);
	struct fakehci h = {.port = {&quiet, &s}};

	quiet.silent = true;
	start(&h);
	CHECK_EQ(usb_first(usb)->port, 2);
	CHECK(!usb_first(usb)->next);
	stop();
}

/* ---- mass storage ------------------------------------------------------------------------ */

static void reads_of_every_shape_arrive(void)
{
	static const uint32_t counts[] = {1, 7, 8, 9, 15, 16, 17, 39, 40, 41, 255, 256, 257, 1000};
	static const unsigned offsets[] = {0, 4, 60, 512, 4092};
	uint8_t *mem = malloc(1000 * 512 + 8192), *buf;
	struct blkdev *bd = start_disk();

	CHECK_EQ(bd->max_blocks, 256);
	for (unsigned c = 0; c < ARRAY_SIZE(counts); c++)
		for (unsigned o = 0; o < ARRAY_SIZE(offsets); o++) {
			buf = (uint8_t *)(((uintptr_t)mem + 4095) & ~(uintptr_t)4095) + offsets[o];
			CHECK_EQ(blkdev_read(bd, 11, counts[c], buf), 0);
			for (uint32_t i = 0; i < counts[c]; i++)
				CHECK_EQ(get_be64(buf + i * 512),
					 fakescsi_pattern(&fakescsi.unit[0], (11 + i) * 512));
		}
	free(mem);
	stop_disk(bd);
}

static void writes_arrive(void)
{
	static uint8_t buf[512];
	struct blkdev *bd = start_disk();

	memset(buf, 0x5a, sizeof(buf));
	CHECK_EQ(blkdev_write(bd, 77, 1, buf), 0);
	CHECK_EQ(fakescsi.unit[0].written[3], 0x5a);
	stop_disk(bd);
}

/* Offsets of what one errs in, and what becomes of the command. */
static void a_device_that_errs_goes_on_afterwards(void)
{
	static uint8_t buf[16384];
	static const struct {
		unsigned *at;
		int err;
	} ways[] = {
		{&one.stall_data_at, E_IO},   {&one.stall_status_at, 0}, {&one.bad_tag_at, E_IO},
		{&one.short_status_at, E_IO}, {&one.phase_at, E_IO},     {&one.broken_at, E_IO},
		{&one.silent_at, E_TIMEOUT},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
		struct blkdev *bd = start_disk();

		*ways[i].at = one.commands + 1;
		CHECK_EQ(blkdev_read(bd, 5, 32, buf), ways[i].err);
		CHECK_EQ(blkdev_read(bd, 6, 32, buf), 0);
		CHECK_EQ(get_be64(buf), fakescsi_pattern(&fakescsi.unit[0], 6 * 512));
		stop_disk(bd);
	}
}

/* Less data than asked for, in the first block of several and in the last. */
static void a_short_read_is_told(void)
{
	static uint8_t buf[65536];
	static const unsigned missing[] = {20, 5000, 40004};

	for (unsigned i = 0; i < ARRAY_SIZE(missing); i++) {
		struct blkdev *bd = start_disk();

		fakescsi.short_by = missing[i];
		CHECK_EQ(blkdev_read(bd, 5, 128, buf), E_IO);
		fakescsi.short_by = 0;
		CHECK_EQ(blkdev_read(bd, 5, 128, buf), 0);
		stop_disk(bd);
	}
}

static void a_disk_that_is_pulled_out_fails_soon(void)
{
	static uint8_t buf[512];
	struct blkdev *bd = start_disk();
	uint64_t before;

	one.silent_at = one.commands + 1;
	fakehci_unplug(&dev, 2);
	before = clock_us();
	CHECK(blkdev_read(bd, 5, 1, buf));
	CHECK(clock_us() - before < 2000000);
	stop_disk(bd);
}

/* ---- keyboards --------------------------------------------------------------------------- */

static void keys_become_characters(void)
{
	static const uint8_t reports[][8] = {{2, 0, 0x0b}, {0}, {0, 0, 0x0c}, {0}};
	struct fakeusb k = device(FAKEUSB_KEYBOARD);
	struct fakehci h = {.port = {&k}};
	struct condev *keys;
	char buf[16] = "";
	size_t got = 0;

	start(&h);
	CHECK_EQ(usb_keyboard_start(usb_first(usb), &keys), 0);
	CHECK_EQ(condev_read(keys, buf, sizeof(buf)), 0);
	k.reports = reports;
	k.nreports = ARRAY_SIZE(reports);
	for (unsigned i = 0; i < 20; i++) {
		fakehci_kick(&dev);
		got += condev_read(keys, buf + got, sizeof(buf) - 1 - got);
	}
	CHECK_STR(buf, "Hi");
	usb_keyboard_free(keys);
	stop();
}

/* ---- both -------------------------------------------------------------------------------- */

#define BOTH(name)                         \
	static void test_ohci_##name(void) \
	{                                  \
		is_ehci = false;           \
		name();                    \
	}                                  \
	static void test_ehci_##name(void) \
	{                                  \
		is_ehci = true;            \
		name();                    \
	}

BOTH(an_empty_controller_starts_and_stops)
BOTH(a_controller_that_does_not_reset_is_off_again)
BOTH(no_memory_is_an_error_at_every_step)
BOTH(every_device_gets_an_address_of_its_own)
BOTH(hubs_are_followed)
BOTH(a_silent_device_is_left_out_and_the_next_one_found)
BOTH(reads_of_every_shape_arrive)
BOTH(writes_arrive)
BOTH(a_device_that_errs_goes_on_afterwards)
BOTH(a_short_read_is_told)
BOTH(a_disk_that_is_pulled_out_fails_soon)
BOTH(keys_become_characters)

static void test_ehci_schedules_that_do_not_stop_end_the_controller(void)
{
	struct fakeusb s = {.kind = FAKEUSB_STORAGE, .speed = 3};
	struct fakehci h = {.port = {&s}, .never_stops = true};

	is_ehci = true;
	start(&h);
	CHECK(!usb || !usb_first(usb));
	CHECK(!is_master());
	stop();
}

static void test_ehci_leaves_slower_devices_to_others(void)
{
	struct fakeusb s = {.kind = FAKEUSB_STORAGE, .speed = 1};
	struct fakehci h = {.port = {&s}};

	is_ehci = true;
	start(&h);
	CHECK(!usb_first(usb));
	CHECK(dev.portsc[0] & 0x2000);
	stop();
}

#define TWO(name) TEST(test_ohci_##name), TEST(test_ehci_##name)

static const struct test tests[] = {
	TWO(an_empty_controller_starts_and_stops),
	TWO(a_controller_that_does_not_reset_is_off_again),
	TWO(no_memory_is_an_error_at_every_step),
	TWO(every_device_gets_an_address_of_its_own),
	TWO(hubs_are_followed),
	TWO(a_silent_device_is_left_out_and_the_next_one_found),
	TWO(reads_of_every_shape_arrive),
	TWO(writes_arrive),
	TWO(a_device_that_errs_goes_on_afterwards),
	TWO(a_short_read_is_told),
	TWO(a_disk_that_is_pulled_out_fails_soon),
	TWO(keys_become_characters),
	TEST(test_ehci_schedules_that_do_not_stop_end_the_controller),
	TEST(test_ehci_leaves_slower_devices_to_others),
};

TEST_MAIN(tests)
