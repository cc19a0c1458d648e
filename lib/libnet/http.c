/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files by HTTP/1.1 over lwIP's altcp, where TLS would go in between one day. One connection per request; a
 * redirection or a broken connection makes another one, of which there are MAKE_MAX at most. A broken transfer
 * goes on where it stopped, if the server says it is the same file still.
 */
#include <stdio.h>
#include <string.h>

#include "lwip/altcp.h"
#include "lwip/altcp_tcp.h"
#include "lwip/netif.h"
#include "lwip/tcp.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "fetch-priv.h"
#include "http-parse.h"

#define MAKE_MAX     16u
#define REDIRECT_MAX 8u
#define HEAD_MS      20000u /* to connect and to hear the whole head */
#define SILENCE_MS   15000u
#define PAUSE_MAX_US 64u

enum { AGAIN = 1 }; /* beside the errors: another request is to be made */

struct http {
	struct fetch *f;
	struct net_url url; /* of this request */
	struct altcp_pcb *pcb;
	struct http_parse parse;
	bool judged;      /* the head has been */
	bool ended, done; /* the connection; all of it */
	bool gave_up;     /* lwIP, after enough tries */
	int result;
	uint64_t size, got; /* of the file; UINT64_MAX if unknown */
	char validator[128];
	unsigned redirects;
	uint32_t pause_us;
	struct deadline silence;
};

static void finish(struct http *h, int result)
{
	h->done = true;
	h->result = result;
}

/* ---- what the server says --------------------------------------------------------------------- */

static int status_failure(struct http *h)
{
	int s = h->parse.status;
	int err = s == 404 || s == 410 ? E_NOENT : s == 401 || s == 403 ? E_PERM : E_IO;
	int code = err == E_NOENT ? 3009 : err == E_PERM ? 3010 : 3003;

	return fetch_fail(h->f, err, code, "HTTP %d %s", s, h->parse.reason);
}

static int redirect(struct http *h)
{
	struct net_url to;
	int err;

	if (++h->redirects > REDIRECT_MAX)
		return fetch_fail(h->f, E_FORMAT, 3003, "more than %u redirections", REDIRECT_MAX);
	err = *h->parse.location ? net_url_join(&h->url, h->parse.location, &to) : E_FORMAT;
	if (!err && to.scheme != NET_HTTP)
		err = E_UNSUPP;
	if (err)
		return fetch_fail(h->f, err, 3003, "redirected to \"%s\": %s", h->parse.location,
				  err_text(err));
	h->url = to;
	return AGAIN;
}

/* The rest of what was broken off: the right part of a file of the same size. */
static int judge_rest(struct http *h)
{
	const struct http_parse *p = &h->parse;

	if (p->status != 206)
		return p->status == 200
			       ? fetch_fail(h->f, E_IO, 3016, "connection broken after %llu bytes",
					    (unsigned long long)h->got)
			       : status_failure(h);
	if (!p->has_range || p->range_from != h->got || p->range_total != h->size ||
	    (p->has_length && p->length != h->size - h->got))
		return fetch_fail(h->f, E_FORMAT, 3016, "not the rest of the file");
	return 0;
}

static int judge_head(struct http *h)
{
	const struct http_parse *p = &h->parse;

	if (p->status == 301 || p->status == 302 || p->status == 303 || p->status == 307 ||
	    p->status == 308)
		return redirect(h);
	if (h->f->begun)
		return judge_rest(h);
	if (p->status != 200)
		return status_failure(h);
	h->size = p->length;
	memcpy(h->validator, p->validator, sizeof(h->validator));
	return fetch_begin(h->f, h->size);
}

static int take_body(struct http *h, const uint8_t *bytes, size_t len)
{
	int err;

	if (h->size != UINT64_MAX && len > h->size - h->got)
		return fetch_fail(h->f, E_FORMAT, 3018, "more data than the server announced");
	err = fetch_data(h->f, h->got, bytes, len);
	if (!err)
		h->got += len;
	return err;
}

static int parse_failure(struct http *h, int err)
{
	if (h->parse.state == HTTP_DONE)
		return fetch_fail(h->f, E_FORMAT, 3018, "more data than the server announced");
	return fetch_fail(h->f, E_FORMAT, 3014, "malformed HTTP response: %s", err_text(err));
}

static int take(struct http *h, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t used, body;
		int err = http_take(&h->parse, bytes, len, &used, &body);

		if (err)
			return parse_failure(h, err);
		if (body > 0)
			err = take_body(h, bytes + used - body, body);
		if (!err && !h->judged && http_has_head(&h->parse)) {
			h->judged = true;
			err = judge_head(h);
		}
		if (err)
			return err;
		bytes += used;
		len -= used;
	}
	return 0;
}

/* ---- what lwIP calls -------------------------------------------------------------------------- */

static err_t on_receive(void *arg, struct altcp_pcb *pcb, struct pbuf *p, err_t rc)
{
	struct http *h = arg;
	int err = 0;

	(void)rc;
	if (!p) {
		h->ended = true;
		return ERR_OK;
	}
	for (struct pbuf *q = p; q && !err && !h->done; q = q->next)
		err = take(h, q->payload, q->len);
	altcp_recved(pcb, p->tot_len);
	pbuf_free(p);
	if (h->judged)
		h->silence = deadline_in_ms(SILENCE_MS);
	h->pause_us = 1;
	if (!err && h->parse.state == HTTP_DONE && h->size != UINT64_MAX && h->got != h->size)
		err = fetch_fail(h->f, E_FORMAT, 3016, "%llu bytes came of %llu",
				 (unsigned long long)h->got, (unsigned long long)h->size);
	if (!h->done && (err || h->parse.state == HTTP_DONE))
		finish(h, err);
	return ERR_OK;
}

static void on_error(void *arg, err_t rc)
{
	struct http *h = arg;

	h->gave_up = rc == ERR_ABRT;
	h->pcb = NULL; /* lwIP has freed it */
	h->ended = true;
}

static void make_request(const struct http *h, struct strbuf *sb)
{
	bool v6 = strchr(h->url.host, ':') != NULL;

	strbuf_printf(sb, v6 ? "GET %s HTTP/1.1\r\nHost: [%s]" : "GET %s HTTP/1.1\r\nHost: %s",
		      h->url.path, h->url.host);
	if (h->url.port != 80)
		strbuf_printf(sb, ":%u", (unsigned)h->url.port);
	strbuf_str(sb, "\r\nUser-Agent: Espalier\r\nAccept-Encoding: identity\r\n"
		       "Connection: close\r\n");
	if (h->got > 0)
		strbuf_printf(sb, "Range: bytes=%llu-\r\n", (unsigned long long)h->got);
	if (h->got > 0 && *h->validator)
		strbuf_printf(sb, "If-Range: %s\r\n", h->validator);
	strbuf_str(sb, "\r\n");
}

static err_t on_connected(void *arg, struct altcp_pcb *pcb, err_t rc)
{
	char text[1800];
	struct strbuf sb = strbuf_on(text, sizeof(text));

	(void)rc;
	make_request(arg, &sb);
	rc = sb.cut ? ERR_BUF : altcp_write(pcb, text, (u16_t)sb.len, TCP_WRITE_FLAG_COPY);
	if (rc == ERR_OK)
		altcp_output(pcb);
	else
		((struct http *)arg)->ended = true;
	return ERR_OK;
}

/* ---- requests --------------------------------------------------------------------------------- */

/* lwIP itself would count ports up. */
static err_t bind_anywhere(struct tcp_pcb *tcp, bool v6)
{
	err_t rc = ERR_USE;

	for (unsigned i = 0; i < 64 && rc == ERR_USE; i++)
		rc = tcp_bind(tcp, v6 ? IP6_ADDR_ANY : IP4_ADDR_ANY, fetch_any_port());
	return rc;
}

static int make_pcb(struct http *h, struct tcp_pcb **out)
{
	struct tcp_pcb *tcp = tcp_new_ip_type(IP_GET_TYPE(&h->f->ip));

	if (!tcp)
		return E_NOMEM;
	tcp_bind_netif(tcp, net_if_lwip(h->f->nif));
	if (bind_anywhere(tcp, IP_IS_V6_VAL(h->f->ip)) == ERR_OK)
		h->pcb = altcp_tcp_wrap(tcp);
	if (!h->pcb) {
		tcp_abort(tcp);
		return E_NOMEM;
	}
	*out = tcp;
	return 0;
}

static int connect(struct http *h)
{
	struct tcp_pcb *tcp = NULL;
	int err = make_pcb(h, &tcp);

	if (err)
		return err;
	altcp_arg(h->pcb, h);
	altcp_recv(h->pcb, on_receive);
	altcp_err(h->pcb, on_error);
	if (altcp_connect(h->pcb, &h->f->ip, h->url.port, on_connected) != ERR_OK)
		return E_IO;
	h->f->local_port = tcp->local_port;
	h->f->port = h->url.port;
	return 0;
}

static void hang_up(struct http *h)
{
	if (!h->pcb)
		return;
	altcp_arg(h->pcb, NULL);
	altcp_recv(h->pcb, NULL);
	altcp_err(h->pcb, NULL);
	altcp_abort(h->pcb);
	h->pcb = NULL;
}

/* The connection ended, or nothing comes: is that the end, or is there another try? */
static int broken(struct http *h, int err)
{
	if (h->pcb && err == E_FORMAT && h->judged && http_ended(&h->parse) == 0 &&
	    (h->size == UINT64_MAX || h->got == h->size))
		return 0;
	if (h->got > 0 && h->size != UINT64_MAX)
		return AGAIN;
	if (err == E_TIMEOUT)
		return fetch_silence(h->f);
	if (h->judged)
		return fetch_fail(h->f, E_FORMAT, 3016, "connection ended after %llu bytes",
				  (unsigned long long)h->got);
	return fetch_fail(h->f, E_IO, 3015, "%s refuses or ends the connection", h->url.host);
}

static int wait_done(struct http *h)
{
	h->silence = deadline_in_ms(HEAD_MS);
	h->pause_us = 1;
	for (;;) {
		int err = fetch_turn(h->f);

		if (h->done)
			return h->result;
		if (err)
			return err;
		if (h->ended)
			return broken(h, h->gave_up ? E_TIMEOUT : E_FORMAT);
		if (deadline_passed(&h->silence))
			return broken(h, E_TIMEOUT);
		clock_delay_us(h->pause_us);
		if (h->pause_us < PAUSE_MAX_US)
			h->pause_us *= 2;
	}
}

static int request(struct http *h)
{
	int err;

	h->f->url = &h->url;
	err = fetch_resolve(h->f);
	if (err)
		return err;
	http_start(&h->parse);
	h->judged = h->ended = h->done = h->gave_up = false;
	err = connect(h);
	err = err ? fetch_fail(h->f, err, 3006, "no connection: %s", err_text(err)) : wait_done(h);
	hang_up(h);
	return err;
}

int http_get(struct fetch *f)
{
	struct http *h = try_alloc(sizeof(*h));
	uint64_t before;
	int err = AGAIN;

	if (!h)
		return fetch_fail(f, E_NOMEM, 3006, "%s", err_text(E_NOMEM));
	memset(h, 0, sizeof(*h));
	h->f = f;
	h->url = *f->url;
	h->size = UINT64_MAX;
	for (unsigned i = 0; err == AGAIN && i < MAKE_MAX; i++) {
		before = h->got;
		err = request(h);
		if (err == AGAIN && i > 0 && f->begun && h->got == before)
			break;
	}
	if (err == AGAIN)
		err = fetch_fail(f, E_FORMAT, 3016, "connection broken after %llu bytes, again",
				 (unsigned long long)h->got);
	heap_free(h);
	return err;
}
