/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile virtual SCSI host: the input decides what its information units say, how many elements come for
 * each command and what is in them, and every byte of data. It reaches only the memory it was given, as
 * the hypervisor has it. Looking for disks and using them must end; afterwards nothing is mapped, registered or
 * kept.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakehv.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/instance.h"
#include "of/machine.h"
#include "of/scsi.h"

#include "../../board-qemu/board.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNIT  0x71000003u
#define IU    256u
#define BUF   0x100000ull
#define CALLS 3000u /* then the host falls silent: the input is long used up */

static const uint8_t *in;
static size_t left;
static unsigned calls;

static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

static void fill(uint8_t *p, unsigned n)
{
	while (n-- > 0)
		*p++ = next();
}

/* What a command brings: some bytes of the input, then zeros. */
static void bring_data(const uint8_t *iu, uint8_t how)
{
	uint8_t data[64] = {0}, piece[16];
	uint32_t len, n = how & 4 ? next() & 63 : 40;

	if (iu[0] != 2 || iu[5] != 2)
		return;
	fill(data, n);
	fakehv_vio_read(get_be64(iu + 48), piece, sizeof(piece)); /* the first of the table */
	len = get_be32(piece + 12);
	fakehv_vio_write(get_be64(piece), data, len < sizeof(data) ? len : sizeof(data));
}

static void respond(uint8_t *iu, uint8_t how)
{
	uint64_t tag = get_be64(iu + 8);
	uint8_t type = iu[0] == 0 ? 0xc0 : 0xc1;

	bring_data(iu, how);
	memset(iu, 0, IU);
	iu[0] = how & 1 ? next() : type;
	if (how & 2)
		fill(iu + 18, 2);
	if (how & 8)
		fill(iu + 20, 48);
	put_be64(iu + 8, how & 16 ? tag + next() : tag);
}

static void send_element(uint64_t tag, bool odd)
{
	uint8_t e[16] = {0x80, 1};

	if (odd)
		fill(e, 4);
	put_be64(e + 8, odd ? tag + next() : tag);
	fakehv_crq_answer(e);
}

static int64_t element(uint64_t high, uint64_t low)
{
	uint8_t iu[IU], how = next();
	uint64_t tag;

	if (high >> 48 != 0x8001 || (high & 0xffff) > IU)
		abort();
	fakehv_vio_read(low, iu, IU);
	tag = get_be64(iu + 8);
	if (how == 0xff)
		return -1;
	if (++calls > CALLS || how >> 5 == 1)
		return 0;
	respond(iu, how);
	fakehv_vio_write(low, iu, IU);
	for (unsigned n = how >> 5 == 2 ? next() & 7 : 0; n > 0; n--)
		send_element(tag, true);
	send_element(tag, how >> 5 == 3);
	if (how >> 5 == 4)
		send_element(tag, false);
	return 0;
}

static void start(bool bypass)
{
	struct dt_cells c = dt_cells_new(5);
	struct dt_node *node;

	fakeplatform_start(FAKE_COMPLETE);
	fakeram_with_foreign = true;
	fakehv_start(of_tree());
	fakehv_add_window(UNIT, 0x10000000);
	fakehv.crq.unit = UNIT;
	fakehv.crq.send = element;
	fakehv.crq.no_bypass = !bypass;
	node = dt_child_get(of_tree(), dt_path_find(of_tree(), "/vdevice"), "v-scsi@71000003");
	dt_prop_set_str(node, "device_type", "vscsi");
	dt_prop_set_str(node, "compatible", "IBM,v-scsi");
	dt_prop_set_u32(node, "reg", UNIT);
	dt_cells_u32(&c, UNIT);
	dt_cells_u64(&c, 0);
	dt_cells_u64(&c, 0x10000000);
	dt_cells_set(&c, node, "ibm,my-dma-window");
	vscsi_bind_all();
}

static void transfer(struct instance *disk, const char *method)
{
	uint8_t block = next();
	cell_t cells[4] = {BUF, block, 1 + (next() & 7)};
	struct stack st = {cells, 3, ARRAY_SIZE(cells)};
	uint64_t wanted = cells[2];

	if (!instance_call(disk, method, &st) && (st.depth != 1 || cells[0] > wanted))
		abort();
}

static void use(const struct dt_node *node)
{
	char path[96];
	struct instance *disk;

	if (strncmp(node->name, "disk@", 5) != 0 ||
	    dt_path_of(node, path, sizeof(path)) >= sizeof(path))
		return;
	if (instance_open(path, &disk))
		return;
	transfer(disk, "read-blocks");
	transfer(disk, "write-blocks");
	instance_close(disk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	in = data;
	left = size;
	calls = 0;
	start(next() & 1);
	of_populate_all();
	for (struct dt_node *n = of_tree()->root; n; n = dt_next(of_tree()->root, n))
		use(n);
	of_quiesce();
	if (fakehv.crq.len || fakehv.crq.bypass || fakehv_mapped(UNIT))
		abort();
	fakeplatform_stop();
	return 0;
}
