/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The controller as a SCSI host: brought to its ready state, told where the queues are, and asked which
 * targets are logical drives. Those get their commands as such, everybody else as a physical drive. A
 * command that is not answered ends in a reset, so that the controller no longer knows the buffer.
 */
#define LOG_TAG "megasas"
#include "megasas-priv.h"

#include "megasas/megasas.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define RESET_READY     7u    /* forget all commands, be ready, discard frames */
#define CLEAR_HANDSHAKE 0x18u /* go on starting */
#define READY_MS        10000u
#define INIT_MS         5000u

#define OPCODE_LOGICAL_LIST 0x03010000u
#define LIST_BYTES          (8 + 16 * LOGICAL_MAX)

/* Behind a DMA window each page becomes a piece of its own, of which QEMU takes 1024. */
#define BYTES_MAX  (2u << 20)
#define LUNS_TRIED 8u

static struct megasas *megasas_of(struct scsi_host *host)
{
	return container_of(host, struct megasas, host);
}

/* ---- the firmware's states --------------------------------------------------------------- */

/* Whatever it does: forget all. Frames are not looked at any more when this returns 0. */
static int make_ready(struct megasas *m)
{
	struct wait w = wait_ms(READY_MS);
	uint32_t v;

	pci_write32(&m->bar, REG_DOORBELL, RESET_READY);
	while (STATE(v = pci_read32(&m->bar, REG_STATE)) != STATE_READY) {
		if (STATE(v) == STATE_FAULT)
			return E_IO;
		if (STATE(v) == STATE_HANDSHAKE)
			pci_write32(&m->bar, REG_DOORBELL, CLEAR_HANDSHAKE);
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
	return STATE_COMMANDS(v) < 1 ? E_UNSUPP : 0;
}

static int make_operational(struct megasas *m)
{
	struct frame init = {.command = FRAME_INIT};
	int err = frame_run(m, &init, INIT_MS);

	if (!err && init.status != MFI_OK) {
		log_warn("%s: first frame: status %02x", m->pci->node->name, init.status);
		return E_IO;
	}
	return err;
}

static void cut_off(struct megasas *m)
{
	pci_dev_disable(m->pci);
	m->dead = true;
}

/* After this the controller knows nothing of the command. */
static void recover(struct megasas *m, int why)
{
	log_warn("%s: reset: %s, state %08x", m->pci->node->name,
		 why == E_TIMEOUT ? "a command was not answered" : "it broke down",
		 pci_read32(&m->bar, REG_STATE));
	if (make_ready(m) || make_operational(m))
		cut_off(m);
}

/* ---- one command ------------------------------------------------------------------------- */

static void read_sense(const struct megasas *m, struct scsi_request *req)
{
	memcpy(req->sense, m->page + AT_SENSE, SCSI_SENSE_MAX);
	req->sense_len = req->sense[0] & 0x70 ? SCSI_SENSE_MAX : 0;
}

static int judge(const struct megasas *m, const struct frame *f, struct scsi_request *req)
{
	req->residual = 0;
	req->sense_len = 0;
	req->status = f->scsi_status;
	if (f->status == MFI_OK)
		return 0;
	if (f->status == MFI_NO_DEVICE)
		return E_NOENT;
	if (f->status != MFI_SCSI_FAILED || f->scsi_status == 0) {
		log_debug("%s: unit %llx: status %02x, %02x", m->pci->node->name,
			  (unsigned long long)req->unit, f->status, f->scsi_status);
		return E_IO;
	}
	read_sense(m, req);
	return 0;
}

static bool is_logical(const struct megasas *m, uint32_t target, uint32_t lun)
{
	return target < LOGICAL_MAX && lun == 0 && m->logical[target / 32] >> target % 32 & 1;
}

static int run(struct megasas *m, struct frame *f, uint32_t timeout_ms)
{
	int err = m->dead ? E_IO : frame_run(m, f, timeout_ms);

	if (err && !m->dead)
		recover(m, err);
	return err;
}

static int command(struct scsi_host *host, struct scsi_request *req)
{
	struct megasas *m = megasas_of(host);
	uint32_t target = (uint32_t)(req->unit >> 32), lun = (uint32_t)req->unit;
	struct frame f = {.command = is_logical(m, target, lun) ? FRAME_LOGICAL : FRAME_PHYSICAL,
			  .target = (uint8_t)target,
			  .lun = (uint8_t)lun,
			  .scsi = req,
			  .len = req->len};
	int err = m->dead ? E_IO : 0;

	if (!err && req->len)
		err = m->dma->ops->map(m->dma->ctx, req->data, req->len, &f.data);
	if (err)
		return err;
	err = run(m, &f, req->timeout_ms);
	if (req->len && m->dma->ops->unmap(m->dma->ctx, f.data, req->len))
		log_warn("%s: %x bytes at %llx stay open to devices", m->pci->node->name, req->len,
			 (unsigned long long)f.data);
	return err ? err : judge(m, &f, req);
}

/* ---- who is there ------------------------------------------------------------------------ */

/* Entries of 16 bytes that begin with the target, behind their number. */
static void note_logical(struct megasas *m, const uint8_t *list)
{
	uint32_t n = get_le32(list);

	for (uint32_t i = 0; i < n && i < LOGICAL_MAX; i++) {
		uint8_t id = list[8 + 16 * i];

		if (id < LOGICAL_MAX)
			m->logical[id / 32] |= 1u << id % 32;
	}
}

/* A controller that knows no such list has none. */
static int find_logical(struct megasas *m)
{
	struct frame f = {
		.command = FRAME_DIRECT, .opcode = OPCODE_LOGICAL_LIST, .len = LIST_BYTES};
	uint8_t *list = m->dma->ops->alloc(m->dma->ctx, PAGE, &f.data);
	int err = list ? frame_run(m, &f, INIT_MS) : E_NOMEM;

	if (!err && f.status == MFI_OK)
		note_logical(m, list);
	if (err && list && make_ready(m))
		cut_off(m); /* it has the list's address */
	m->dma->ops->free(m->dma->ctx, list, PAGE, f.data);
	return err;
}

/* ---- start and stop ---------------------------------------------------------------------- */

static void stop(struct scsi_host *host)
{
	struct megasas *m = megasas_of(host);

	if (!m->dead && make_ready(m))
		log_warn("%s: cannot be switched off", m->pci->node->name);
	pci_dev_disable(m->pci);
	m->dma->ops->free(m->dma->ctx, m->page, PAGE, m->page_dev);
	heap_free(m);
}

static const struct scsi_host_ops host_ops = {
	.command = command, .target = scsi_pair_target, .unit = scsi_pair_unit, .stop = stop};

static int bring_up(struct megasas *m)
{
	int err = make_ready(m);

	if (err)
		return err;
	m->page = m->dma->ops->alloc(m->dma->ctx, PAGE, &m->page_dev);
	if (!m->page)
		return E_NOMEM;
	if (m->page_dev > UINT32_MAX - PAGE)
		return E_RANGE;
	err = make_operational(m);
	return err ? err : find_logical(m);
}

/* The first generation has its registers in BAR 0, the second in BAR 1; the other one is for I/O. */
static int find_registers(struct megasas *m)
{
	int err = pci_dev_bar(m->pci, 0, &m->bar);

	if (err || m->bar.is_io)
		err = pci_dev_bar(m->pci, 1, &m->bar);
	return err;
}

int megasas_start(const struct pci_dev *dev, struct scsi_host **host)
{
	struct megasas *m;
	int err;

	if (!dev->dma)
		return E_UNSUPP;
	m = try_alloc(sizeof(*m));
	if (!m)
		return E_NOMEM;
	m->pci = dev;
	m->dma = dev->dma;
	m->host = (struct scsi_host){
		.ops = &host_ops, .max_bytes = BYTES_MAX, .try_luns = LUNS_TRIED};
	err = find_registers(m);
	if (err) {
		heap_free(m);
		return err;
	}
	pci_dev_enable(dev);
	err = bring_up(m);
	if (err) {
		stop(&m->host);
		return err;
	}
	*host = &m->host;
	return 0;
}
