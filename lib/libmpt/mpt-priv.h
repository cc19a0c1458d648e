/* SPDX-License-Identifier: BSD-2-Clause */
/* Fusion MPT: the doorbell (handshake.c), and what the host (mpt.c) does with it. */
#ifndef MPT_PRIV_H
#define MPT_PRIV_H

#include "dev/scsihost.h"
#include "pci/dev.h"

/* Registers, 32 bits each */
#define REG_DOORBELL   0x00u
#define REG_INTERRUPTS 0x30u
#define REG_REQUESTS   0x40u /* takes the address of a request */
#define REG_REPLIES    0x44u /* gives replies, takes frames for them */

#define STATE(v)          ((v)&0xf0000000u)
#define STATE_READY       0x10000000u
#define STATE_OPERATIONAL 0x20000000u

#define DOORBELL_RESET        0x40000000u
#define DOORBELL_HANDSHAKE(n) (0x42000000u | (n) << 16) /* n words of 32 bits follow */
#define INTERRUPT_DOORBELL    1u
#define INTERRUPT_UNREAD      0x80000000u /* what we wrote to the doorbell */

/* Messages begin alike: the function in byte 3, the length of a reply in words in byte 2. */
#define FUNCTION_SCSI        0u
#define FUNCTION_INIT        2u
#define FUNCTION_PORT_ENABLE 6u
#define AT_LENGTH            2u
#define AT_FUNCTION          3u
#define AT_CONTEXT           8u
#define AT_IOC_STATUS        14u /* of replies */
#define IOC_STATUS(v)        ((v)&0x7fffu)

/* The page shared with the controller. */
enum {
	AT_REQUEST = 0,
	AT_SENSE = 256,
	AT_REPLIES = 512,
	REPLY_BYTES = 128,
	REPLIES = 8,
	PAGE = 4096
};
#define SENSE_BYTES SCSI_SENSE_MAX

struct mpt {
	struct scsi_host host;
	const struct pci_dev *pci;
	const struct dma *dma;
	struct pci_bar bar;
	uint8_t *page;
	uint64_t page_dev;
	uint32_t context; /* of the last request */
	bool dead;        /* cut off from memory */
};

/*
 * A message of words * 4 bytes through the doorbell, and the beginning of its reply. E_TIMEOUT; E_FORMAT:
 * a reply shorter than reply_bytes, which is a multiple of 4 and at least 16.
 */
int mpt_handshake(const struct mpt *m, const uint8_t *message, unsigned words, uint8_t *reply,
		  unsigned reply_bytes, uint32_t timeout_ms) MUST_CHECK;

#endif
