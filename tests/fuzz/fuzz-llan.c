/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual Ethernet of a hypervisor that lies: queue entries, buffers that do not come back or come back twice,
 * calls that fail, all from the input. It writes only where it was given memory. Frames fit the room there
 * is for them; nothing stays mapped or registered.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakehv.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/instance.h"
#include "of/machine.h"
#include "of/net.h"

#include "../../board-qemu/board.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNIT 0x71000002u
#define NIC  "/vdevice/l-lan@71000002"
#define BUF  0x100000ull
#define POOL 256u

static const uint8_t *in;
static size_t left;
static struct {
	bool open;
	uint64_t queue, pool[POOL];
	uint32_t queue_len, at;
	uint8_t toggle;
	unsigned n;
	uint8_t sent[2048];
} lan;

static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

static uint64_t next64(void)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | next();
	return v;
}

static uint32_t length_of(uint64_t d)
{
	return (uint32_t)(d >> 32) & 0xffffff;
}

static int64_t lan_register(const uint64_t *reg)
{
	uint8_t zero[4096] = {0};

	if (lan.open)
		return -16;
	memset(&lan, 0, sizeof(lan));
	lan.queue = reg[3] & 0xffffffff;
	lan.queue_len = length_of(reg[3]);
	lan.toggle = 0x80;
	lan.open = true;
	fakehv_vio_write(lan.queue, zero, lan.queue_len);
	return 0;
}

/* Mostly it works. */
static int64_t lan_call(const uint64_t *reg)
{
	static const int8_t results[] = {-1, -4, -16, 1};
	uint8_t how = left ? next() : 0;

	if (reg[0] == 0x118) {
		lan.open = false;
		return 0; /* not closed: its memory would stay taken, rightly */
	}
	if ((how & 0xfc) == 0xfc)
		return results[how & 3];
	if (reg[0] == 0x114)
		return lan_register(reg);
	if (!lan.open)
		return -16;
	if (reg[0] == 0x11c && lan.n < POOL)
		lan.pool[lan.n++] = reg[2];
	else if (reg[0] == 0x120 && length_of(reg[2]) <= sizeof(lan.sent))
		fakehv_vio_read(reg[2] & 0xffffffff, lan.sent, length_of(reg[2]));
	return 0;
}

static void put_entry(uint8_t control, uint16_t offset, uint32_t len, uint64_t correlator)
{
	uint8_t e[16] = {0};

	put_be16(e + 2, offset);
	put_be32(e + 4, len);
	put_be64(e + 8, correlator);
	e[0] = control;
	fakehv_vio_write(lan.queue + lan.at, e, 16);
	lan.at = (lan.at + 16) % lan.queue_len;
	if (lan.at == 0)
		lan.toggle ^= 0x80;
}

/* A frame: what is written into a buffer, and what the entry says of it. */
static void arrive(void)
{
	uint8_t how = next(), correlator[8], frame[1600];
	uint32_t len = next() * 6u;
	uint64_t buffer;

	if (!lan.open || !lan.n)
		return;
	buffer = lan.pool[0];
	fakehv_vio_read(buffer & 0xffffffff, correlator, 8);
	memset(frame, how, sizeof(frame));
	fakehv_vio_write((buffer & 0xffffffff) + 8, frame, len);
	if (!(how & 1))
		memmove(lan.pool, lan.pool + 1, --lan.n * sizeof(lan.pool[0]));
	put_entry(how & 2 ? next() : (uint8_t)(lan.toggle | 0x40), how & 4 ? (uint16_t)next64() : 8,
		  how & 8 ? (uint32_t)next64() : len,
		  how & 16 ? next64() : get_be64(correlator) ^ (how & 32 ? next() : 0));
}

static void transfer(struct instance *nic, const char *method, uint64_t len)
{
	cell_t cells[4] = {BUF, len};
	struct stack st = {cells, 2, ARRAY_SIZE(cells)};

	if (instance_call(nic, method, &st))
		abort();
	if ((int64_t)cells[0] > (int64_t)len)
		abort();
}

static void use(void)
{
	struct instance *nic = NULL;

	while (left > 0) {
		uint8_t what = next();

		if (!nic && instance_open(NIC, &nic))
			nic = NULL;
		if (!nic)
			continue;
		if (what < 0x80)
			arrive();
		else if (what < 0xc0)
			transfer(nic, "read", next() * 6u);
		else if (what < 0xf0)
			transfer(nic, "write", next() * 6u);
		else {
			instance_close(nic);
			nic = NULL;
		}
	}
	if (nic)
		instance_close(nic);
}

static void start(bool bypass)
{
	static const uint8_t mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x57};
	struct dt_cells c = dt_cells_new(5);
	struct dt_node *node;

	memset(&lan, 0, sizeof(lan));
	fakeplatform_start(FAKE_COMPLETE);
	fakeram_with_foreign = true;
	fakehv_start(of_tree());
	fakehv_add_window(UNIT, 0x10000000);
	fakehv.crq.unit = UNIT;
	fakehv.crq.no_bypass = !bypass;
	fakehv.lan = lan_call;
	node = dt_child_get(of_tree(), dt_path_find(of_tree(), "/vdevice"), "l-lan@71000002");
	dt_prop_set_str(node, "compatible", "IBM,l-lan");
	dt_prop_set_u32(node, "reg", UNIT);
	dt_prop_set(node, "local-mac-address", mac, sizeof(mac));
	dt_cells_u32(&c, UNIT);
	dt_cells_u64(&c, 0);
	dt_cells_u64(&c, 0x10000000);
	dt_cells_set(&c, node, "ibm,my-dma-window");
	llan_bind_all();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	in = data;
	left = size;
	start(next() & 1);
	use();
	of_quiesce();
	if (lan.open || fakehv.crq.bypass || fakehv_mapped(UNIT))
		abort();
	fakeplatform_stop();
	return 0;
}
