/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A controller from reset to ready and back (NVM Express 7.6): admin queue, identify, one pair of I/O
 * queues, polled. It runs while somebody uses it; a controller that misbehaved is reset when it is
 * wanted again.
 */
#define LOG_TAG "nvme"
#include "nvme-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define SHUTDOWN_MS 5000u
/* A command covers what one page of PRP entries reaches, whatever the controller would take. */
#define MAX_BYTES   (NVME_PAGE / 8 * NVME_PAGE)
#define LISTS_BYTES (NVME_INFLIGHT * NVME_PAGE)

/* ---- registers ---------------------------------------------------------------------------- */

/* 64-bit registers in halves: allowed for all of them, and the hypervisor may not do more at once. */
static uint64_t read_long(const struct nvme *c, uint64_t reg)
{
	return pci_read32(&c->bar, reg) | (uint64_t)pci_read32(&c->bar, reg + 4) << 32;
}

static void write_long(const struct nvme *c, uint64_t reg, uint64_t v)
{
	pci_write32(&c->bar, reg, (uint32_t)v);
	pci_write32(&c->bar, reg + 4, (uint32_t)(v >> 32));
}

/* Until the bits of mask in CSTS are want. */
static int wait_status(const struct nvme *c, uint32_t mask, uint32_t want, uint32_t ms)
{
	struct wait w = wait_ms(ms);

	for (;;) {
		uint32_t status = pci_read32(&c->bar, REG_CSTS);

		if (status == 0xffffffff)
			return E_IO; /* unplugged */
		if ((status & mask) == want)
			return 0;
		if (status & CSTS_FATAL && want)
			return E_IO;
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
}

static int disable(const struct nvme *c)
{
	pci_write32(&c->bar, REG_CC, 0);
	return wait_status(c, CSTS_READY, 0, c->timeout_ms);
}

static int enable(const struct nvme *c)
{
	uint32_t last = c->admin.entries - 1u;

	pci_write32(&c->bar, REG_AQA, last << 16 | last);
	write_long(c, REG_ASQ, c->admin.sq_dev);
	write_long(c, REG_ACQ, c->admin.cq_dev);
	pci_write32(&c->bar, REG_MASK_SET, 0xffffffff);
	pci_write32(&c->bar, REG_CC, CC_SIZES | CC_ENABLE);
	return wait_status(c, CSTS_READY, CSTS_READY, c->timeout_ms);
}

/* What the controller can do, before anything is asked of it. */
static int read_abilities(struct nvme *c, uint16_t *entries)
{
	uint64_t cap = read_long(c, REG_CAP);

	if (cap == UINT64_MAX)
		return E_IO;
	if (!(cap & CAP_NVM) || CAP_MPS_MIN(cap) != 0) {
		log_warn("%s: capabilities %llx: no NVM commands or no 4 KiB pages",
			 c->dev->node->name, (unsigned long long)cap);
		return E_UNSUPP;
	}
	c->stride = 4u << CAP_STRIDE(cap);
	c->timeout_ms = (uint32_t)(CAP_TIMEOUT(cap) + 1) * 500;
	*entries = CAP_ENTRIES(cap) < NVME_ENTRIES ? (uint16_t)CAP_ENTRIES(cap) : NVME_ENTRIES;
	/* all commands under way and the gap that tells a full ring from an empty one */
	return *entries > NVME_INFLIGHT ? 0 : E_UNSUPP;
}

/* ---- asking ------------------------------------------------------------------------------- */

int controller_identify(struct nvme *c, uint32_t what, uint32_t nsid)
{
	struct nvme_cmd cmd = {
		.opcode = ADMIN_IDENTIFY, .nsid = nsid, .prp1 = c->page_dev, .cdw10 = what};

	return queue_run(c, &c->admin, &cmd);
}

static void copy_model(struct nvme *c, const uint8_t *text)
{
	size_t len = 40;

	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == 0))
		len--;
	for (size_t i = 0; i < len; i++)
		c->model[i] = text[i] >= ' ' && text[i] < 0x7f ? (char)text[i] : '?';
	c->model[len] = 0;
}

static int read_identity(struct nvme *c)
{
	int err = controller_identify(c, IDENTIFY_CTRL, 0);
	uint8_t shift;

	if (err)
		return err;
	copy_model(c, c->page + 24);
	shift = c->page[77];
	c->max_bytes = MAX_BYTES;
	if (shift > 0 && shift < 9)
		c->max_bytes = NVME_PAGE << shift;
	c->has_cache = c->page[525] & 1;
	return 0;
}

static int create_queues(struct nvme *c)
{
	uint32_t size = (c->io.entries - 1u) << 16 | c->io.id;
	struct nvme_cmd one_pair = {.opcode = ADMIN_SET_FEATURES, .cdw10 = FEATURE_QUEUES};
	struct nvme_cmd cq = {
		.opcode = ADMIN_CREATE_CQ, .prp1 = c->io.cq_dev, .cdw10 = size, .cdw11 = 1};
	struct nvme_cmd sq = {.opcode = ADMIN_CREATE_SQ,
			      .prp1 = c->io.sq_dev,
			      .cdw10 = size,
			      .cdw11 = (uint32_t)c->io.id << 16 | 1};
	int err = queue_run(c, &c->admin, &one_pair);

	err = err ? err : queue_run(c, &c->admin, &cq);
	return err ? err : queue_run(c, &c->admin, &sq);
}

/* ---- life --------------------------------------------------------------------------------- */

static void free_memory(struct nvme *c)
{
	const struct dma *dma = c->dma;

	queue_free(c, &c->io);
	queue_free(c, &c->admin);
	dma->ops->free(dma->ctx, c->page, NVME_PAGE, c->page_dev);
	dma->ops->free(dma->ctx, c->lists, LISTS_BYTES, c->lists_dev);
	c->page = c->lists = NULL;
}

static int get_memory(struct nvme *c, uint16_t entries)
{
	const struct dma *dma = c->dma;
	int err = queue_init(c, &c->admin, 0, entries);

	err = err ? err : queue_init(c, &c->io, 1, entries);
	c->page = dma->ops->alloc(dma->ctx, NVME_PAGE, &c->page_dev);
	c->lists = dma->ops->alloc(dma->ctx, LISTS_BYTES, &c->lists_dev);
	return !err && c->page && c->lists ? 0 : E_NOMEM;
}

void controller_kill(struct nvme *c)
{
	if (!c->dead && disable(c))
		log_warn("%s: cannot be switched off", c->dev->node->name);
	pci_dev_disable(c->dev); /* no bus master: no DMA, whatever the controller thinks */
	c->dead = true;
}

static int bring_up(struct nvme *c)
{
	uint16_t entries = 0;
	int err = read_abilities(c, &entries);

	err = err ? err : disable(c);
	err = err ? err : get_memory(c, entries);
	err = err ? err : enable(c);
	err = err ? err : read_identity(c);
	return err ? err : create_queues(c);
}

static int start(struct nvme *c)
{
	int err;

	c->dma = c->dev->dma;
	if (!c->dma)
		return E_UNSUPP;
	err = pci_dev_bar(c->dev, 0, &c->bar);
	if (err)
		return err;
	c->dead = false;
	pci_dev_enable(c->dev);
	err = bring_up(c);
	if (!err) {
		log_debug("%s: %s, %u bytes a command", c->dev->node->name, c->model, c->max_bytes);
		return 0;
	}
	controller_kill(c);
	free_memory(c);
	return err;
}

static void stop(struct nvme *c)
{
	if (!c->dead) {
		pci_write32(&c->bar, REG_CC, CC_SIZES | CC_ENABLE | CC_SHUTDOWN);
		if (wait_status(c, CSTS_SHUT, CSTS_SHUT_DONE, SHUTDOWN_MS))
			log_warn("%s: does not shut down", c->dev->node->name);
	}
	controller_kill(c);
	free_memory(c);
}

int controller_get(struct nvme *c)
{
	int err = c->users ? 0 : start(c);

	if (!err)
		c->users++;
	return err;
}

void controller_put(struct nvme *c)
{
	if (--c->users == 0)
		stop(c);
}

int nvme_new(const struct pci_dev *dev, struct nvme **out)
{
	struct nvme *c = try_alloc(sizeof(*c));

	if (!c)
		return E_NOMEM;
	c->dev = dev;
	*out = c;
	return 0;
}

void nvme_free(struct nvme *c)
{
	if (c && c->users)
		stop(c);
	heap_free(c);
}
