/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TFTP: one file, read. The first request asks for large blocks, several of them per acknowledgement, and the
 * file's size; a server that does not like that is asked again in the words of 1992. Only the next block in
 * order moves us on; everything else costs the server an acknowledgement at most, and silence or noise ends
 * after SILENCE_MS. What stays without an answer is said again after a time that follows the round trips. Packets
 * are handled where lwIP hands them over.
 */
#include <stdio.h>
#include <string.h>

#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/udp.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "fetch-priv.h"
#include "rtt.h"
#include "tftp-options.h"

enum { OP_RRQ = 1, OP_DATA = 3, OP_ACK, OP_ERROR, OP_OACK };

#define SILENCE_MS   15000u
#define PLAIN_AFTER  3u /* unanswered requests with options, then without */
#define WINDOW       16u
#define BAD_MAX      32u
#define PAUSE_MAX_US 64u
#define PACKET_ROOM  1200u /* for what we send */

struct tftp {
	struct fetch *f;
	struct udp_pcb *pcb;
	uint16_t port; /* the server's for this transfer, 0: not known yet */
	bool options;  /* asked for */
	struct tftp_terms ask, agreed;
	uint64_t got;     /* bytes */
	uint64_t blocks;  /* in order */
	uint32_t unacked; /* of them */
	bool begun, gap;  /* data is expected; blocks are missing and the server knows */
	bool done;
	int result;
	unsigned sends, bad;
	uint32_t pause_us; /* grows while nothing comes */
	struct rtt rtt;
	struct deadline resend, silence;
	uint8_t *packet; /* the one that came */
};

static void finish(struct tftp *t, int result)
{
	t->done = true;
	t->result = result;
}

/* ---- out -------------------------------------------------------------------------------------- */

static void send_to(struct tftp *t, uint16_t port, const void *bytes, size_t len)
{
	struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);

	if (!p)
		return; /* as if lost on the way */
	pbuf_take(p, bytes, (u16_t)len);
	udp_sendto_if(t->pcb, p, &t->f->ip, port, net_if_lwip(t->f->nif));
	pbuf_free(p);
}

static void send_error(struct tftp *t, uint16_t port, unsigned code, const char *text)
{
	uint8_t packet[64] = {0, OP_ERROR, 0, (uint8_t)code};
	struct strbuf sb = strbuf_on((char *)packet + 4, sizeof(packet) - 4);

	strbuf_str(&sb, text);
	send_to(t, port, packet, 4 + sb.len + 1);
}

static void send_ack(struct tftp *t)
{
	uint8_t packet[4] = {0, OP_ACK};

	put_be16(packet + 2, (uint16_t)t->blocks);
	t->unacked = 0;
	send_to(t, t->port, packet, sizeof(packet));
}

/* One that asks for what was not asked for before. */
static void send_new_ack(struct tftp *t)
{
	rtt_sent(&t->rtt, clock_us());
	send_ack(t);
}

static void send_request(struct tftp *t)
{
	char packet[PACKET_ROOM];
	struct strbuf sb = strbuf_on(packet, sizeof(packet));

	tftp_put_request(&sb, t->f->url->path, t->options ? &t->ask : NULL);
	send_to(t, t->f->url->port, packet, sb.len);
}

/* The last thing said is said again, less and less often. */
static void send_again(struct tftp *t)
{
	t->sends++;
	rtt_repeated(&t->rtt);
	t->resend = deadline_in_ms(rtt_timeout_ms(&t->rtt));
	if (!t->begun)
		send_request(t);
	else
		send_ack(t);
}

/* Something went forward. */
static void moved(struct tftp *t)
{
	t->sends = 0;
	t->pause_us = 1;
	rtt_heard(&t->rtt, clock_us());
	t->resend = deadline_in_ms(rtt_timeout_ms(&t->rtt));
	t->silence = deadline_in_ms(SILENCE_MS);
}

/* ---- in --------------------------------------------------------------------------------------- */

static void fail(struct tftp *t, int err, int code, const char *text)
{
	send_error(t, t->port, code == 3017 ? 8 : 4, text);
	finish(t, fetch_fail(t->f, err, code, "%s", text));
}

static bool begin(struct tftp *t)
{
	int err = fetch_begin(t->f, t->agreed.size);

	t->begun = true;
	if (!err)
		return true;
	send_error(t, t->port, 3, "No room");
	finish(t, err);
	return false;
}

static void on_oack(struct tftp *t, size_t len)
{
	if (t->begun) {
		if (t->blocks == 0 && t->options)
			send_ack(t); /* ours was lost */
		return;
	}
	if (!t->options ||
	    !tftp_take_options((char *)t->packet + 2, len - 2, &t->ask, &t->agreed)) {
		fail(t, E_FORMAT, 3017, "the server agrees to what was not asked for");
		return;
	}
	if (begin(t)) {
		moved(t);
		send_new_ack(t);
	}
}

static void last_block(struct tftp *t)
{
	send_ack(t);
	if (t->agreed.size != UINT64_MAX && t->got != t->agreed.size)
		finish(t,
		       fetch_fail(t->f, E_FORMAT, 3016, "%llu bytes came of %llu",
				  (unsigned long long)t->got, (unsigned long long)t->agreed.size));
	else
		finish(t, 0);
}

static void next_block(struct tftp *t, size_t len)
{
	int err;

	if (len > t->agreed.block_bytes ||
	    (t->agreed.size != UINT64_MAX && len > t->agreed.size - t->got)) {
		fail(t, E_FORMAT, 3018, "more data than the server announced");
		return;
	}
	err = fetch_data(t->f, t->got, t->packet + 4, len);
	if (err) {
		send_error(t, t->port, 3, "No room");
		finish(t, err);
		return;
	}
	t->got += len;
	t->blocks++;
	t->unacked++;
	t->gap = false;
	moved(t);
	if (len < t->agreed.block_bytes)
		last_block(t);
	else if (t->unacked >= t->agreed.window)
		send_new_ack(t);
}

/*
 * A block that is not the next one: the last one again says that an acknowledgement was lost; one ahead that
 * blocks were, which the server is told once until it goes on.
 */
static void other_block(struct tftp *t, uint16_t ahead)
{
	if (ahead == UINT16_MAX && t->blocks > 0 && t->unacked == 0) {
		send_ack(t);
	} else if (ahead < t->agreed.window && !t->gap) {
		t->gap = true;
		send_ack(t);
	}
}

static void on_data(struct tftp *t, size_t len)
{
	uint16_t ahead = (uint16_t)(get_be16(t->packet + 2) - (uint16_t)(t->blocks + 1));

	if (!t->begun) { /* the server has not looked at our options */
		t->agreed = (struct tftp_terms){TFTP_BLOCK_PLAIN, 1, UINT64_MAX};
		if (ahead != 0 || !begin(t))
			return;
	}
	if (ahead == 0)
		next_block(t, len - 4);
	else
		other_block(t, ahead);
}

static void on_error(struct tftp *t, size_t len)
{
	static const struct {
		int err, code;
	} table[] = {{E_IO, 3003}, {E_NOENT, 3009}, {E_PERM, 3010}, {E_IO, 3003},    {E_IO, 3011},
		     {E_IO, 3012}, {E_EXIST, 3003}, {E_PERM, 3013}, {E_FORMAT, 3017}};
	unsigned code = get_be16(t->packet + 2), i = code < ARRAY_SIZE(table) ? code : 0;

	if (t->options && !t->begun && (code == 8 || code == 4 || code == 0))
		finish(t, E_UNSUPP); /* it may be about the options */
	else
		finish(t, fetch_fail(t->f, table[i].err == E_EXIST ? E_IO : table[i].err,
				     table[i].code, "server says: %.*s (%u)", (int)(len - 4),
				     (const char *)t->packet + 4, code));
}

static void on_bad(struct tftp *t)
{
	if (++t->bad > BAD_MAX)
		fail(t, E_FORMAT, 3014, "too many bad packets");
}

static void handle(struct tftp *t, size_t len)
{
	switch (get_be16(t->packet)) {
	case OP_DATA:
		on_data(t, len);
		break;
	case OP_OACK:
		on_oack(t, len);
		break;
	case OP_ERROR:
		on_error(t, len);
		break;
	default:
		on_bad(t);
	}
}

static void on_packet(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
		      u16_t port)
{
	struct tftp *t = arg;
	size_t len = p->tot_len;

	(void)pcb;
	if (t->done || !ip_addr_cmp(from, &t->f->ip) || port == 0) {
		pbuf_free(p);
		return;
	}
	if (len <= 4 + TFTP_BLOCK_MAX)
		pbuf_copy_partial(p, t->packet, (u16_t)len, 0);
	pbuf_free(p);
	if (t->port && port != t->port) {
		send_error(t, port, 5, "Unknown transfer ID");
	} else if (len < 4 || len > 4 + (size_t)t->ask.block_bytes) {
		on_bad(t);
	} else {
		t->port = port;
		handle(t, len);
	}
}

/* ---- a transfer ------------------------------------------------------------------------------- */

/* What fits into a frame, the answer's headers taken off. */
static uint32_t block_for(const struct fetch *f)
{
	const struct netif *netif = net_if_lwip(f->nif);
	uint32_t mtu = IP_IS_V6_VAL(f->ip) && netif->mtu6 && netif->mtu6 < netif->mtu ? netif->mtu6
										      : netif->mtu;
	uint32_t headers = (IP_IS_V6_VAL(f->ip) ? 40 : 20) + 8 + 4;

	if (mtu < headers + TFTP_BLOCK_PLAIN)
		return TFTP_BLOCK_PLAIN;
	return mtu - headers < TFTP_BLOCK_MAX ? mtu - headers : TFTP_BLOCK_MAX;
}

static int open_port(struct tftp *t)
{
	err_t rc = ERR_USE;

	t->pcb = udp_new_ip_type(IP_GET_TYPE(&t->f->ip));
	if (!t->pcb)
		return E_NOMEM;
	for (unsigned i = 0; i < 64 && rc == ERR_USE; i++)
		rc = udp_bind(t->pcb, IP_IS_V6_VAL(t->f->ip) ? IP6_ADDR_ANY : IP4_ADDR_ANY,
			      fetch_any_port());
	if (rc != ERR_OK)
		return E_BUSY;
	udp_bind_netif(t->pcb, net_if_lwip(t->f->nif));
	udp_recv(t->pcb, on_packet, t);
	t->f->local_port = t->pcb->local_port;
	t->f->port = t->f->url->port;
	return 0;
}

static int run(struct tftp *t)
{
	int err;

	moved(t);
	rtt_sent(&t->rtt, clock_us());
	send_request(t);
	t->sends = 1;
	for (;;) {
		err = fetch_turn(t->f);
		if (t->done)
			return t->result;
		if (err) {
			if (t->port)
				send_error(t, t->port, 0, "Given up");
			return err;
		}
		if (deadline_passed(&t->silence))
			return fetch_silence(t->f);
		if (deadline_passed(&t->resend)) {
			if (t->options && !t->begun && t->sends >= PLAIN_AFTER)
				return fetch_is_absent(t->f) ? fetch_silence(t->f) : E_UNSUPP;
			send_again(t);
		}
		clock_delay_us(t->pause_us);
		if (t->pause_us < PAUSE_MAX_US)
			t->pause_us *= 2;
	}
}

static int transfer(struct fetch *f, bool options)
{
	struct tftp t = {.f = f, .options = options};
	int err;

	t.ask = (struct tftp_terms){options ? block_for(f) : TFTP_BLOCK_PLAIN, WINDOW, UINT64_MAX};
	t.agreed = (struct tftp_terms){TFTP_BLOCK_PLAIN, 1, UINT64_MAX};
	t.packet = try_alloc(4 + TFTP_BLOCK_MAX);
	err = t.packet ? open_port(&t) : E_NOMEM;
	err = err ? fetch_fail(f, err, 3006, "no port: %s", err_text(err)) : run(&t);
	if (t.pcb)
		udp_remove(t.pcb);
	heap_free(t.packet);
	return err;
}

int tftp_get(struct fetch *f)
{
	int err = transfer(f, true);

	return err == E_UNSUPP ? transfer(f, false) : err;
}
