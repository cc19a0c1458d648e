/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's virtual Ethernet behind fakehv: one adapter, its queue and buffers. It aborts on calls that break LoPAPR's rules,
 * calls can fail, and what it tells of frames can be made up.
 */
#ifndef FAKELLAN_H
#define FAKELLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKELLAN_UNIT 0x71000002u
#define FAKELLAN_NIC  "/vdevice/l-lan@71000002"
#define FAKELLAN_BUF  0x100000ull /* where fakellan_transfer() takes and leaves frames */
#define FAKELLAN_POOL 4096u

struct dt_node;
struct instance;

struct fakellan {
	bool open;
	uint64_t queue;
	uint32_t queue_len, at;
	uint8_t toggle;
	uint64_t pool[FAKELLAN_POOL]; /* the buffers it was given, oldest first */
	unsigned n, frees, registers;
	uint8_t sent[2048];
	uint32_t sent_len;
	unsigned sends;
	/* What a call returns instead of being obeyed; 0: it is obeyed. May be NULL. Closing is never asked. */
	int64_t (*refuse)(const uint64_t *reg);
};
extern struct fakellan fakellan;
extern struct dt_node *fakellan_node;

/* A machine with this adapter, whose address has 6 or 8 bytes; bypass: of its DMA window. */
void fakellan_start(bool bypass, const uint8_t *mac, size_t mac_len);
/* Quiesce; abort if anything is left open, bypassed or mapped. */
void fakellan_stop(void);

/* A frame into the oldest buffer; keep: it stays in the pool. false: there is none. *correlator is that buffer's. */
bool fakellan_fill(const void *frame, uint32_t len, bool keep, uint64_t *correlator);
/* An entry of the queue; control as it stands there. */
void fakellan_entry(uint8_t control, uint16_t offset, uint32_t len, uint64_t correlator);
/* Call read or write; returns what it says. */
int64_t fakellan_transfer(struct instance *in, const char *method, uint64_t len);

#endif
