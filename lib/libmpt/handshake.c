/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages through one register, for what comes before there are queues: 32 bits at a time to the
 * controller, 16 from it, an interrupt bit for each that it gives.
 */
#include "mpt-priv.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"

static int wait_for(const struct mpt *m, uint32_t mask, uint32_t want, struct wait *w)
{
	while ((pci_read32(&m->bar, REG_INTERRUPTS) & mask) != want)
		if (!wait_more(w))
			return E_TIMEOUT;
	return 0;
}

static void clear(const struct mpt *m)
{
	pci_write32(&m->bar, REG_INTERRUPTS, 0);
}

static int send(const struct mpt *m, const uint8_t *message, unsigned words, struct wait *w)
{
	int err;

	clear(m);
	pci_write32(&m->bar, REG_DOORBELL, DOORBELL_HANDSHAKE(words));
	err = wait_for(m, INTERRUPT_DOORBELL, INTERRUPT_DOORBELL, w);
	clear(m);
	err = err ? err : wait_for(m, INTERRUPT_UNREAD, 0, w);
	for (unsigned i = 0; i < words && !err; i++) {
		pci_write32(&m->bar, REG_DOORBELL, get_le32(message + 4 * i));
		err = wait_for(m, INTERRUPT_UNREAD, 0, w);
	}
	return err;
}

static int receive(const struct mpt *m, uint16_t *half, struct wait *w)
{
	int err = wait_for(m, INTERRUPT_DOORBELL, INTERRUPT_DOORBELL, w);

	if (err)
		return err;
	*half = (uint16_t)pci_read32(&m->bar, REG_DOORBELL);
	clear(m);
	return 0;
}

/* All the controller has to say is taken, as much as there is room for is kept. */
static int receive_all(const struct mpt *m, uint8_t *reply, unsigned bytes, struct wait *w)
{
	unsigned halves = 2;

	for (unsigned i = 0; i < halves; i++) {
		uint16_t half;
		int err = receive(m, &half, w);

		if (err)
			return err;
		if (2 * i < bytes)
			put_le16(reply + 2 * i, half);
		if (i == 1)
			halves = 2u * reply[AT_LENGTH];
	}
	return 2 * halves < bytes ? E_FORMAT : 0;
}

int mpt_handshake(const struct mpt *m, const uint8_t *message, unsigned words, uint8_t *reply,
		  unsigned reply_bytes, uint32_t timeout_ms)
{
	struct wait w = wait_ms(timeout_ms);
	int err = send(m, message, words, &w);

	return err ? err : receive_all(m, reply, reply_bytes, &w);
}
