/* SPDX-License-Identifier: BSD-2-Clause */
/* USB controllers as packages: nodes that appear when somebody looks, disks and keyboards behind them, their end. */
#include "check.h"
#include "fakedma.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "fakescsi.h"
#include "fakexhci.h"

#include "base/bytes.h"
#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/block.h"
#include "of/scsi.h"
#include "of/usb.h"
#include "scsi/scsi.h"
#include "usb/hcd.h"

#define BUF 0x100000ull

static struct fakexhci dev;
static struct fakemmio_rig rig;
static struct fakeusb hub, disk, keys, mouse;
static struct dt_node *node;
static unsigned starts;

static int start_controller(void *ctx, struct usb **usb)
{
	starts++;
	return usb_xhci_start(ctx, usb);
}

/* A disk on port 3, a hub on port 1 with the keyboard on 4 and the mouse on 5. */
static void bind(void)
{
	const struct usb_source source = {start_controller, &rig.dev, "xhci"};
	struct fake_pci *pci = fake_pci_new();

	fakeplatform_start(FAKE_COMPLETE);
	fakescsi_reset();
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 1000);
	hub = (struct fakeusb){.kind = FAKEUSB_HUB, .speed = 1};
	disk = (struct fakeusb){.kind = FAKEUSB_STORAGE, .speed = 4};
	keys = (struct fakeusb){.kind = FAKEUSB_KEYBOARD, .speed = 1};
	mouse = (struct fakeusb){.kind = FAKEUSB_MOUSE, .speed = 1};
	hub.port[3] = &keys;
	hub.port[4] = &mouse;
	dev = (struct fakexhci){.port = {[0] = &hub, [6] = &disk}};
	starts = 0;
	fakemmio_reset();
	fakemmio_rig_start(&rig, pci, fakexhci_add(&dev, pci), &fakedma, NULL);
	node = dt_child_get(of_tree(), of_tree()->root, "usb-xhci@4");
	of_bind_usb(node, &source);
}

static void done(void)
{
	of_quiesce();
	CHECK(!dev.running);
	CHECK_EQ(fakedma_mappings(), 0);
	CHECK_EQ(fakemmio_lost, 0);
	fakeplatform_stop();
	fakemmio_rig_stop(&rig);
	free(disk.data);
	fakescsi_reset();
}

static const char *alias(const char *name)
{
	return dt_prop_get_str(dt_path_find(of_tree(), "/aliases"), name);
}

static void test_binding_touches_nothing(void)
{
	bind();
	CHECK(of_find_node("/usb-xhci@4") == node);
	CHECK_EQ(starts, 0);
	CHECK(!node->child);
	CHECK_STR(alias("usb0"), "/usb-xhci@4");
	CHECK_STR(dt_prop_get_str(node, "device_type"), "xhci");
	CHECK_EQ(dt_prop_u32_or(node, "#address-cells", 0), 1);
	done();
	CHECK_EQ(dev.resets, 0);
}

static void test_paths_of_the_boot_list_are_found(void)
{
	static const char path[] = "/usb-xhci@4/storage@3/disk@103000000000000";
	struct dt_node *found;

	bind();
	found = of_find_node(path);
	CHECK(found);
	CHECK_STR(dt_prop_get_str(found, "device_type"), "block");
	CHECK(of_find_node("/usb-xhci@4/storage@3/disk") ==
	      found); /* a disk of the host's, passed on */
	CHECK(of_find_node("/usb-xhci@4/hub@1/usb-keyboard@4"));
	CHECK(!of_find_node("/usb-xhci@4/hub@1/storage@2"));
	CHECK_EQ(starts, 1);
	of_populate_all();
	CHECK_EQ(starts, 1);
	CHECK_STR(alias("disk"), path);
	CHECK_STR(alias("keyboard"), "/usb-xhci@4/hub@1/usb-keyboard@4");
	CHECK(!alias("scsi"));
	done();
}

static void test_a_disk_opens_and_reads(void)
{
	struct instance *in;
	cell_t cells[8] = {BUF, 17, 4};
	struct stack st = {cells, 3, ARRAY_SIZE(cells)};

	bind();
	CHECK_EQ(instance_open("disk:0", &in), 0);
	CHECK_EQ(instance_call(in, "read-blocks", &st), 0);
	CHECK_EQ(cells[0], 4);
	CHECK_EQ(get_be64(ram_at(BUF, 512)), fakescsi_pattern(fakescsi_find(0, 0), 17 * 512));
	instance_close(in);
	done();
}

static uint64_t typed(struct instance *in, const char *method, unsigned depth)
{
	cell_t cells[4] = {BUF, 16};
	struct stack st = {cells, depth, ARRAY_SIZE(cells)};

	CHECK_EQ(instance_call(in, method, &st), 0);
	CHECK_EQ(st.depth, 1);
	return cells[0];
}

static void test_a_keyboard_is_read(void)
{
	static const uint8_t reports[][8] = {{0, 0, 4}, {0}};
	struct instance *in;

	bind();
	CHECK_EQ(instance_open("keyboard", &in), 0);
	CHECK_EQ(typed(in, "read", 2), (uint64_t)-2);
	CHECK_EQ(typed(in, "key-available?", 0), 0);
	keys.reports = reports;
	keys.nreports = 2;
	fakexhci_kick(&dev);
	CHECK_EQ(typed(in, "key-available?", 0), (uint64_t)-1);
	CHECK_EQ(typed(in, "read", 2), 1);
	CHECK_EQ(*(char *)ram_at(BUF, 1), 'a');
	of_quiesce();
	CHECK_EQ(typed(in, "read", 2), (uint64_t)-2);
	instance_close(in);
	CHECK_EQ(instance_open("keyboard", &in), E_PERM);
	done();
}

static void test_an_unplugged_controller_takes_all_along(void)
{
	struct instance *in, *k;
	cell_t cells[4] = {BUF, 0, 1};
	struct stack st = {cells, 3, ARRAY_SIZE(cells)};

	bind();
	CHECK_EQ(instance_open("disk:0", &in), 0);
	CHECK_EQ(instance_open("keyboard", &k), 0);
	of_block_gone(node);
	of_scsi_gone(node);
	of_usb_gone(node);
	CHECK(!dev.running);
	CHECK_EQ(instance_call(in, "read-blocks", &st), E_STALE);
	CHECK_EQ(typed(k, "read", 2), (uint64_t)-2);
	instance_close(in);
	instance_close(k);
	of_populate_all();
	CHECK_EQ(starts, 1);
	done();
}

static void test_a_controller_that_does_not_start_is_told_once(void)
{
	bind();
	dev.never_resets = true;
	CHECK(!of_find_node("/usb-xhci@4/storage@3"));
	CHECK(!of_find_node("/usb-xhci@4/storage@3"));
	CHECK_EQ(starts, 1);
	done();
}

static const struct test tests[] = {
	TEST(test_binding_touches_nothing),
	TEST(test_paths_of_the_boot_list_are_found),
	TEST(test_a_disk_opens_and_reads),
	TEST(test_a_keyboard_is_read),
	TEST(test_an_unplugged_controller_takes_all_along),
	TEST(test_a_controller_that_does_not_start_is_told_once),
};

TEST_MAIN(tests)
