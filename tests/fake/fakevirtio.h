/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio PCI function that behaves: modern registers in BAR 4 (common 0, notify 0x3000, device
 * 0x2000, a capability for each) and legacy ones in BAR 0. It works on a ring when notified, through
 * DMA addresses that must be mapped (with VIRTIO_F_ACCESS_PLATFORM) or are the memory's own (without),
 * and ends the test when the driver breaks a rule of the standard. Knobs make it break them itself.
 */
#ifndef FAKEVIRTIO_H
#define FAKEVIRTIO_H

#include "fakemmio.h"

#define FAKEVIRTIO_QUEUES 4u

struct fakevirtio_queue {
	uint16_t max, size; /* entries */
	bool enabled;
	uint64_t desc, avail, used;
	uint16_t seen;  /* available index up to which it looked */
	uint16_t given; /* used index */
};

/* A request as the device sees it. */
struct fakevirtio_request {
	uint16_t head;
	unsigned nout, nin;
	struct {
		uint8_t *mem;
		uint32_t len;
	} out[64], in[64];
};

struct fakevirtio {
	/* before fakevirtio_start() */
	uint16_t type;
	uint64_t offered;
	bool has_legacy, has_modern;
	uint8_t config[64];
	uint16_t queue_max[FAKEVIRTIO_QUEUES];
	/* Serve a request: how many bytes were written. NULL: it stays in flight. */
	uint32_t (*serve)(struct fakevirtio *v, unsigned queue, struct fakevirtio_request *r);
	void *ctx;

	/* knobs */
	bool lax;              /* its registers are not where it says: no judging, and no working */
	bool deaf;             /* ignores notifications */
	bool reset_sticks;     /* status does not become 0 */
	bool refuses_features; /* FEATURES_OK does not hold */
	bool needs_reset;      /* cleared by a reset */
	unsigned hold;         /* serve when so many wait, the last first */
	void (*on_status)(struct fakevirtio *v);             /* the driver looks at the status */
	void (*after)(struct fakevirtio *v, unsigned queue); /* after it served a ring: spoil it */

	/* what is going on */
	struct fakemmio_rig rig;
	struct fake_fn *fn;
	uint8_t status, generation;
	uint32_t feature_select[2]; /* device, driver */
	uint64_t accepted;
	uint16_t queue_select;
	bool legacy; /* the driver uses those registers */
	struct fakevirtio_queue queue[FAKEVIRTIO_QUEUES];
	unsigned resets, notified, served;
};

/* A device with both layouts, VERSION_1 and one queue of 128. */
struct fakevirtio *fakevirtio_new(uint16_t type);
/* Plug it in, let the firmware set up PCI; its function is then v->rig.dev. */
void fakevirtio_start(struct fakevirtio *v);
/* Everything must have been given back. */
void fakevirtio_free(struct fakevirtio *v);

/* Numbers of the device's own registers, in the order the driver's layout has. */
void fakevirtio_config(struct fakevirtio *v, unsigned offset, unsigned size, uint64_t value);
/* Serve what waits in a queue now. */
void fakevirtio_work(struct fakevirtio *v, unsigned queue);
/* len bytes at an address of the device's. */
uint8_t *fakevirtio_mem(const struct fakevirtio *v, uint64_t addr, uint64_t len);
/* The order of numbers in rings and requests. */
uint16_t fakevirtio16(const struct fakevirtio *v, const void *p);
uint32_t fakevirtio32(const struct fakevirtio *v, const void *p);
uint64_t fakevirtio64(const struct fakevirtio *v, const void *p);
void fakevirtio_put16(const struct fakevirtio *v, void *p, uint16_t value);
void fakevirtio_put32(const struct fakevirtio *v, void *p, uint32_t value);

/* DMA for who sees RAM as it is; counts as fakedma does. */
extern const struct dma fakevirtio_direct;
unsigned fakevirtio_direct_open(void);
/* What the driver kept on purpose. */
void fakevirtio_forget_leaks(void);

#endif
