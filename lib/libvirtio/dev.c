/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a virtio function (virtio 1.1, 3.1): reset, features, queues, DRIVER_OK, and after a
 * failure all of it again. A device that offers VIRTIO_F_ACCESS_PLATFORM lives behind the host bridge's DMA
 * window and must be told that we know; any other sees RAM as it is.
 */
#define LOG_TAG "virtio"
#include "virtio-priv.h"

#include "base/arith.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/strbuf.h"
#include "pci/regs.h"

#include "order.h"

#define ACKNOWLEDGE 1u
#define DRIVER      2u
#define DRIVER_OK   4u
#define FEATURES_OK 8u
#define NEEDS_RESET 0x40u
#define FAILED      0x80u
#define GONE        0xffu /* what a missing device reads as */

#define RESET_MS 2000u

#define VENDOR           0x1af4u
#define TRANSITIONAL     0x1000u /* the subsystem id is the type */
#define TRANSITIONAL_END 0x1040u
#define MODERN           0x1040u /* plus the type */
#define MODERN_END       0x1080u

#define BIT(n) (1ull << (n))

/* ---- registers ---- */

static bool area_holds(const struct area *a, uint64_t offset, unsigned size)
{
	return offset <= a->len && a->len - offset >= size;
}

uint32_t area_read(const struct area *a, uint64_t offset, unsigned size)
{
	if (!area_holds(a, offset, size))
		return UINT32_MAX >> (32 - 8 * size);
	switch (size) {
	case 1:
		return pci_read8(&a->bar, a->at + offset);
	case 2:
		return pci_read16(&a->bar, a->at + offset);
	default:
		return pci_read32(&a->bar, a->at + offset);
	}
}

void area_write(const struct area *a, uint64_t offset, unsigned size, uint32_t value)
{
	if (!area_holds(a, offset, size))
		return;
	switch (size) {
	case 1:
		pci_write8(&a->bar, a->at + offset, (uint8_t)value);
		break;
	case 2:
		pci_write16(&a->bar, a->at + offset, (uint16_t)value);
		break;
	default:
		pci_write32(&a->bar, a->at + offset, value);
	}
}

/* ---- what is known of it ---- */

bool virtio_has(const struct virtio_dev *v, unsigned feature)
{
	return v->features >> feature & 1;
}

bool virtio_is_legacy(const struct virtio_dev *v)
{
	return v->layout->is_legacy;
}

bool virtio_is_big(const struct virtio_dev *v)
{
	return v->layout->is_legacy && CPU_IS_BIG;
}

const struct dma *virtio_dma(const struct virtio_dev *v)
{
	return v->dma;
}

const char *virtio_name(const struct virtio_dev *v)
{
	return v->name;
}

uint8_t virtio_config8(const struct virtio_dev *v, uint32_t offset)
{
	return (uint8_t)v->layout->config_read(v, offset, 1);
}

uint16_t virtio_config16(const struct virtio_dev *v, uint32_t offset)
{
	return (uint16_t)v->layout->config_read(v, offset, 2);
}

uint32_t virtio_config32(const struct virtio_dev *v, uint32_t offset)
{
	return (uint32_t)v->layout->config_read(v, offset, 4);
}

uint64_t virtio_config64(const struct virtio_dev *v, uint32_t offset)
{
	return v->layout->config_read(v, offset, 8);
}

void virtio_config_write8(const struct virtio_dev *v, uint32_t offset, uint8_t value)
{
	v->layout->config_write(v, offset, 1, value);
}

void virtio_config_write32(const struct virtio_dev *v, uint32_t offset, uint32_t value)
{
	v->layout->config_write(v, offset, 4, value);
}

bool virtio_is_broken(const struct virtio_dev *v)
{
	uint8_t status = v->layout->status(v);

	return status == GONE || status & NEEDS_RESET;
}

/* ---- reset and features ---- */

static void add_status(const struct virtio_dev *v, uint8_t bits)
{
	v->layout->set_status(v, (uint8_t)(v->layout->status(v) | bits));
}

static bool is_unplugged(const struct virtio_dev *v)
{
	return pci_cfg_read32(v->pci.bus, v->pci.bdf, PCI_ID) == UINT32_MAX;
}

static int reset(struct virtio_dev *v)
{
	struct wait w = wait_ms(RESET_MS);
	uint8_t status;

	v->may_run = true;
	v->layout->set_status(v, 0);
	while ((status = v->layout->status(v)) != 0) {
		if (status == GONE && is_unplugged(v)) {
			v->may_run = false;
			return E_IO;
		}
		if (!wait_more(&w)) {
			log_warn("%s: status still %x %u ms after reset", v->name, status,
				 RESET_MS);
			return E_TIMEOUT;
		}
	}
	v->may_run = false;
	return 0;
}

/* What a device must see accepted if it offers it, whoever drives it. */
static uint64_t transport_features(const struct virtio_dev *v)
{
	uint64_t wanted = BIT(VIRTIO_F_INDIRECT);

	if (!v->layout->is_legacy)
		wanted |= BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_ACCESS_PLATFORM) |
			  BIT(VIRTIO_F_ORDER_PLATFORM);
	return wanted;
}

static int choose_dma(struct virtio_dev *v)
{
	bool platform = virtio_has(v, VIRTIO_F_ACCESS_PLATFORM);

	v->dma = platform ? v->pci.dma : v->pci.direct;
	if (v->dma)
		return 0;
	log_warn("%s: wants its DMA %s, which there is not here", v->name,
		 platform ? "translated" : "direct");
	return E_UNSUPP;
}

/* From reset to the point where queues can be set up. */
static int negotiate(struct virtio_dev *v)
{
	uint64_t offered;

	add_status(v, ACKNOWLEDGE);
	add_status(v, DRIVER);
	offered = v->layout->offered(v);
	v->features = offered & (v->wanted | transport_features(v));
	if (!v->layout->is_legacy && !virtio_has(v, VIRTIO_F_VERSION_1)) {
		log_warn("%s: offers %llx, not version 1", v->name, (unsigned long long)offered);
		return E_UNSUPP;
	}
	v->layout->accept(v, v->features);
	if (v->layout->is_legacy)
		return choose_dma(v);
	add_status(v, FEATURES_OK);
	if (!(v->layout->status(v) & FEATURES_OK)) {
		log_warn("%s: does not do with features %llx of %llx", v->name,
			 (unsigned long long)v->features, (unsigned long long)offered);
		return E_UNSUPP;
	}
	return choose_dma(v);
}

/* ---- from there to DRIVER_OK, and back ---- */

/* The size of our ring: what the device says, as far as a ring can be that, down to the limit. */
static int ring_size(const struct virtio_dev *v, unsigned index, unsigned limit, uint16_t *out)
{
	uint16_t size = v->layout->queue_size(v, (uint16_t)index);

	if (size == 0)
		return E_NOENT;
	if (v->layout->is_legacy) {
		if (!is_pow2(size) || size > VIRTIO_RING_MAX)
			return E_FORMAT;
		*out = size;
		return 0;
	}
	while (!is_pow2(size) || size > limit || size > VIRTIO_RING_MAX)
		size = is_pow2(size) ? size / 2 : (uint16_t)(size & (size - 1));
	*out = size;
	return 0;
}

int virtio_queue(struct virtio_dev *v, unsigned index, unsigned limit, struct virtio_ring **ring)
{
	struct virtio_ring_format format = {.big = virtio_is_big(v),
					    .indirect = virtio_has(v, VIRTIO_F_INDIRECT)};
	int err;

	assert(index < VIRTIO_QUEUES_MAX && limit > 0 && !v->queue[index].ring);
	err = ring_size(v, index, limit, &format.size);
	if (err)
		return err;
	v->queue[index].ring = virtio_ring_new(v->dma, &format);
	if (!v->queue[index].ring)
		return E_NOMEM;
	err = v->layout->queue_start(v, (uint16_t)index);
	if (err) {
		log_warn("%s: queue %u of %u entries is out of reach", v->name, index, format.size);
		return err; /* the ring goes when the device is closed */
	}
	*ring = v->queue[index].ring;
	return 0;
}

void virtio_start(struct virtio_dev *v)
{
	add_status(v, DRIVER_OK);
}

void virtio_notify(const struct virtio_dev *v, unsigned index)
{
	area_write(&v->notify, v->queue[index].doorbell, 2, index);
}

static int restart_queues(struct virtio_dev *v)
{
	for (unsigned i = 0; i < VIRTIO_QUEUES_MAX; i++) {
		struct virtio_ring *ring = v->queue[i].ring;

		if (!ring)
			continue;
		if (v->layout->queue_size(v, (uint16_t)i) < virtio_ring_size(ring))
			return E_UNSUPP;
		virtio_ring_clear(ring);
		if (v->layout->queue_start(v, (uint16_t)i))
			return E_UNSUPP;
	}
	return 0;
}

int virtio_restart(struct virtio_dev *v)
{
	uint64_t before = v->features;
	int err = reset(v);

	if (!err)
		err = negotiate(v);
	if (!err && v->features != before)
		err = E_UNSUPP;
	if (!err)
		err = restart_queues(v);
	if (err) {
		log_warn("%s: cannot be restarted: %s", v->name, err_text(err));
		add_status(v, FAILED);
		pci_dev_disable(&v->pci);
		return err;
	}
	virtio_start(v);
	return 0;
}

/* ---- open and close ---- */

static int check_type(const struct virtio_dev *v)
{
	uint32_t id = pci_cfg_read32(v->pci.bus, v->pci.bdf, PCI_ID);
	uint32_t device = id >> 16, type = UINT32_MAX;

	if (device >= TRANSITIONAL && device < TRANSITIONAL_END)
		type = pci_cfg_read32(v->pci.bus, v->pci.bdf, PCI_SUBSYSTEM) >> 16;
	else if (device >= MODERN && device < MODERN_END)
		type = device - MODERN;
	if ((uint16_t)id == VENDOR && type == v->type)
		return 0;
	log_warn("%s: %04x:%04x, not virtio of type %u", v->name, id & 0xffff, device, v->type);
	return E_UNSUPP;
}

static int find_layout(struct virtio_dev *v)
{
	static const struct layout *const layouts[] = {&virtio_modern, &virtio_legacy};

	for (unsigned i = 0; i < ARRAY_SIZE(layouts); i++) {
		v->common = v->notify = v->config = (struct area){.len = 0};
		v->layout = layouts[i];
		if (v->layout->find(v) == 0) {
			struct strbuf sb = strbuf_on(v->name, sizeof(v->name));

			strbuf_printf(&sb, "%02x:%02x.%x %s", PCI_BUS(v->pci.bdf),
				      PCI_DEV(v->pci.bdf), PCI_FN(v->pci.bdf), v->layout->name);
			return 0;
		}
	}
	v->layout = NULL;
	log_warn("%s: no usable registers", v->name);
	return E_NOENT;
}

int virtio_open(const struct pci_dev *pci, enum virtio_type type, uint64_t wanted,
		struct virtio_dev **out)
{
	struct virtio_dev *v = try_alloc(sizeof(*v));
	struct strbuf sb;
	int err;

	if (!v)
		return E_NOMEM;
	v->pci = *pci;
	v->type = type;
	v->wanted = wanted;
	sb = strbuf_on(v->name, sizeof(v->name));
	strbuf_printf(&sb, "%02x:%02x.%x", PCI_BUS(pci->bdf), PCI_DEV(pci->bdf), PCI_FN(pci->bdf));
	pci_dev_enable(pci);
	err = check_type(v);
	if (!err)
		err = find_layout(v);
	if (!err)
		err = reset(v);
	if (!err)
		err = negotiate(v);
	if (err) {
		virtio_close(v);
		return err;
	}
	log_debug("%s: type %u, features %llx", v->name, type, (unsigned long long)v->features);
	*out = v;
	return 0;
}

bool virtio_stop(struct virtio_dev *v)
{
	if (v->layout && !v->may_run && !v->stopped)
		(void)reset(v);
	v->stopped = true;
	pci_dev_disable(&v->pci);
	return !v->may_run;
}

void virtio_close(struct virtio_dev *v)
{
	bool quiet;

	if (!v)
		return;
	quiet = virtio_stop(v);
	for (unsigned i = 0; i < VIRTIO_QUEUES_MAX; i++)
		virtio_ring_free(v->queue[i].ring,
				 quiet ? VIRTIO_RING_GIVE_BACK : VIRTIO_RING_LEAK);
	heap_free(v);
}
