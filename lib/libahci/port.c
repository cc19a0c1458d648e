/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A port and its command engine (AHCI 10.1, 5.5). One command at a time, or several queued ones (5.6.4), polled:
 * list, tables and the FISes received live in one page. After a failure the engine is stopped and started, as section
 * 6.2.2 wants it; one that does not stop is dead and never touched again.
 */
#define LOG_TAG "ahci"
#include "ahci-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

_Static_assert(AT_TABLE + SLOTS * TABLE_SIZE <= PORT_PAGE, "the page is full");
_Static_assert(IN_ENTRIES + ENTRIES * 16 <= TABLE_SIZE, "a table is full");

#define ENGINE_MS 500u
#define READY_MS  10000u

#define FIS_H2D         0x27
#define FIS_COMMAND     0x80
#define FIS_LEN         5u /* dwords */
#define LIST_PACKET     0x20u
#define LIST_WRITE      0x40u
#define LIST_ENTRIES(n) ((n) << 16)

uint32_t port_read(const struct ahci *a, unsigned port, uint32_t reg)
{
	return pci_read32(&a->bar, PORT_BASE(port) + reg);
}

static void port_write(const struct ahci *a, unsigned port, uint32_t reg, uint32_t v)
{
	pci_write32(&a->bar, PORT_BASE(port) + reg, v);
}

bool port_has_drive(const struct ahci *a, unsigned port)
{
	return port < 32 && a->ports >> port & 1 &&
	       SSTS_DET(port_read(a, port, PORT_SSTS)) == DET_READY;
}

/* Until the bits of mask are clear. A register full of ones is a controller that is gone. */
static int wait_clear(const struct ahci *a, unsigned port, uint32_t reg, uint32_t mask, uint32_t ms)
{
	struct wait w = wait_ms(ms);
	uint32_t v;

	while ((v = port_read(a, port, reg)) & mask) {
		if (v == 0xffffffff)
			return E_IO;
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
	return 0;
}

static void change_command(const struct ahci *a, unsigned port, uint32_t clear, uint32_t set)
{
	port_write(a, port, PORT_CMD, (port_read(a, port, PORT_CMD) & ~clear) | set);
}

/* ---- the engine --------------------------------------------------------------------------- */

static int engine_stop(const struct ahci *a, unsigned port)
{
	int err;

	change_command(a, port, CMD_START, 0);
	err = wait_clear(a, port, PORT_CMD, CMD_RUNNING, ENGINE_MS);
	change_command(a, port, CMD_FIS, 0);
	return err ? err : wait_clear(a, port, PORT_CMD, CMD_FIS_ON, ENGINE_MS);
}

static int engine_start(const struct ahci *a, unsigned port)
{
	int err;

	port_write(a, port, PORT_SERR, 0xffffffff);
	port_write(a, port, PORT_IS, 0xffffffff);
	change_command(a, port, 0, CMD_FIS | CMD_SPIN_UP | CMD_POWER);
	err = wait_clear(a, port, PORT_TFD, TFD_BUSY | TFD_DRQ, READY_MS);
	if (!err)
		change_command(a, port, 0, CMD_START);
	return err;
}

static void write_long(const struct ahci *a, unsigned port, uint32_t reg, uint64_t v)
{
	port_write(a, port, reg, (uint32_t)v);
	port_write(a, port, reg + 4, (uint32_t)(v >> 32));
}

int port_start(struct ahci *a, struct ahci_port *p)
{
	int err = engine_stop(a, p->number);

	if (err)
		return err;
	p->page = a->dma->ops->alloc(a->dma->ctx, PORT_PAGE, &p->page_dev);
	if (!p->page)
		return E_NOMEM;
	write_long(a, p->number, PORT_CLB, p->page_dev + AT_LIST);
	write_long(a, p->number, PORT_FB, p->page_dev + AT_FIS);
	port_write(a, p->number, PORT_IE, 0);
	err = engine_start(a, p->number);
	if (err)
		port_stop(a, p);
	return err;
}

void port_stop(struct ahci *a, struct ahci_port *p)
{
	if (!a->dead && engine_stop(a, p->number)) {
		log_warn("%s: port %u does not stop", a->dev->node->name, p->number);
		ahci_cut_off(a);
	}
	a->dma->ops->free(a->dma->ctx, p->page, PORT_PAGE, p->page_dev);
	p->page = NULL;
}

/* ---- commands ----------------------------------------------------------------------------- */

/* A queued command has its count where others have their features, and its tag where they have the count. */
static void fill_task(uint8_t *fis, const struct ahci_cmd *cmd, unsigned slot)
{
	uint8_t lba[8];

	put_le64(lba, cmd->lba);
	memset(fis, 0, 64);
	fis[0] = FIS_H2D;
	fis[1] = FIS_COMMAND;
	fis[2] = cmd->opcode;
	fis[3] = cmd->features;
	memcpy(fis + 4, lba, 3);
	fis[7] = 0x40; /* LBA */
	memcpy(fis + 8, lba + 3, 3);
	put_le16(fis + 12, cmd->count);
	if (cmd->is_queued) {
		fis[3] = (uint8_t)cmd->count;
		fis[11] = (uint8_t)(cmd->count >> 8);
		put_le16(fis + 12, (uint16_t)NCQ_TAG(slot));
	}
}

static unsigned fill_entries(uint8_t *entry, uint64_t dev, uint32_t len)
{
	unsigned n = 0;

	for (; len > 0; n++, entry += 16) {
		uint32_t some = len < ENTRY_MAX ? len : ENTRY_MAX;

		put_le64(entry, dev);
		put_le32(entry + 8, 0);
		put_le32(entry + 12, some - 1);
		dev += some;
		len -= some;
	}
	return n;
}

static uint8_t *slot_of(const struct ahci_port *p, unsigned slot)
{
	return p->page + AT_LIST + slot * SLOT_BYTES;
}

static void fill(struct ahci_port *p, unsigned slot, const struct ahci_cmd *cmd, uint64_t dev)
{
	uint32_t at = AT_TABLE + slot * TABLE_SIZE;
	uint8_t *table = p->page + at, *list = slot_of(p, slot);
	unsigned entries = fill_entries(table + IN_ENTRIES, dev, cmd->len);

	fill_task(table, cmd, slot);
	if (cmd->packet)
		memcpy(table + IN_PACKET, cmd->packet, 16);
	put_le32(list, FIS_LEN | (cmd->packet ? LIST_PACKET : 0) |
			       (cmd->is_write ? LIST_WRITE : 0) | LIST_ENTRIES(entries));
	put_le32(list + 4, 0);
	put_le64(list + 8, p->page_dev + at);
}

/* Until the commands in these slots are over: 0, E_IO when one failed, E_TIMEOUT. */
static int wait_over(struct ahci *a, unsigned port, uint32_t slots, bool queued, uint32_t ms)
{
	struct wait w = wait_ms(ms);

	for (;;) {
		uint32_t issued = port_read(a, port, PORT_CI);
		uint32_t active = queued ? port_read(a, port, PORT_SACT) : 0;
		uint32_t is = port_read(a, port, PORT_IS);

		if (issued == 0xffffffff || is & IS_FAILURES)
			return E_IO;
		if (!((issued | active) & slots))
			return port_read(a, port, PORT_TFD) & TFD_ERR ? E_IO : 0;
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
}

static void recover(struct ahci *a, struct ahci_port *p)
{
	int err = engine_stop(a, p->number);

	err = err ? err : engine_start(a, p->number);
	if (!err)
		return;
	log_warn("%s: port %u does not recover: %s", a->dev->node->name, p->number, err_text(err));
	ahci_cut_off(a);
}

/* A queued command's entry does not say how much was moved: all, if it is over. */
static void note_end(struct ahci *a, struct ahci_port *p, struct ahci_cmd *cmd, unsigned slot,
		     int err)
{
	cmd->error = TFD_ERROR(port_read(a, p->number, PORT_TFD));
	cmd->done = cmd->is_queued ? (err ? 0 : cmd->len) : get_le32(slot_of(p, slot) + 4);
	if (cmd->done > cmd->len)
		cmd->done = cmd->len;
}

static int run_mapped(struct ahci *a, struct ahci_port *p, struct ahci_cmd *cmd,
		      const uint64_t *dev, unsigned n)
{
	uint32_t slots = (1u << n) - 1;
	int err;

	for (unsigned i = 0; i < n; i++)
		fill(p, i, &cmd[i], dev[i]);
	port_write(a, p->number, PORT_IS, 0xffffffff);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (cmd->is_queued)
		port_write(a, p->number, PORT_SACT, slots);
	port_write(a, p->number, PORT_CI, slots);
	err = wait_over(a, p->number, slots, cmd->is_queued, cmd->timeout_ms);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	for (unsigned i = 0; i < n; i++)
		note_end(a, p, &cmd[i], i, err);
	if (err)
		recover(a, p);
	return err;
}

static int unmap(const struct dma *dma, const struct ahci_cmd *cmd, const uint64_t *dev, unsigned n)
{
	int err = 0;

	for (unsigned i = 0; i < n; i++)
		if (cmd[i].len && dma->ops->unmap(dma->ctx, dev[i], cmd[i].len))
			err = E_IO;
	return err;
}

/* All or nothing. */
static int map(const struct dma *dma, const struct ahci_cmd *cmd, uint64_t *dev, unsigned n)
{
	int err = 0;

	for (unsigned i = 0; i < n && !err; i++) {
		dev[i] = 0;
		if (cmd[i].len)
			err = dma->ops->map(dma->ctx, cmd[i].data, cmd[i].len, &dev[i]);
		if (err && unmap(dma, cmd, dev, i))
			err = E_IO;
	}
	return err;
}

int port_run_queue(struct ahci *a, struct ahci_port *p, struct ahci_cmd *cmd, unsigned n)
{
	uint64_t dev[SLOTS];
	int err = a->dead ? E_IO : map(a->dma, cmd, dev, n);

	if (err)
		return err;
	err = run_mapped(a, p, cmd, dev, n);
	return unmap(a->dma, cmd, dev, n) ? E_IO : err;
}

int port_run(struct ahci *a, struct ahci_port *p, struct ahci_cmd *cmd)
{
	return port_run_queue(a, p, cmd, 1);
}
