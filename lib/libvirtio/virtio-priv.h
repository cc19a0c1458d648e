/* SPDX-License-Identifier: BSD-2-Clause */
/* What the life of a virtio function (dev.c) and its two register layouts (modern.c, legacy.c) share. */
#ifndef VIRTIO_PRIV_H
#define VIRTIO_PRIV_H

#include "virtio/dev.h"

/* Registers: a piece of a BAR. len 0: not there. */
struct area {
	struct pci_bar bar;
	uint64_t at;
	uint32_t len;
};
/* All ones, and nothing, outside the area. */
uint32_t area_read(const struct area *a, uint64_t offset, unsigned size);
void area_write(const struct area *a, uint64_t offset, unsigned size, uint32_t value);

struct queue {
	struct virtio_ring *ring; /* NULL: not set up */
	uint64_t doorbell;        /* in the area notify */
};

struct virtio_dev {
	struct pci_dev pci;
	enum virtio_type type;
	const struct layout *layout;
	struct area common, notify, config;
	uint32_t notify_multiplier;
	uint64_t wanted, features;
	const struct dma *dma;
	char name[32];
	bool may_run; /* the device did not come out of its last reset */
	bool stopped;
	struct queue queue[VIRTIO_QUEUES_MAX];
};

/* A register layout. None of these waits. */
struct layout {
	const char *name;
	bool is_legacy;
	/* Find the registers, with decoding on. E_NOENT: not in this layout. */
	int (*find)(struct virtio_dev *v);
	uint8_t (*status)(const struct virtio_dev *v);
	void (*set_status)(const struct virtio_dev *v, uint8_t status);
	uint64_t (*offered)(const struct virtio_dev *v);
	void (*accept)(const struct virtio_dev *v, uint64_t features);
	/* Entries of a queue as the device says; 0: there is none. */
	uint16_t (*queue_size)(const struct virtio_dev *v, uint16_t index);
	/* Where its doorbell is, and its memory. E_RANGE: out of reach. */
	int (*queue_start)(struct virtio_dev *v, uint16_t index);
	uint64_t (*config_read)(const struct virtio_dev *v, uint32_t offset, unsigned size);
	void (*config_write)(const struct virtio_dev *v, uint32_t offset, unsigned size,
			     uint32_t value);
};
extern const struct layout virtio_modern, virtio_legacy;

#endif
