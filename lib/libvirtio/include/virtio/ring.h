/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A split virtqueue (virtio 1.1, 2.6), the driver's side. Descriptors live in memory the device shares,
 * but nothing is ever read back from there except the used ring, whose every field is copied once
 * and checked: what the driver relies on is in memory of its own.
 */
#ifndef VIRTIO_RING_H
#define VIRTIO_RING_H

#include "dev/dma.h"

#define VIRTIO_RING_MAX     32768u /* entries */
#define VIRTIO_INDIRECT_MAX 16u    /* segments of a request that can go into a table */

struct virtio_ring;

/* A piece of memory by its address for the device. */
struct virtio_seg {
	uint64_t addr;
	uint32_t len;
	bool in; /* the device writes it */
};

struct virtio_ring_format {
	uint16_t size; /* entries, a power of two, at most VIRTIO_RING_MAX */
	bool big;      /* the order of its numbers: big endian */
	bool indirect; /* tables of descriptors are allowed */
};
/* An empty ring in memory from dma. Its memory is laid out as legacy devices want it. NULL: no memory. */
struct virtio_ring *virtio_ring_new(const struct dma *dma, const struct virtio_ring_format *format);
/* The device no longer uses it. leak: it may still, so its memory is never used again. */
enum virtio_ring_end { VIRTIO_RING_GIVE_BACK, VIRTIO_RING_LEAK };
void virtio_ring_free(struct virtio_ring *ring, enum virtio_ring_end how);
/* The device was reset: as new. Requests in flight are forgotten. */
void virtio_ring_clear(struct virtio_ring *ring);

struct virtio_ring_place {
	uint64_t desc, avail, used; /* addresses for the device */
};
struct virtio_ring_place virtio_ring_place(const struct virtio_ring *ring);
uint16_t virtio_ring_size(const struct virtio_ring *ring);

/*
 * Offer a request of n segments, those the device reads before those it writes. cookie, not NULL,
 * comes back with it. E_BUSY: no room before others are done. E_RANGE: more than this ring can ever hold.
 * E_IO: the ring is broken. The device looks at it when it is notified.
 */
int virtio_ring_add(struct virtio_ring *ring, const struct virtio_seg *seg, unsigned n,
		    void *cookie) MUST_CHECK;
/*
 * A request the device is done with: its cookie, and how many bytes it says it wrote, at most what the
 * request had room for. E_NOENT: none now. E_IO (told once): the device broke the rules and the ring is
 * of no use until the device is reset and the ring cleared.
 */
int virtio_ring_take(struct virtio_ring *ring, void **cookie, uint32_t *len) MUST_CHECK;
/* Requests the device has. */
unsigned virtio_ring_in_flight(const struct virtio_ring *ring);

#endif
