/* SPDX-License-Identifier: BSD-2-Clause */
/* What the core, the drivers of devices and those of host controllers share. */
#ifndef USB_PRIV_H
#define USB_PRIV_H

#include "pci/dev.h"
#include "usb/usb.h"

/* In the order of xHCI's numbers. */
enum usb_speed { SPEED_FULL = 1, SPEED_LOW, SPEED_HIGH, SPEED_SUPER };

#define PIPES     2u
#define DEPTH_MAX 5u /* hubs between a device and the controller (USB 2.0 4.1.1) */

enum pipe_type { PIPE_BULK = 2, PIPE_INTERRUPT = 3 };

/* An endpoint that a driver uses. Checked: number 1..15, packet 1..1024. */
struct usb_pipe {
	uint8_t address; /* 0x80: to us */
	enum pipe_type type;
	uint16_t packet;
	uint8_t burst;    /* packets at once less one; SuperSpeed */
	uint8_t interval; /* as the descriptor has it */
	uint8_t toggle;   /* for controllers that leave it to us */
};

struct usb_state {
	enum usb_speed speed;
	uint8_t depth;     /* hubs above it */
	uint8_t root_port; /* the controller's port it is behind */
	uint8_t hub_ports;
	uint8_t address;   /* where the controller leaves it to us */
	uint8_t interface; /* the one its driver uses */
	uint8_t config;
	uint16_t packet0;
	bool gone; /* unplugged, or so broken that its pipes cannot be stopped */
	unsigned npipes;
	struct usb_pipe pipe[PIPES];
	void *hcd; /* the host controller driver's */
};

/* ---- transfers --------------------------------------------------------------------------- */

struct usb_transfer {
	struct usb_dev *dev;
	struct usb_pipe *pipe; /* NULL: the control pipe, */
	uint8_t setup[8];      /* and what is asked there */
	bool in;
	void *data;   /* or NULL, and at is set */
	uint64_t at;  /* data as the controller sees it */
	uint32_t len; /* at most TRANSFER_MAX */
	/* the answer */
	int result;    /* 0; E_UNSUPP: the device stalled; E_IO; E_NOENT: unplugged; E_TIMEOUT */
	uint32_t done; /* bytes moved, 0..len */
	void *td;      /* the host controller driver's */
};

#define TRANSFER_MAX (1u << 20)

struct usb_hcd_ops {
	size_t size; /* of the driver's own record of a controller, which begins with struct usb */
	/* Reset it, get memory, run; sets usb->ports, which have power afterwards. */
	int (*bring_up)(struct usb *usb);
	/* The end, also of a bring_up() that failed: no DMA afterwards, if it does as it is told. */
	int (*halt)(struct usb *usb);
	void (*free_memory)(struct usb *usb);
	/* Root ports, from 1. */
	bool (*port_connected)(struct usb *usb, unsigned port);
	int (*port_reset)(struct usb *usb, unsigned port, enum usb_speed *speed);
	/* Its device listens no more; NULL where it does not before it has an address. */
	void (*port_disable)(struct usb *usb, unsigned port);
	/* The number under which people know it: each generation of USB is counted by itself. */
	uint8_t (*port_number)(struct usb *usb, unsigned port);
	/* Give a device that was just reset an address; afterwards its control pipe works. */
	int (*attach)(struct usb_dev *dev);
	/* Its pipes are stopped, nothing is under way. */
	void (*detach)(struct usb_dev *dev);
	/* state->packet0 was 8 so far and is known now. */
	int (*set_packet0)(struct usb_dev *dev);
	/* state->pipe and hub_ports are known: make them work. */
	int (*configure)(struct usb_dev *dev);
	/* One transfer a pipe at a time. */
	int (*submit)(struct usb_transfer *t);
	/* True: it is over, result and done are set, and the controller has forgotten it. */
	bool (*poll)(struct usb_transfer *t);
	/* The same at once, whatever it takes. */
	void (*cancel)(struct usb_transfer *t);
	/* The pipe begins anew with DATA0; nothing is under way there. */
	int (*reset_pipe)(struct usb_dev *dev, struct usb_pipe *pipe);
};

struct usb {
	const struct usb_hcd_ops *ops;
	const struct pci_dev *pci;
	struct pci_bar bar;
	const struct dma *dma;
	const char *name; /* of the controller's node, for people */
	bool dead;        /* does not do what it must, or is unplugged: cut off from memory */
	unsigned ports;
	struct usb_dev *first;
	unsigned devices;
	uint8_t last_address; /* given out; where that is left to us */
};

/* ---- host controllers (hcd.c) ------------------------------------------------------------ */

/* What usb_xhci_start() and the others promise in usb/hcd.h. */
int usb_hcd_start(const struct pci_dev *dev, const struct usb_hcd_ops *ops,
		  struct usb **usb) MUST_CHECK;
/* No DMA afterwards; frees the controller's record, and the memory it shares with us. */
void usb_hcd_stop(struct usb *usb);
/* Say so once, with the value that showed it; no bus master from now on. */
void usb_hcd_kill(struct usb *usb, const char *why, uint32_t status);
/* Until the masked bits of a register are as wanted. E_TIMEOUT; E_IO: nothing is there any more. */
int usb_hcd_wait(const struct usb *usb, uint32_t reg, uint32_t mask, uint32_t want,
		 uint32_t ms) MUST_CHECK;

/* ---- running transfers (transfer.c) ------------------------------------------------------ */

/* Run a transfer to its end. timeout_ms bounds it; a device that is unplugged ends it before. */
int usb_run(struct usb_transfer *t, uint32_t timeout_ms) MUST_CHECK;
/* Begin one, and look whether it is over: 0, E_BUSY, or why it failed. For interrupt pipes. */
int usb_begin(struct usb_transfer *t) MUST_CHECK;
int usb_poll(struct usb_transfer *t) MUST_CHECK;

/* ---- requests on the control pipe (USB 2.0 9.3) ------------------------------------------ */

struct usb_request {
	uint8_t type, request;
	uint16_t value, index, len;
};
/* All bytes or fewer come; *done may be NULL: then fewer is E_FORMAT. */
int usb_ask(struct usb_dev *dev, struct usb_request req, void *data, uint32_t *done) MUST_CHECK;
/* Without data. */
int usb_tell(struct usb_dev *dev, uint8_t type, uint8_t request, uint16_t value,
	     uint16_t index) MUST_CHECK;
/* A device that was just reset answers at a number of its own from now on; sets state->address. */
int usb_give_address(struct usb_dev *dev) MUST_CHECK;
/* After a stall: both ends of a pipe begin anew. */
int usb_clear_halt(struct usb_dev *dev, struct usb_pipe *pipe) MUST_CHECK;

/* ---- enumeration ------------------------------------------------------------------------- */

/* A controller that was started: look for devices on all its ports. */
void usb_enumerate(struct usb *usb);
/* Something is on a port and was reset. parent NULL: root port. */
void usb_found(struct usb *usb, struct usb_dev *parent, unsigned port, enum usb_speed speed);
/* Is it still plugged in? Asks the hub. */
bool usb_is_there(struct usb_dev *dev);
/* Hubs: power, ports, devices there. */
void hub_start(struct usb_dev *dev);
void hub_disable(struct usb_dev *hub, unsigned port);
bool hub_connected(struct usb_dev *hub, unsigned port);

/*
 * A configuration descriptor and all that follows it, len bytes: finds the first interface somebody can
 * drive and sets kind, interface and pipes. What breaks the rules ends the search.
 */
void usb_parse(struct usb_dev *dev, const uint8_t *config, uint32_t len);

#endif
