/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The register layout before virtio 1.0 (4.1.4.8): all in BAR 0, an I/O BAR. The device's own registers and
 * everything in memory are in the order of the CPU, so that the former are read byte by byte; the
 * device dictates the size of queues, and knows their memory as the number of a page.
 */
#include "virtio-priv.h"

#include "base/err.h"

#define DEVICE_FEATURES 0u
#define DRIVER_FEATURES 4u
#define QUEUE_PAGE      8u
#define QUEUE_SIZE      12u
#define QUEUE_SELECT    14u
#define QUEUE_NOTIFY    16u
#define STATUS          18u
#define CONFIG          20u /* as long as MSI-X is off, and we never switch it on */
#define PAGE_SHIFT      12u

static int legacy_find(struct virtio_dev *v)
{
	struct pci_bar bar;

	if (pci_dev_bar(&v->pci, 0, &bar) || !bar.is_io || bar.size < CONFIG)
		return E_NOENT;
	v->common = v->notify = (struct area){bar, 0, CONFIG};
	v->config = (struct area){bar, CONFIG, (uint32_t)(bar.size - CONFIG)};
	return 0;
}

static uint8_t legacy_status(const struct virtio_dev *v)
{
	return (uint8_t)area_read(&v->common, STATUS, 1);
}

static void legacy_set_status(const struct virtio_dev *v, uint8_t status)
{
	area_write(&v->common, STATUS, 1, status);
}

static uint64_t legacy_offered(const struct virtio_dev *v)
{
	return area_read(&v->common, DEVICE_FEATURES, 4);
}

static void legacy_accept(const struct virtio_dev *v, uint64_t features)
{
	area_write(&v->common, DRIVER_FEATURES, 4, (uint32_t)features);
}

static uint16_t legacy_queue_size(const struct virtio_dev *v, uint16_t index)
{
	area_write(&v->common, QUEUE_SELECT, 2, index);
	return (uint16_t)area_read(&v->common, QUEUE_SIZE, 2);
}

static int legacy_queue_start(struct virtio_dev *v, uint16_t index)
{
	struct virtio_ring_place place = virtio_ring_place(v->queue[index].ring);

	if (place.desc >> PAGE_SHIFT > UINT32_MAX)
		return E_RANGE;
	v->queue[index].doorbell = QUEUE_NOTIFY;
	area_write(&v->common, QUEUE_SELECT, 2, index);
	area_write(&v->common, QUEUE_PAGE, 4, (uint32_t)(place.desc >> PAGE_SHIFT));
	return 0;
}

static uint64_t legacy_config_read(const struct virtio_dev *v, uint32_t offset, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++) {
		unsigned shift = virtio_is_big(v) ? size - 1 - i : i;

		value |= (uint64_t)area_read(&v->config, (uint64_t)offset + i, 1) << 8 * shift;
	}
	return value;
}

static void legacy_config_write(const struct virtio_dev *v, uint32_t offset, unsigned size,
				uint32_t value)
{
	for (unsigned i = 0; i < size; i++) {
		unsigned shift = virtio_is_big(v) ? size - 1 - i : i;

		area_write(&v->config, (uint64_t)offset + i, 1, value >> 8 * shift & 0xff);
	}
}

const struct layout virtio_legacy = {"legacy",           true,
				     legacy_find,        legacy_status,
				     legacy_set_status,  legacy_offered,
				     legacy_accept,      legacy_queue_size,
				     legacy_queue_start, legacy_config_read,
				     legacy_config_write};
