/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The register layout of virtio 1.x (4.1.4): capabilities say in which BAR, where and how long each group
 * of registers is. A capability that does not fit its BAR does not count; of several for one group the
 * first that fits is taken, as the device prefers it.
 */
#define LOG_TAG "virtio"
#include "virtio-priv.h"

#include "base/err.h"
#include "base/log.h"
#include "pci/regs.h"

/* the capability */
#define CAP_LEN        2u
#define CAP_TYPE       3u
#define CAP_BAR        4u
#define CAP_OFFSET     8u
#define CAP_LENGTH     12u
#define CAP_MULTIPLIER 16u
enum cap_type { CAP_COMMON = 1, CAP_NOTIFY = 2, CAP_DEVICE = 4 };

/* the common group */
#define DEVICE_FEATURE_SELECT 0u
#define DEVICE_FEATURE        4u
#define DRIVER_FEATURE_SELECT 8u
#define DRIVER_FEATURE        12u
#define NUM_QUEUES            18u
#define STATUS                20u
#define GENERATION            21u
#define QUEUE_SELECT          22u
#define QUEUE_SIZE            24u
#define QUEUE_ENABLE          28u
#define QUEUE_NOTIFY_OFF      30u
#define QUEUE_DESC            32u
#define QUEUE_DRIVER          40u
#define QUEUE_DEVICE          48u
#define COMMON_LEN            56u

static uint8_t cap8(const struct virtio_dev *v, uint16_t at, unsigned field)
{
	return pci_cfg_read8(v->pci.bus, v->pci.bdf, (uint16_t)(at + field));
}

static uint32_t cap32(const struct virtio_dev *v, uint16_t at, unsigned field)
{
	return pci_cfg_read32(v->pci.bus, v->pci.bdf, (uint16_t)(at + field));
}

/* The registers a capability points to, if they are where registers can be. */
static bool read_area(const struct virtio_dev *v, uint16_t at, uint32_t min_len, struct area *out)
{
	struct area a = {.at = cap32(v, at, CAP_OFFSET), .len = cap32(v, at, CAP_LENGTH)};

	if (at % 4 || at > 256 - CAP_MULTIPLIER ||
	    pci_dev_bar(&v->pci, cap8(v, at, CAP_BAR), &a.bar))
		return false;
	if (a.at % 4 || a.at > a.bar.size || a.bar.size - a.at < a.len || a.len < min_len) {
		log_debug("%s: capability at %x: %x bytes at %llx of a BAR of %llx: passed over",
			  v->name, at, a.len, (unsigned long long)a.at,
			  (unsigned long long)a.bar.size);
		return false;
	}
	*out = a;
	return true;
}

static void read_cap(struct virtio_dev *v, uint16_t at)
{
	struct area a;

	switch (cap8(v, at, CAP_TYPE)) {
	case CAP_COMMON:
		if (!v->common.len && read_area(v, at, COMMON_LEN, &a))
			v->common = a;
		break;
	case CAP_NOTIFY:
		if (v->notify.len || cap8(v, at, CAP_LEN) < CAP_MULTIPLIER + 4 ||
		    at > 256 - CAP_MULTIPLIER - 4 || !read_area(v, at, 2, &a))
			break;
		v->notify = a;
		v->notify_multiplier = cap32(v, at, CAP_MULTIPLIER);
		break;
	case CAP_DEVICE:
		if (!v->config.len && read_area(v, at, 1, &a))
			v->config = a;
		break;
	}
}

static int modern_find(struct virtio_dev *v)
{
	struct pci_cap_walk w = pci_caps(v->pci.bus, v->pci.bdf);

	while (pci_cap_next(&w))
		if (w.id == PCI_CAP_VENDOR)
			read_cap(v, w.at);
	return v->common.len && v->notify.len ? 0 : E_NOENT;
}

static uint8_t modern_status(const struct virtio_dev *v)
{
	return (uint8_t)area_read(&v->common, STATUS, 1);
}

static void modern_set_status(const struct virtio_dev *v, uint8_t status)
{
	area_write(&v->common, STATUS, 1, status);
}

static uint64_t modern_offered(const struct virtio_dev *v)
{
	uint64_t low;

	area_write(&v->common, DEVICE_FEATURE_SELECT, 4, 0);
	low = area_read(&v->common, DEVICE_FEATURE, 4);
	area_write(&v->common, DEVICE_FEATURE_SELECT, 4, 1);
	return low | (uint64_t)area_read(&v->common, DEVICE_FEATURE, 4) << 32;
}

static void modern_accept(const struct virtio_dev *v, uint64_t features)
{
	area_write(&v->common, DRIVER_FEATURE_SELECT, 4, 0);
	area_write(&v->common, DRIVER_FEATURE, 4, (uint32_t)features);
	area_write(&v->common, DRIVER_FEATURE_SELECT, 4, 1);
	area_write(&v->common, DRIVER_FEATURE, 4, (uint32_t)(features >> 32));
}

static uint16_t modern_queue_size(const struct virtio_dev *v, uint16_t index)
{
	if (index >= area_read(&v->common, NUM_QUEUES, 2))
		return 0;
	area_write(&v->common, QUEUE_SELECT, 2, index);
	return (uint16_t)area_read(&v->common, QUEUE_SIZE, 2);
}

static void write_address(const struct virtio_dev *v, unsigned reg, uint64_t addr)
{
	area_write(&v->common, reg, 4, (uint32_t)addr);
	area_write(&v->common, reg + 4, 4, (uint32_t)(addr >> 32));
}

static int modern_queue_start(struct virtio_dev *v, uint16_t index)
{
	struct queue *q = &v->queue[index];
	struct virtio_ring_place place = virtio_ring_place(q->ring);

	area_write(&v->common, QUEUE_SELECT, 2, index);
	q->doorbell = (uint64_t)area_read(&v->common, QUEUE_NOTIFY_OFF, 2) * v->notify_multiplier;
	if (q->doorbell % 2 || q->doorbell > v->notify.len - 2)
		return E_RANGE;
	area_write(&v->common, QUEUE_SIZE, 2, virtio_ring_size(q->ring));
	write_address(v, QUEUE_DESC, place.desc);
	write_address(v, QUEUE_DRIVER, place.avail);
	write_address(v, QUEUE_DEVICE, place.used);
	area_write(&v->common, QUEUE_ENABLE, 2, 1);
	return 0;
}

static uint64_t read_wide(const struct virtio_dev *v, uint32_t offset)
{
	return area_read(&v->config, offset, 4) |
	       (uint64_t)area_read(&v->config, (uint64_t)offset + 4, 4) << 32;
}

/* Wide numbers are read until the device did not change them meanwhile; not for ever. */
static uint64_t modern_config_read(const struct virtio_dev *v, uint32_t offset, unsigned size)
{
	uint64_t value;

	if (size < 8)
		return area_read(&v->config, offset, size);
	for (unsigned try = 0; try < 16; try++) {
		uint8_t before = (uint8_t)area_read(&v->common, GENERATION, 1);

		value = read_wide(v, offset);
		if (area_read(&v->common, GENERATION, 1) == before)
			break;
	}
	return value;
}

static void modern_config_write(const struct virtio_dev *v, uint32_t offset, unsigned size,
				uint32_t value)
{
	area_write(&v->config, offset, size, value);
}

const struct layout virtio_modern = {"modern",           false,
				     modern_find,        modern_status,
				     modern_set_status,  modern_offered,
				     modern_accept,      modern_queue_size,
				     modern_queue_start, modern_config_read,
				     modern_config_write};
