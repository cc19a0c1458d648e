/* SPDX-License-Identifier: BSD-2-Clause */
/* MFI: frames as the controller takes them (frame.c), and what its life (megasas.c) does with them. */
#ifndef MEGASAS_PRIV_H
#define MEGASAS_PRIV_H

#include "dev/scsihost.h"
#include "pci/dev.h"

/* Registers, 32 bits each */
#define REG_DOORBELL 0x20u /* to the firmware */
#define REG_QUEUE    0x40u /* takes a frame's address */
#define REG_STATE    0xb0u /* the first scratch pad: the firmware's state and limits */

#define STATE(v)          ((v)&0xf0000000u)
#define STATE_HANDSHAKE   0x60000000u
#define STATE_READY       0xb0000000u
#define STATE_OPERATIONAL 0xc0000000u
#define STATE_FAULT       0xf0000000u
#define STATE_COMMANDS(v) ((v)&0xffffu)

/* Frames begin with the same header. */
enum frame_command {
	FRAME_INIT = 0,
	FRAME_LOGICAL = 3,  /* a SCSI command to a logical drive, */
	FRAME_PHYSICAL = 4, /* to a physical one */
	FRAME_DIRECT = 5,   /* something for the firmware itself */
};

#define FRAME_BYTES 64u

/* What the firmware says of a frame; 0xff is ours: nothing yet. */
#define MFI_OK          0x00u
#define MFI_NO_DEVICE   0x0cu
#define MFI_SCSI_FAILED 0x2du /* see the SCSI status */
#define MFI_PENDING     0xffu

/*
 * The page shared with the controller. A frame gets half of it: QEMU wants to reach 2 KiB behind its
 * address at once.
 */
enum {
	AT_FRAME = 0,
	AT_SENSE = 2048,
	AT_QUEUES = 2304,   /* what the first frame tells: */
	AT_PRODUCER = 2340, /* the controller's place in the queue of answers, */
	AT_CONSUMER = 2344, /* ours, */
	AT_SPARE = 2560,    /* a segment for commands without data */
	AT_ANSWERS = 3072,  /* the queue, which nobody looks at */
	PAGE = 4096
};
#define SENSE_BYTES 128u
#define ANSWERS     ((PAGE - AT_ANSWERS) / 4)

struct megasas {
	struct scsi_host host;
	const struct pci_dev *pci;
	const struct dma *dma;
	struct pci_bar bar;
	uint8_t *page;
	uint64_t page_dev;
	uint32_t logical[2]; /* a bit for each target that is a logical drive */
	bool dead;           /* cut off from memory */
};

#define LOGICAL_MAX 64u

/* One exchange; what is not needed is 0. */
struct frame {
	uint8_t command;
	uint8_t target, lun;
	const struct scsi_request *scsi;
	uint32_t opcode; /* of FRAME_DIRECT */
	uint64_t data;   /* where the controller finds it */
	uint32_t len;
	/* the answer */
	uint8_t status, scsi_status;
};

/*
 * Give it to the controller and wait for the answer. E_TIMEOUT, E_IO: it has no answer, and may still use
 * its data: to be reset.
 */
int frame_run(struct megasas *m, struct frame *f, uint32_t timeout_ms) MUST_CHECK;

#endif
