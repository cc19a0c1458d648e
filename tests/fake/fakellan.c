/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's side of a virtual Ethernet adapter. */
#include "fakellan.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakehv.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/instance.h"
#include "of/machine.h"

#include "../../board-qemu/board.h"

#define REGISTER   0x114
#define FREE       0x118
#define ADD_BUFFER 0x11c
#define SEND       0x120

struct fakellan fakellan;
struct dt_node *fakellan_node;

static uint32_t length_of(uint64_t d)
{
	return (uint32_t)(d >> 32) & 0xffffff;
}

static void must(bool rule)
{
	if (!rule)
		abort();
}

/* ---- calls ---------------------------------------------------------------------------------- */

static int64_t enroll(const uint64_t *reg)
{
	uint8_t zero[4096] = {0};

	if (fakellan.open)
		return -16;
	must(reg[2] % 4096 == 0 && reg[4] % 4096 == 0);
	must(reg[3] >> 63 && length_of(reg[3]) % 16 == 0);
	fakellan.queue = reg[3] & 0xffffffff;
	fakellan.queue_len = length_of(reg[3]);
	fakellan.at = fakellan.n = 0;
	fakellan.toggle = 0x80;
	fakellan.open = true;
	fakellan.registers++;
	fakehv_vio_write(reg[2], zero, 4096);
	fakehv_vio_write(reg[4], zero, 4096);
	fakehv_vio_write(fakellan.queue, zero, fakellan.queue_len);
	return 0;
}

static int64_t add_buffer(uint64_t descriptor)
{
	must(descriptor >> 63 && length_of(descriptor) >= 1526 && descriptor % 4 == 0);
	if (fakellan.n == FAKELLAN_POOL)
		return -16;
	fakellan.pool[fakellan.n++] = descriptor;
	return 0;
}

static int64_t send(const uint64_t *reg)
{
	must(reg[8] == 0 && length_of(reg[2]) <= sizeof(fakellan.sent));
	fakellan.sent_len = length_of(reg[2]);
	fakellan.sends++;
	fakehv_vio_read(reg[2] & 0xffffffff, fakellan.sent, fakellan.sent_len);
	return 0;
}

static int64_t call(const uint64_t *reg)
{
	int64_t no = fakellan.refuse && reg[0] != FREE ? fakellan.refuse(reg) : 0;

	must(reg[1] == FAKELLAN_UNIT);
	if (no)
		return no;
	if (reg[0] == REGISTER)
		return enroll(reg);
	if (!fakellan.open)
		return -16;
	if (reg[0] == ADD_BUFFER)
		return add_buffer(reg[2]);
	if (reg[0] == SEND)
		return send(reg);
	fakellan.open = false;
	fakellan.frees++;
	return 0;
}

/* ---- frames --------------------------------------------------------------------------------- */

void fakellan_entry(uint8_t control, uint16_t offset, uint32_t len, uint64_t correlator)
{
	uint8_t e[16] = {control};

	put_be16(e + 2, offset);
	put_be32(e + 4, len);
	put_be64(e + 8, correlator);
	fakehv_vio_write(fakellan.queue + fakellan.at, e, 16);
	fakellan.at = (fakellan.at + 16) % fakellan.queue_len;
	if (fakellan.at == 0)
		fakellan.toggle ^= 0x80;
}

bool fakellan_fill(const void *frame, uint32_t len, bool keep, uint64_t *correlator)
{
	uint8_t first[8];
	uint64_t buffer;

	if (!fakellan.open || !fakellan.n)
		return false;
	buffer = fakellan.pool[0] & 0xffffffff;
	if (!keep)
		memmove(fakellan.pool, fakellan.pool + 1, --fakellan.n * sizeof(fakellan.pool[0]));
	fakehv_vio_read(buffer, first, 8);
	fakehv_vio_write(buffer + 8, frame, len);
	*correlator = get_be64(first);
	return true;
}

int64_t fakellan_transfer(struct instance *in, const char *method, uint64_t len)
{
	cell_t cells[4] = {FAKELLAN_BUF, len};
	struct stack st = {cells, 2, ARRAY_SIZE(cells)};

	if (instance_call(in, method, &st))
		abort();
	return (int64_t)cells[0];
}

/* ---- the machine ---------------------------------------------------------------------------- */

void fakellan_start(bool bypass, const uint8_t *mac, size_t mac_len)
{
	struct dt_cells c = dt_cells_new(5);

	memset(&fakellan, 0, sizeof(fakellan));
	fakeplatform_start(FAKE_COMPLETE);
	fakeram_with_foreign = true;
	fakehv_start(of_tree());
	fakehv_add_window(FAKELLAN_UNIT, 0x10000000);
	fakehv.crq.unit = FAKELLAN_UNIT;
	fakehv.crq.no_bypass = !bypass;
	fakehv.lan = call;
	fakellan_node =
		dt_child_get(of_tree(), dt_path_find(of_tree(), "/vdevice"), "l-lan@71000002");
	dt_prop_set_str(fakellan_node, "compatible", "IBM,l-lan");
	dt_prop_set_u32(fakellan_node, "reg", FAKELLAN_UNIT);
	dt_prop_set(fakellan_node, "local-mac-address", mac, (uint32_t)mac_len);
	dt_cells_u32(&c, FAKELLAN_UNIT);
	dt_cells_u64(&c, 0);
	dt_cells_u64(&c, 0x10000000);
	dt_cells_set(&c, fakellan_node, "ibm,my-dma-window");
	llan_bind_all();
}

void fakellan_stop(void)
{
	of_quiesce();
	if (fakellan.open || fakehv.crq.bypass || fakehv_mapped(FAKELLAN_UNIT))
		abort();
	fakeplatform_stop();
}
