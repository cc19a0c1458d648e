/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor under the board's C code. */
#include "fakehv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "dt/prop.h"
#include "fakeram.h"

#define TOKEN_READ    0x2016u
#define TOKEN_WRITE   0x2017u
#define TOKEN_QUIESCE 0x2011u
#define TOKEN_REBOOT  0x2004u
#define TOKEN_BYPASS  0x2018u

struct fakehv fakehv;

/* What the linker script and the assembly give the board on the firmware. */
char __end[1], __data_end[1];
uint64_t stack_bottom[2], ci_stack_bottom[2], exc_stack_bottom[2];
const uint8_t rtas_blob[20] = {0x7c, 0x64, 0x1b, 0x78, 0x3c, 0x60, 0,    0,    0x60, 0x63,
			       0xf0, 0,    0x44, 0,    0,    0x22, 0x4e, 0x80, 0,    0x20};

int64_t hcall(uint64_t reg[10]);
uint64_t cpu_timebase(void);
void cpu_flush_code(uint64_t addr, uint64_t len);
uint64_t cpu_low_get(uint32_t addr);
void cpu_low_put(uint32_t addr, uint64_t value);

static uint64_t low[1024];

uint64_t cpu_timebase(void)
{
	static uint64_t tb;

	return tb += 512;
}

void cpu_flush_code(uint64_t addr, uint64_t len)
{
	(void)addr;
	(void)len;
}

uint64_t cpu_low_get(uint32_t addr)
{
	return low[addr / 8];
}

void cpu_low_put(uint32_t addr, uint64_t value)
{
	low[addr / 8] = value;
}

/* Status of a config call; the value cell is written on success only. */
static int32_t config(const uint8_t *arg, uint8_t *value, bool write)
{
	uint32_t addr = get_be32(arg), v = 0;
	uint64_t buid = get_be64(arg + 4);
	uint32_t size = get_be32(arg + 12);
	uint16_t reg = (uint16_t)((addr >> 20 & 0xf00) | (addr & 0xff));
	pci_bdf bdf = (pci_bdf)(addr >> 8);

	fakehv.last_address = addr;
	if (!fakehv.pci || buid != FAKEHV_BUID)
		return -1;
	if (write)
		return fakehv.pci->ops->cfg_write(fakehv.pci->ctx, bdf, reg, (uint8_t)size,
						  get_be32(arg + 16))
			       ? -1
			       : 0;
	if (fakehv.pci->ops->cfg_read(fakehv.pci->ctx, bdf, reg, (uint8_t)size, &v))
		return -1;
	put_be32(value, v);
	return 0;
}

static int64_t rtas(uint8_t *block)
{
	uint32_t token = get_be32(block), nargs = get_be32(block + 4);
	uint8_t *arg = block + 12, *ret = arg + 4 * nargs;
	int32_t status = -3;

	fakehv.rtas_calls++;
	if (token == TOKEN_READ && nargs == 4 && get_be32(block + 8) == 2)
		status = config(arg, ret + 4, false);
	else if (token == TOKEN_WRITE && nargs == 5 && get_be32(block + 8) == 1)
		status = config(arg, NULL, true);
	else if (token == TOKEN_BYPASS && nargs == 2 && get_be32(arg) == fakehv.crq.unit) {
		fakehv.crq.bypass = get_be32(arg + 4) && !fakehv.crq.no_bypass;
		status = fakehv.crq.no_bypass ? -3 : 0;
	} else if (token == TOKEN_QUIESCE || token == TOKEN_REBOOT)
		status = 0;
	put_be32(ret, (uint32_t)status);
	return 0;
}

static int64_t cas(uint64_t reply, uint64_t size)
{
	uint8_t *to = (uint8_t *)(uintptr_t)reply;
	int64_t rc;

	fakehv.cas_reply = reply;
	fakehv.cas_size = size;
	if (!fakehv.cas)
		return -1;
	put_be32(to, 0x01000000); /* QEMU writes the number 1 in the host's order */
	rc = fakehv.cas(to + 4, size - 4);
	return rc;
}

static int64_t put_term_char(const uint64_t *reg)
{
	uint8_t bytes[16];

	if (fakehv.busy) {
		fakehv.busy--;
		return 1;
	}
	if (reg[2] > 16 || fakehv.sent_len + reg[2] > sizeof(fakehv.sent))
		return -4;
	put_be64(bytes, reg[3]);
	put_be64(bytes + 8, reg[4]);
	memcpy(fakehv.sent + fakehv.sent_len, bytes, reg[2]);
	fakehv.sent_len += (unsigned)reg[2];
	return 0;
}

/* ---- DMA windows -------------------------------------------------------------------------- */

#define PAGE        4096u
#define PAGES_MAX   (1u << 20) /* 4 GiB */
#define H_PARAMETER (-4)
#define H_HARDWARE  (-1)
#define H_FUNCTION  (-2)

static struct window {
	uint32_t liobn;
	uint64_t pages;
} windows[4];
static uint64_t tables[ARRAY_SIZE(windows)][PAGES_MAX];

void fakehv_add_window(uint32_t liobn, uint64_t bytes)
{
	unsigned i = 0;

	while (i < ARRAY_SIZE(windows) && windows[i].pages)
		i++;
	if (i == ARRAY_SIZE(windows) || bytes > (uint64_t)PAGE * PAGES_MAX)
		panic("fakehv: no room for window %x", liobn);
	windows[i] = (struct window){liobn, bytes / PAGE};
}

static void forget_windows(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(windows); i++)
		memset(tables[i], 0, windows[i].pages * sizeof(tables[i][0]));
	memset(windows, 0, sizeof(windows));
}

/* n entries from bus address dev on, NULL if they are not all in the window. */
static uint64_t *entries(uint64_t liobn, uint64_t dev, uint64_t n)
{
	uint64_t first = dev / PAGE;

	for (unsigned i = 0; i < ARRAY_SIZE(windows); i++)
		if (windows[i].pages && windows[i].liobn == liobn)
			return first <= windows[i].pages && n <= windows[i].pages - first
				       ? tables[i] + first
				       : NULL;
	return NULL;
}

/* QEMU takes any entry; one that lets a device out of RAM is a fault of the code under test. */
static void put(uint64_t *to, uint64_t tce)
{
	uint64_t real = tce & ~(uint64_t)(PAGE - 1);

	if ((tce & 3) && real > FAKERAM_BYTES - PAGE &&
	    !(fakeram_with_foreign && real >= FAKERAM_FOREIGN))
		panic("fakehv: entry %llx is not RAM", (unsigned long long)tce);
	*to = tce;
}

static int64_t put_list(uint64_t *to, uint64_t list, uint64_t n)
{
	if (list % PAGE || n > 512)
		return H_PARAMETER;
	for (uint64_t i = 0; i < n; i++)
		put(to + i, get_be64(fakeram_bytes(list) + 8 * i));
	return 0;
}

static bool tce_fails(uint64_t op, bool clears)
{
	fakehv.tce.calls++;
	fakehv.tce.puts += op == 0x20;
	fakehv.tce.indirects += op == 0x13c;
	fakehv.tce.stuffs += op == 0x138;
	return (fakehv.tce.fail_at && fakehv.tce.calls >= fakehv.tce.fail_at && !clears) ||
	       (fakehv.tce.no_clear && clears);
}

static int64_t tce_call(const uint64_t *reg)
{
	uint64_t op = reg[0], n = op == 0x20 ? 1 : reg[4];
	bool clears = op != 0x13c && reg[3] == 0;
	uint64_t *to = entries(reg[1], reg[2], n);

	if (op != 0x20 && fakehv.tce.no_multi)
		return H_FUNCTION;
	if (!to || reg[2] % PAGE)
		return H_PARAMETER;
	if (tce_fails(op, clears)) {
		if (op == 0x13c)
			(void)put_list(to, reg[3], n / 2); /* it stopped half way */
		return H_HARDWARE;
	}
	if (op == 0x13c)
		return put_list(to, reg[3], n);
	for (uint64_t i = 0; i < n; i++)
		put(to + i, reg[3]);
	return 0;
}

unsigned fakehv_mapped(uint32_t liobn)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(windows); i++)
		for (uint64_t p = 0; windows[i].liobn == liobn && p < windows[i].pages; p++)
			n += (tables[i][p] & 3) != 0;
	return n;
}

bool fakehv_dma_open(uint32_t liobn, uint64_t dev)
{
	const uint64_t *e = entries(liobn, dev, 1);

	return e && (*e & 3) != 0;
}

/* The memory behind a bus address, and how much of *len lies in its page. */
static uint8_t *dma_page(uint32_t liobn, uint64_t dev, unsigned need, size_t *len)
{
	const uint64_t *e = entries(liobn, dev, 1);

	if (!e || (*e & need) != need)
		panic("fakehv: DMA to %llx, which is not mapped", (unsigned long long)dev);
	if (*len > PAGE - dev % PAGE)
		*len = PAGE - dev % PAGE;
	return fakeram_bytes((*e & ~(uint64_t)(PAGE - 1)) + dev % PAGE);
}

void fakehv_dma_read(uint32_t liobn, uint64_t dev, void *buf, size_t len)
{
	uint8_t *to = buf;

	while (len > 0) {
		size_t n = len;
		const uint8_t *from = dma_page(liobn, dev, 1, &n);

		memcpy(to, from, n);
		to += n;
		dev += n;
		len -= n;
	}
}

void fakehv_dma_write(uint32_t liobn, uint64_t dev, const void *buf, size_t len)
{
	const uint8_t *from = buf;

	while (len > 0) {
		size_t n = len;
		uint8_t *to = dma_page(liobn, dev, 2, &n);

		memcpy(to, from, n);
		from += n;
		dev += n;
		len -= n;
	}
}

/* ---- a virtual device ----------------------------------------------------------------------- */

void fakehv_vio_read(uint64_t dev, void *buf, size_t len)
{
	if (!fakehv.crq.bypass)
		fakehv_dma_read(fakehv.crq.unit, dev, buf, len);
	else
		memcpy(buf, fakeram_bytes(dev), len);
}

void fakehv_vio_write(uint64_t dev, const void *buf, size_t len)
{
	if (!fakehv.crq.bypass)
		fakehv_dma_write(fakehv.crq.unit, dev, buf, len);
	else
		memcpy(fakeram_bytes(dev), buf, len);
}

void fakehv_crq_answer(const uint8_t element[16])
{
	uint64_t slot = fakehv.crq.dev + fakehv.crq.at;
	uint8_t first;

	if (!fakehv.crq.len)
		return;
	fakehv_vio_read(slot, &first, 1);
	if (first)
		return;
	fakehv_vio_write(slot + 8, element + 8, 8);
	fakehv_vio_write(slot, element, 8);
	fakehv.crq.at = (fakehv.crq.at + 16) % fakehv.crq.len;
}

static int64_t reg_crq(uint64_t dev, uint64_t len)
{
	if (fakehv.crq.taken) {
		fakehv.crq.taken--;
		return -16;
	}
	if (dev % PAGE || len < PAGE || len % PAGE || fakehv.crq.len)
		return H_PARAMETER;
	if (fakehv.crq.reg_result < 0)
		return fakehv.crq.reg_result;
	fakehv.crq.registers++;
	fakehv.crq.dev = dev;
	fakehv.crq.len = len;
	fakehv.crq.at = 0;
	return fakehv.crq.reg_result;
}

static int64_t send_crq(uint64_t high, uint64_t rest)
{
	uint64_t hello = fakehv.crq.hello ? fakehv.crq.hello : 0xc002000000000000;
	uint8_t e[16] = {0};

	if (!fakehv.crq.len)
		return H_HARDWARE;
	if (high != 0xc001000000000000)
		return fakehv.crq.send ? fakehv.crq.send(high, rest) : H_HARDWARE;
	put_be64(e, hello);
	if (hello != 1)
		fakehv_crq_answer(e);
	return 0;
}

static int64_t crq_call(const uint64_t *reg)
{
	if (reg[1] != fakehv.crq.unit)
		return H_PARAMETER;
	if (reg[0] == 0xfc)
		return reg_crq(reg[2], reg[3]);
	if (reg[0] == 0x108)
		return send_crq(reg[2], reg[3]);
	fakehv.crq.frees++;
	fakehv.crq.len = 0;
	return 0;
}

/* ---- */

int64_t hcall(uint64_t reg[10])
{
	fakehv.calls++;
	switch (reg[0]) {
	case 0x20:
	case 0x138:
	case 0x13c:
		return tce_call(reg);
	case 0x58:
		return put_term_char(reg);
	case 0xfc:
	case 0x100:
	case 0x108:
		return crq_call(reg);
	case 0x114:
	case 0x118:
	case 0x11c:
	case 0x120:
		return fakehv.lan ? fakehv.lan(reg) : H_FUNCTION;
	case 0xf000:
		return rtas((uint8_t *)(uintptr_t)reg[1]);
	case 0xf002:
		return cas(reg[2], reg[3]);
	case 0xf003:
		fakehv.updates++;
		return 0;
	default:
		return -2;
	}
}

void fakehv_start(struct dt_tree *tree)
{
	struct dt_node *node = dt_child_get(tree, tree->root, "rtas");

	memset(&fakehv, 0, sizeof(fakehv));
	forget_windows();
	dt_prop_set_u32(node, "ibm,read-pci-config", TOKEN_READ);
	dt_prop_set_u32(node, "ibm,write-pci-config", TOKEN_WRITE);
	dt_prop_set_u32(node, "quiesce", TOKEN_QUIESCE);
	dt_prop_set_u32(node, "system-reboot", TOKEN_REBOOT);
	dt_prop_set_u32(node, "ibm,set-tce-bypass", TOKEN_BYPASS);
	dt_prop_set_u32(node, "rtas-size", 0x82c);
}
