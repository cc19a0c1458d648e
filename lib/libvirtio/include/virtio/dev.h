/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio function over PCI (virtio 1.1, 4.1), modern or legacy, from reset to DRIVER_OK and back.
 * Which of the two it is shows in nothing but virtio_is_big() and the size of some headers.
 */
#ifndef VIRTIO_DEV_H
#define VIRTIO_DEV_H

#include "pci/dev.h"
#include "virtio/ring.h"

enum virtio_type { VIRTIO_NET = 1, VIRTIO_BLOCK = 2, VIRTIO_RNG = 4, VIRTIO_SCSI = 8 };

#define VIRTIO_F_INDIRECT        28u
#define VIRTIO_F_VERSION_1       32u
#define VIRTIO_F_ACCESS_PLATFORM 33u
#define VIRTIO_F_ORDER_PLATFORM  36u

#define VIRTIO_QUEUES_MAX 16u

struct virtio_dev;

/*
 * Take a function of this type: found, reset, features agreed on (those of wanted the device offers, and
 * what the transport needs). pci is copied. E_NOENT: it has no usable registers; E_UNSUPP: another
 * type, or the device does not take what we can; E_TIMEOUT: it does not come out of reset; E_NOMEM.
 */
int virtio_open(const struct pci_dev *pci, enum virtio_type type, uint64_t wanted,
		struct virtio_dev **out) MUST_CHECK;
/*
 * Reset it and stop its DMA: before memory the device knows is given back. False: it may still use it,
 * because it did not come out of its reset.
 */
bool virtio_stop(struct virtio_dev *v);
/* Stop it, if that is still to be done, and free everything. NULL is allowed. */
void virtio_close(struct virtio_dev *v);

/* Was this feature bit agreed on? */
bool virtio_has(const struct virtio_dev *v, unsigned feature);
/* Are numbers in requests and legacy rings big endian? (Legacy devices: as the CPU.) */
bool virtio_is_big(const struct virtio_dev *v);
/* Is it driven through the legacy interface? */
bool virtio_is_legacy(const struct virtio_dev *v);
/* Where memory for this device comes from. */
const struct dma *virtio_dma(const struct virtio_dev *v);
/* "00:02.0 modern", for log lines. */
const char *virtio_name(const struct virtio_dev *v);

/* Registers of the type, numbers in the CPU's order. All ones outside of what the device has. */
uint8_t virtio_config8(const struct virtio_dev *v, uint32_t offset);
uint16_t virtio_config16(const struct virtio_dev *v, uint32_t offset);
uint32_t virtio_config32(const struct virtio_dev *v, uint32_t offset);
/* Not torn. */
uint64_t virtio_config64(const struct virtio_dev *v, uint32_t offset);
/* For the few that can be written. */
void virtio_config_write8(const struct virtio_dev *v, uint32_t offset, uint8_t value);
void virtio_config_write32(const struct virtio_dev *v, uint32_t offset, uint32_t value);

/*
 * Set up queue index (below VIRTIO_QUEUES_MAX) with at most limit entries, which legacy devices do not
 * obey. The ring belongs to v. E_NOENT: the device has no such queue; E_FORMAT: of a size no ring can
 * have; E_NOMEM; E_RANGE: its memory or doorbell is out of the device's reach.
 */
int virtio_queue(struct virtio_dev *v, unsigned index, unsigned limit,
		 struct virtio_ring **ring) MUST_CHECK;
/* All queues are set up: the device may work. */
void virtio_start(struct virtio_dev *v);
/* Tell the device that queue index has news. */
void virtio_notify(const struct virtio_dev *v, unsigned index);
/* Does the device say that it needs a reset, or is it gone? One register access. */
bool virtio_is_broken(const struct virtio_dev *v);
/*
 * Reset and begin again: the same features, the same rings, empty, DRIVER_OK. What was in flight is
 * forgotten, and the device no longer knows its memory. E_TIMEOUT, E_UNSUPP: the device is of no use any
 * more; its DMA is off.
 */
int virtio_restart(struct virtio_dev *v) MUST_CHECK;

#endif
