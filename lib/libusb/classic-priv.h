/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What OHCI and EHCI have in common: the controller knows pipes, not devices. Each pipe has a kilobyte of
 * its device's page, which begins with the record the controller follows, and hangs in one of three lists.
 */
#ifndef CLASSIC_PRIV_H
#define CLASSIC_PRIV_H

#include "usb-priv.h"

#define PAGE        4096u
#define PIPE_BYTES  1024u
#define PIPE_BLOCKS 60u

struct classic_pipe {
	struct classic_pipe *next; /* on its list */
	uint8_t *mem;              /* NULL: not in use */
	uint32_t dev;
	unsigned n;                /* blocks under way */
	uint32_t len[PIPE_BLOCKS]; /* what each is to move */
};

/* What is behind the pipes in the device's page. */
#define REST_AT (PIPE_BYTES * (1 + PIPES))

struct classic_dev {
	uint8_t *page;
	uint64_t page_dev;
	struct classic_pipe pipe[1 + PIPES];
};

enum classic_list { LIST_CONTROL, LIST_BULK, LIST_INTERRUPT, LISTS };

struct classic {
	struct usb usb;
	const struct classic_kind *kind;
	uint8_t *mem; /* shared with the controller: frames, heads of the lists */
	uint64_t mem_dev;
	/* Heads, which are no pipes; mem is NULL where two kinds of pipes share the other's list. */
	struct classic_pipe list[LISTS];
};

struct classic_kind {
	size_t mem_bytes;
	uint8_t link_at;      /* where a record has the next one's address, */
	uint32_t link_flags;  /* and what is added to it */
	uint8_t list_of_bulk; /* the others have their own */
	/* The controller follows the lists, or does not while they are changed. */
	void (*run)(struct classic *c, bool on);
	/* The record of a pipe without a transfer. */
	void (*fill_idle)(struct classic_pipe *p, enum classic_list list);
	/* A new page, behind the pipes; NULL: nothing to do. */
	void (*fill_rest)(struct classic_dev *d);
};

static inline struct classic *classic_of(struct usb *usb)
{
	return container_of(usb, struct classic, usb);
}

/* The memory of kind->mem_bytes, below 4 GiB for the controller. */
int classic_get_memory(struct classic *c, const struct classic_kind *kind) MUST_CHECK;
void classic_free_memory(struct usb *usb);
struct classic_pipe *classic_pipe_of(const struct usb_transfer *t);
/* The same for struct usb_hcd_ops of both. */
uint8_t classic_port_number(struct usb *usb, unsigned port);
int classic_attach(struct usb_dev *dev);
void classic_detach(struct usb_dev *dev);
int classic_set_packet0(struct usb_dev *dev);
int classic_configure(struct usb_dev *dev);

#endif
