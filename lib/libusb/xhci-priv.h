/* SPDX-License-Identifier: BSD-2-Clause */
/* xHCI 1.2: registers, the shape of memory shared with the controller, and our records of it. */
#ifndef XHCI_PRIV_H
#define XHCI_PRIV_H

#include "pci/dev.h"

#include "usb-priv.h"

/* Capability registers (5.3) */
#define CAP_LENGTH   0x00u
#define CAP_PARAMS1  0x04u
#define CAP_PARAMS2  0x08u
#define CAP_CAPS     0x10u
#define CAP_DOORBELL 0x14u
#define CAP_RUNTIME  0x18u

#define CAPS_64BYTE    4u
#define CAPS_EXT(v)    ((v) >> 16 << 2)
#define SCRATCHPADS(v) (((v) >> 16 & 0x3e0) | (v) >> 27)

/* Operational registers (5.4) */
#define OP_COMMAND 0x00u
#define OP_STATUS  0x04u
#define OP_PAGES   0x08u
#define OP_CRCR    0x18u
#define OP_DCBAAP  0x30u
#define OP_CONFIG  0x38u
#define OP_PORT(n) (0x400u + 16 * ((n)-1))

#define COMMAND_RUN   1u
#define COMMAND_RESET 2u

#define STATUS_HALTED    1u
#define STATUS_FAILED    4u
#define STATUS_NOT_READY 0x800u
#define STATUS_HCE       0x1000u

#define PORT_CONNECTED 1u
#define PORT_ENABLED   2u
#define PORT_RESET     0x10u
#define PORT_POWER     0x200u
#define PORT_SPEED(v)  ((v) >> 10 & 15)
#define PORT_CHANGES   0xfe0000u
#define PORT_KEEP      0xe00c200u /* what is written back as it was read: power, lights, wake */

/* Runtime registers of interrupter 0 (5.5) */
#define RT_ERSTSZ 0x28u
#define RT_ERSTBA 0x30u
#define RT_ERDP   0x38u
#define ERDP_BUSY 8u

/* Transfer request blocks (6.4): parameter, status, control */
#define TRB         16u
#define TRB_CYCLE   1u
#define TRB_TOGGLE  2u
#define TRB_SHORT   4u /* tell when less came */
#define TRB_CHAIN   0x10u
#define TRB_TELL    0x20u
#define TRB_INLINE  0x40u
#define TRB_IN      0x10000u
#define TRB_TYPE(t) ((uint32_t)(t) << 10)
#define TYPE_OF(c)  ((c) >> 10 & 63)
#define TRB_SLOT(s) ((uint32_t)(s) << 24)
#define TRB_EP(e)   ((uint32_t)(e) << 16)

enum trb_type {
	T_NORMAL = 1,
	T_SETUP = 2,
	T_DATA = 3,
	T_STATUS = 4,
	T_LINK = 6,
	T_ENABLE_SLOT = 9,
	T_DISABLE_SLOT = 10,
	T_ADDRESS = 11,
	T_CONFIGURE = 12,
	T_EVALUATE = 13,
	T_RESET_EP = 14,
	T_STOP_EP = 15,
	T_SET_DEQUEUE = 16,
	E_TRANSFER = 32,
	E_COMMAND = 33,
};

#define CODE_SUCCESS 1u
#define CODE_STALL   6u
#define CODE_SHORT   13u

#define PAGE      4096u
#define RING_TRBS 255u     /* and the link back */
#define CHUNK     0x10000u /* a TRB's data does not cross a multiple of this */

struct ring {
	uint8_t *mem;
	uint64_t dev;
	uint16_t next; /* where the next TRB goes */
	uint8_t cycle;
	uint16_t first, count;  /* the TRBs of what is under way; count 0: nothing is */
	struct usb_transfer *t; /* of a transfer ring */
	bool over;
	uint8_t code; /* the answer */
	uint8_t id;   /* the endpoint of a transfer ring; the slot in the answer to a command */
};

/* A device's pages: its context, and a ring each for the control pipe and the others. */
#define DEVICE_PAGES (2 + PIPES)
struct xdev {
	uint8_t slot;
	bool disabled;
	uint8_t *mem;
	uint64_t dev;
	struct ring ring[1 + PIPES];
};

/* The controller's pages. */
enum {
	AT_BASES = 0,
	AT_ERST = 2048,
	AT_EVENTS = 4096,
	AT_COMMANDS = 8192,
	AT_INPUT = 12288,
	SHARED = 16384
};

struct xhci {
	struct usb usb;
	uint32_t op, rt, db; /* where the registers begin */
	unsigned slots, context;
	uint8_t number[256]; /* of ports, as people count */
	uint8_t *mem;
	uint64_t mem_dev;
	uint8_t *scratch; /* the array and its pages */
	uint64_t scratch_dev;
	size_t scratch_size;
	struct ring commands;
	uint16_t event;
	uint8_t event_cycle;
	struct xdev *device[256]; /* by slot */
};

static inline struct xhci *xhci_of(struct usb *usb)
{
	return container_of(usb, struct xhci, usb);
}

/* ---- rings (xhci-ring.c) ----------------------------------------------------------------- */

/* A ring on an empty page. */
void ring_init(struct ring *r, uint8_t *mem, uint64_t dev);
/* One TRB more of what ring_begin() began; the controller sees none before ring_commit(). */
void ring_begin(struct ring *r);
void ring_add(struct ring *r, uint64_t parameter, uint32_t status, uint32_t control);
void ring_commit(struct ring *r);
/* Where the controller is to go on, when all before is forgotten. */
uint64_t ring_dequeue(const struct ring *r);

/* All events that wait are given to their rings. */
void xhci_events(struct xhci *x);
void xhci_doorbell(struct xhci *x, unsigned slot, uint32_t target);
/* Carry out a command and wait for it. E_IO: it failed. *slot: what it names, or NULL. */
int xhci_command(struct xhci *x, uint64_t parameter, uint32_t status, uint32_t control,
		 uint8_t *slot) MUST_CHECK;
/* It does not do what it must: cut off from memory. */
void xhci_kill(struct xhci *x, const char *why);

/* ---- devices (xhci-dev.c) ---------------------------------------------------------------- */

int xhci_attach(struct usb_dev *dev);
void xhci_detach(struct usb_dev *dev);
int xhci_set_packet0(struct usb_dev *dev);
int xhci_configure(struct usb_dev *dev);
int xhci_submit(struct usb_transfer *t);
bool xhci_poll(struct usb_transfer *t);
void xhci_cancel(struct usb_transfer *t);
int xhci_reset_pipe(struct usb_dev *dev, struct usb_pipe *pipe);

#endif
