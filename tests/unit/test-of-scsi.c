/* SPDX-License-Identifier: BSD-2-Clause */
/* SCSI hosts as packages: disks that appear when somebody looks, and their end. */
#include "check.h"

#include "base/bytes.h"
#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "fakescsi.h"
#include "of/block.h"
#include "of/scsi.h"
#include "scsi/scsi.h"

#define BUF 0x100000ull

static unsigned starts;
static int start_err;

static int start_host(void *ctx, struct scsi_host **host)
{
	starts++;
	if (!start_err)
		*host = ctx;
	return start_err;
}

static struct dt_node *hba;

/* A host at /hba with a disk, a CD-ROM, an empty drive, a disk at LUN 300, and a printer. */
static void bind(const char *type)
{
	struct scsi_source source = {start_host, &fakescsi_host, "fake", false};

	fakeplatform_start(FAKE_COMPLETE);
	fakescsi_reset();
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 1000);
	fakescsi_add(0, 300, SCSI_TYPE_DISK, 512, 2000);
	fakescsi_add(1, 0, 2, 512, 1);
	fakescsi_add(2, 0, SCSI_TYPE_CDROM, 2048, 50);
	fakescsi_add(10, 0, SCSI_TYPE_CDROM, 2048, 0);
	starts = 0;
	start_err = 0;
	hba = dt_child_get(of_tree(), of_tree()->root, "hba@1");
	if (type)
		dt_prop_set_str(hba, "device_type", type);
	of_bind_scsi(hba, &source);
}

static void done(void)
{
	of_quiesce();
	CHECK_EQ(fakescsi_stops, start_err ? 0 : starts);
	fakeplatform_stop();
}

static const char *alias(const char *name)
{
	return dt_prop_get_str(dt_path_find(of_tree(), "/aliases"), name);
}

static int open_close(const char *path)
{
	struct instance *in;
	int err = instance_open(path, &in);

	if (!err)
		instance_close(in);
	return err;
}

static unsigned children(void)
{
	unsigned n = 0;

	for (struct dt_node *c = hba->child; c; c = c->next)
		n++;
	return n;
}

static void test_binding_touches_nothing(void)
{
	bind(NULL);
	CHECK_EQ(starts, 0);
	CHECK(!hba->child);
	CHECK_STR(dt_prop_get_str(hba, "device_type"), "scsi");
	CHECK_EQ(dt_prop_u32_or(hba, "#address-cells", 0), 2);
	CHECK_STR(alias("scsi"), "/hba@1");
	CHECK(of_find_node("/hba@1") == hba);
	CHECK_EQ(open_close("/hba@1"), 0);
	CHECK_EQ(open_close("/hba@1:args"), 0);
	CHECK_EQ(open_close("/hba@2/disk@0"), E_NOENT);
	CHECK_EQ(starts, 0);
	done();
}

static void test_a_path_below_a_host_finds_its_disks(void)
{
	struct dt_node *node;

	bind(NULL);
	node = of_find_node("/hba@1/disk@100412C00000000");
	CHECK(node);
	CHECK_STR(node->name, "disk@100412c00000000");
	CHECK_STR(dt_prop_get_str(node, "device_type"), "block");
	CHECK_EQ(children(), 4);
	CHECK_EQ(starts, 1);
	CHECK(!of_find_node("/hba@1/disk@101000000000000")); /* no disk, a printer */
	CHECK(of_find_node("/hba@1/disk"));
	CHECK_EQ(starts, 1);
	CHECK_EQ(children(), 4);
	done();
}

static void test_a_disk_opens_and_reads(void)
{
	struct fakescsi_unit *u;
	struct instance *in;
	cell_t cells[8];
	struct stack st = {cells, 3, ARRAY_SIZE(cells)};

	bind(NULL);
	u = fakescsi_find(0, 300);
	CHECK_EQ(instance_open("/hba@1/disk@100412c00000000:0", &in), 0);
	cells[0] = BUF;
	cells[1] = 17;
	cells[2] = 4;
	CHECK_EQ(instance_call(in, "read-blocks", &st), 0);
	CHECK_EQ(cells[0], 4);
	CHECK_EQ(get_be64(fakeram_bytes(BUF + 1000)), fakescsi_pattern(u, 17 * 512 + 1000));
	instance_close(in);
	CHECK_EQ(open_close("/hba@1/disk@10a000000000000"), E_NOENT); /* no medium */
	CHECK_EQ(open_close("/hba@1/disk@102000000000000"), 0);
	done();
}

static void test_arguments_of_the_host_do_not_hide_its_disks(void)
{
	bind(NULL);
	CHECK(of_find_node("/hba@1:a,b/disk@102000000000000"));
	CHECK_EQ(open_close("/hba@1:x/disk@102000000000000:0"), 0);
	done();
}

/* A host of the other kind over the same targets: unit addresses are pairs. */
static uint64_t plain(uint64_t pair)
{
	return fakescsi_address((uint8_t)(pair >> 32), (uint16_t)pair);
}

static int pair_command(struct scsi_host *host UNUSED, struct scsi_request *req)
{
	uint64_t pair = req->unit;
	int err;

	req->unit = plain(pair);
	err = fakescsi_host.ops->command(&fakescsi_host, req);
	req->unit = pair;
	return err;
}

static bool pair_target(struct scsi_host *host UNUSED, uint32_t i, uint64_t *unit)
{
	*unit = scsi_pair(i, 0);
	return i < 16;
}

static int pair_unit(struct scsi_host *host UNUSED, uint32_t i, const uint8_t entry[8],
		     uint64_t *unit)
{
	uint32_t lun;
	int err = scsi_lun_number(entry, &lun);

	*unit = err ? 0 : scsi_pair(i, lun);
	return err;
}

static void pair_stop(struct scsi_host *host UNUSED)
{
	fakescsi_stops++;
}

static void test_disks_of_a_host_with_a_channel_are_named_by_target_and_lun(void)
{
	static const struct scsi_host_ops ops = {.command = pair_command,
						 .target = pair_target,
						 .unit = pair_unit,
						 .stop = pair_stop};
	static struct scsi_host host = {.ops = &ops, .max_bytes = 65536, .try_luns = 8};
	const struct scsi_source source = {start_host, &host, "pair", false};
	struct dt_node *node;

	bind(NULL);
	hba = dt_child_get(of_tree(), of_tree()->root, "raid@2");
	of_bind_scsi_channel(hba, &source);
	node = of_find_node("/raid@2/channel@0/disk@0,12C");
	CHECK(node);
	CHECK_STR(node->name, "disk@0,12c");
	CHECK_EQ(get_be64(dt_prop_find(node, "reg")->data), 300);
	CHECK_EQ(dt_prop_u32_or(hba, "#address-cells", 0), 1);
	CHECK_EQ(dt_prop_u32_or(node->parent, "#address-cells", 0), 2);
	CHECK_EQ(dt_prop_u32_or(node->parent, "#size-cells", 9), 0);
	CHECK_EQ(dt_prop_u32_or(node->parent, "reg", 9), 0);
	CHECK_EQ(open_close("/raid@2/channel@0/disk@2,0"), 0);
	CHECK_STR(alias("cdrom"), "/raid@2/channel@0/disk@2,0");
	CHECK_EQ(children(), 1);
	done();
}

static void test_aliases_come_with_the_disks(void)
{
	bind(NULL);
	CHECK(!alias("disk"));
	of_populate_all();
	CHECK_STR(alias("disk"), "/hba@1/disk@100000000000000");
	CHECK_STR(alias("disk1"), "/hba@1/disk@100412c00000000");
	CHECK(!alias("disk2"));
	CHECK_STR(alias("cdrom"), "/hba@1/disk@102000000000000");
	CHECK_STR(alias("cdrom1"), "/hba@1/disk@10a000000000000");
	of_populate_all();
	CHECK_EQ(starts, 1);
	CHECK(!alias("disk2"));
	CHECK_EQ(open_close("disk1:0"), 0);
	done();
}

static void test_who_looks_at_the_aliases_sees_all(void)
{
	bind(NULL);
	CHECK(of_find_node("/aliases"));
	CHECK(alias("cdrom"));
	done();
}

static void test_report_luns_gives_lists_that_end_with_zero(void)
{
	struct instance *in;
	cell_t cells[4];
	struct stack st = {cells, 0, ARRAY_SIZE(cells)};
	const uint8_t *list;

	bind("vscsi");
	CHECK_STR(dt_prop_get_str(hba, "device_type"), "vscsi");
	CHECK_EQ(instance_open("/hba@1", &in), 0);
	CHECK_EQ(instance_call(in, "vscsi-report-luns", &st), 0);
	CHECK_EQ(st.depth, 2);
	CHECK_EQ(cells[1], 1);
	CHECK(cells[0] < 1ull << 32);
	list = fakeram_bytes(get_be64(fakeram_bytes(cells[0])));
	CHECK_EQ(get_be64(list), 0x0100000000000000);
	CHECK_EQ(get_be64(list + 8), 0x0100412c00000000);
	CHECK_EQ(get_be64(list + 16), 0x0102000000000000);
	CHECK_EQ(get_be64(list + 24), 0x010a000000000000);
	CHECK_EQ(get_be64(list + 32), 0);
	st.depth = 0;
	CHECK_EQ(instance_call(in, "vscsi-report-luns", &st), 0);
	CHECK(list == fakeram_bytes(get_be64(fakeram_bytes(cells[0]))));
	instance_close(in);
	done();
}

static void test_a_host_that_does_not_start_has_no_disks_and_is_asked_once(void)
{
	struct instance *in;
	cell_t cells[4];
	struct stack st = {cells, 0, ARRAY_SIZE(cells)};

	bind(NULL);
	start_err = E_TIMEOUT;
	CHECK(!of_find_node("/hba@1/disk@0"));
	CHECK(!of_find_node("/hba@1/disk@0"));
	of_populate_all();
	CHECK_EQ(starts, 1);
	CHECK_EQ(instance_open("/hba@1", &in), 0);
	CHECK_EQ(instance_call(in, "vscsi-report-luns", &st), 0);
	CHECK_EQ(get_be64(fakeram_bytes(get_be64(fakeram_bytes(cells[0])))), 0);
	instance_close(in);
	done();
}

static void test_quiesce_ends_disks_and_host(void)
{
	struct instance *in;
	cell_t cells[4] = {BUF, 0, 1};
	struct stack st = {cells, 3, ARRAY_SIZE(cells)};

	bind(NULL);
	CHECK_EQ(open_close("disk:0"), 0); /* an alias nobody made yet: it is looked for */
	CHECK_EQ(instance_open("/hba@1/disk:0", &in), 0);
	of_quiesce();
	CHECK_EQ(fakescsi_stops, 1);
	CHECK_EQ(instance_call(in, "read-blocks", &st), E_STALE);
	CHECK(open_close("/hba@1/disk@102000000000000") != 0);
	instance_close(in);
	CHECK_EQ(fakescsi_stops, 1);
	fakeplatform_stop();
}

static void test_after_quiesce_nobody_is_started(void)
{
	bind(NULL);
	of_quiesce();
	CHECK(!of_find_node("/hba@1/disk@0"));
	of_populate_all();
	CHECK_EQ(starts, 0);
	fakeplatform_stop();
}

static void test_a_host_may_vanish_with_its_disks_open(void)
{
	struct instance *in;
	cell_t cells[4] = {BUF, 0, 1};
	struct stack st = {cells, 3, ARRAY_SIZE(cells)};

	bind(NULL);
	CHECK_EQ(instance_open("/hba@1/disk@100000000000000:0", &in), 0);
	instance_forget_node(hba);
	dt_node_delete(of_tree(), hba);
	CHECK_EQ(instance_call(in, "read-blocks", &st), E_STALE);
	instance_close(in);
	CHECK(!of_find_node("/hba@1/disk@0"));
	of_populate_all();
	done();
}

static void test_an_unplugged_host_stops_and_is_not_started_again(void)
{
	struct instance *in;
	cell_t cells[4] = {BUF, 0, 1};
	struct stack st = {cells, 3, ARRAY_SIZE(cells)};

	bind(NULL);
	CHECK_EQ(instance_open("/hba@1/disk@100000000000000:0", &in), 0);
	of_block_gone(hba->parent);
	of_scsi_gone(hba->parent);
	CHECK_EQ(fakescsi_stops, 1);
	CHECK_EQ(instance_call(in, "read-blocks", &st), E_STALE);
	CHECK(open_close("/hba@1/disk@102000000000000"));
	instance_close(in);
	of_populate_all();
	CHECK_EQ(starts, 1);
	of_quiesce();
	CHECK_EQ(fakescsi_stops, 1);
	fakeplatform_stop();
}

static void test_a_host_nobody_used_is_unplugged_silently(void)
{
	bind(NULL);
	of_scsi_gone(hba);
	CHECK(!of_find_node("/hba@1/disk@100000000000000"));
	CHECK_EQ(starts, 0);
	done();
}

static const struct test tests[] = {
	TEST(test_an_unplugged_host_stops_and_is_not_started_again),
	TEST(test_a_host_nobody_used_is_unplugged_silently),
	TEST(test_binding_touches_nothing),
	TEST(test_a_path_below_a_host_finds_its_disks),
	TEST(test_a_disk_opens_and_reads),
	TEST(test_arguments_of_the_host_do_not_hide_its_disks),
	TEST(test_disks_of_a_host_with_a_channel_are_named_by_target_and_lun),
	TEST(test_aliases_come_with_the_disks),
	TEST(test_who_looks_at_the_aliases_sees_all),
	TEST(test_report_luns_gives_lists_that_end_with_zero),
	TEST(test_a_host_that_does_not_start_has_no_disks_and_is_asked_once),
	TEST(test_quiesce_ends_disks_and_host),
	TEST(test_after_quiesce_nobody_is_started),
	TEST(test_a_host_may_vanish_with_its_disks_open),
};
TEST_MAIN(tests)
