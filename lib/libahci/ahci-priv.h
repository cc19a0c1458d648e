/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers, memory structures and what the files of this module share. AHCI 1.3.1, ATA ACS-3. */
#ifndef AHCI_PRIV_H
#define AHCI_PRIV_H

#include "ahci/ahci.h"

/* The controller's registers, in BAR 5 (section 3.1). */
#define HBA_CAP      0x00
#define CAP_SLOTS(c) (((c) >> 8 & 31) + 1)
#define CAP_QUEUES   0x40000000u /* native command queueing */
#define HBA_GHC      0x04
#define GHC_RESET    0x1u
#define GHC_ENABLE   0x80000000u
#define HBA_PORTS    0x0c
#define PORT_BASE(p) (0x100u + 0x80u * (p))

/* A port's (section 3.3). */
#define PORT_CLB       0x00
#define PORT_FB        0x08
#define PORT_IS        0x10
#define IS_FAILURES    0x7d800010u /* task file, bus, interface and overflow failures; unknown FIS */
#define PORT_IE        0x14
#define PORT_CMD       0x18
#define CMD_START      0x1u
#define CMD_SPIN_UP    0x2u
#define CMD_POWER      0x4u
#define CMD_FIS        0x10u
#define CMD_FIS_ON     0x4000u
#define CMD_RUNNING    0x8000u
#define PORT_TFD       0x20
#define TFD_ERR        0x01u
#define TFD_DRQ        0x08u
#define TFD_BUSY       0x80u
#define TFD_ERROR(tfd) ((tfd) >> 8 & 0xff)
#define PORT_SIG       0x24
#define SIG_DISK       0x00000101u
#define SIG_ATAPI      0xeb140101u
#define PORT_SSTS      0x28
#define SSTS_DET(s)    ((s)&0xf)
#define DET_READY      3u
#define PORT_SERR      0x30
#define PORT_SACT      0x34
#define PORT_CI        0x38

/* A port's page: command list, received FIS, for each slot a command table with its entries (section 4). */
#define AT_LIST    0x000u
#define AT_FIS     0x400u
#define AT_TABLE   0x500u /* 128-byte aligned */
#define SLOTS      4u
#define SLOT_BYTES 0x20u /* in the list */
#define TABLE_SIZE 0x100u
#define IN_PACKET  0x40u
#define IN_ENTRIES 0x80u
#define PORT_PAGE  0x1000u
#define ENTRY_MAX  0x400000u /* bytes of one entry */
#define ENTRIES    8u
#define MAX_BYTES  (ENTRIES * ENTRY_MAX)
#define NCQ_TAG(n) ((n) << 3)

#define ATA_READ_DMA_EXT    0x25
#define ATA_READ_LOG_EXT    0x2f
#define ATA_WRITE_DMA_EXT   0x35
#define ATA_READ_QUEUED     0x60
#define ATA_WRITE_QUEUED    0x61
#define ATA_PACKET          0xa0
#define ATA_IDENTIFY_PACKET 0xa1
#define ATA_FLUSH_EXT       0xea
#define ATA_IDENTIFY        0xec

struct ahci_port {
	unsigned number;
	unsigned users; /* open devices; 0: the port is idle */
	uint8_t *page;
	uint64_t page_dev;
};

struct ahci {
	const struct pci_dev *dev;
	const struct dma *dma;
	struct pci_bar bar;
	unsigned users; /* of the controller; 0: not running */
	bool dead;      /* a port does not obey: cut off from memory until it is started again */
	uint32_t ports; /* implemented ones */
	unsigned slots; /* commands a port takes into its queue; 1: none has one */
	struct ahci_port port[32];
};

/* One command: an ATA task file, or a packet behind ATA_PACKET. */
struct ahci_cmd {
	uint64_t lba;
	const uint8_t *packet; /* 12 or 16 bytes, padded to 16; NULL: none */
	void *data;            /* mapped for the command's time; NULL: no data */
	uint32_t len;          /* even, at most MAX_BYTES */
	uint32_t timeout_ms;
	uint32_t done; /* out: bytes moved */
	uint16_t count;
	uint8_t opcode, features;
	bool is_write, is_queued;
	uint8_t error; /* out: the task file's error register */
};

/* A port does not obey any more: no decoding, no DMA, for all of them. */
void ahci_cut_off(struct ahci *a);

/* Start a port whose drive is there; stop it. The controller runs. */
int port_start(struct ahci *a, struct ahci_port *p) MUST_CHECK;
void port_stop(struct ahci *a, struct ahci_port *p);
bool port_has_drive(const struct ahci *a, unsigned port);
uint32_t port_read(const struct ahci *a, unsigned port, uint32_t reg);
/* 0; E_IO: the drive says no (cmd->error) or the controller is dead; E_TIMEOUT. */
int port_run(struct ahci *a, struct ahci_port *p, struct ahci_cmd *cmd) MUST_CHECK;
/* The same for n <= a->slots queued commands at once; which of them failed is not told. */
int port_run_queue(struct ahci *a, struct ahci_port *p, struct ahci_cmd *cmd,
		   unsigned n) MUST_CHECK;

/* Use the controller and a port, starting what does not run yet; let go of both. */
int ahci_get(struct ahci *a, unsigned port) MUST_CHECK;
void ahci_put(struct ahci *a, unsigned port);

/* The two kinds of drives; the port is started. */
int ata_disk_open(struct ahci *a, unsigned port, struct blkdev **bd) MUST_CHECK;
int atapi_open(struct ahci *a, unsigned port, struct blkdev **bd) MUST_CHECK;

#endif
