/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DHCPv4 and DHCPv6 messages, written and read. What comes from outside is walked by dhcp4_next() and
 * dhcp6_next() and by nothing else: they alone look at lengths, and each call ends or moves on by at least one
 * byte. Text is taken only if it is text: no control characters, and short enough to be kept whole.
 */
#include "net/dhcp.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

#define SNAME        44u
#define SNAME_BYTES  64u
#define FILE_AT      108u
#define FILE_BYTES   128u
#define COOKIE       236u
#define OPTIONS      240u
#define MAGIC        0x63825363u
#define ARCH_PPC_OF  12u /* "PowerPC Open Firmware" of the processor architecture types (RFC 4578) */
#define BOOTP_BYTES  300u
#define OVERLOAD     52u
#define USABLE_BYTES 1472u

/* ---- options ------------------------------------------------------------------------------ */

struct dhcp4_walk dhcp4_walk(const uint8_t *packet, size_t len)
{
	struct dhcp4_walk w = {.packet = packet, .len = len};

	if (len >= OPTIONS && get_be32(packet + COOKIE) == MAGIC) {
		w.at = OPTIONS;
		w.end = len;
	}
	return w;
}

/* The next field option 52 named, if there is one. */
static bool next_field(struct dhcp4_walk *w)
{
	if (w->overload & 1) {
		w->overload &= 2;
		w->at = FILE_AT;
		w->end = FILE_AT + FILE_BYTES;
		return true;
	}
	if (w->overload & 2) {
		w->overload = 0;
		w->at = SNAME;
		w->end = SNAME + SNAME_BYTES;
		return true;
	}
	return false;
}

static bool one_option(struct dhcp4_walk *w, struct net_option *out)
{
	while (w->at < w->end && w->packet[w->at] == 0)
		w->at++;
	if (w->end - w->at < 2 || w->packet[w->at] == 255 ||
	    w->packet[w->at + 1] > w->end - w->at - 2)
		return false;
	out->code = w->packet[w->at];
	out->len = w->packet[w->at + 1];
	out->data = w->packet + w->at + 2;
	w->at += 2u + out->len;
	return true;
}

bool dhcp4_next(struct dhcp4_walk *w, struct net_option *out)
{
	do {
		if (one_option(w, out)) {
			/* only the options proper may say so, else the fields would go on for ever */
			if (out->code == OVERLOAD && out->len == 1 && w->end == w->len)
				w->overload = out->data[0] & 3;
			return true;
		}
	} while (next_field(w));
	return false;
}

bool dhcp6_next(struct dhcp6_walk *w, struct net_option *out)
{
	if (w->left < 4 || get_be16(w->at + 2) > w->left - 4)
		return false;
	out->code = get_be16(w->at);
	out->len = get_be16(w->at + 2);
	out->data = w->at + 4;
	w->at += 4u + out->len;
	w->left -= 4u + out->len;
	return true;
}

/* ---- text --------------------------------------------------------------------------------- */

/* Bytes up to a NUL, more of a text that is being put together. len: of the text so far. */
static void add_text(char *out, size_t room, size_t *len, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n && bytes[i]; i++) {
		if (*len < room)
			out[*len] = (char)bytes[i];
		++*len;
	}
}

/* Text of len bytes is complete: keep it only if it is whole and harmless. */
static void end_text(char *out, size_t room, size_t len)
{
	if (len >= room) {
		out[0] = 0;
		return;
	}
	out[len] = 0;
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)out[i] < ' ' || out[i] == 0x7f)
			out[0] = 0;
}

/* All parts of an option one after the other (RFC 3396). false: it is not there. */
static bool text_option(struct dhcp4_walk w, unsigned code, char *out, size_t room)
{
	struct net_option o;
	bool found = false;
	size_t len = 0;

	while (dhcp4_next(&w, &o)) {
		if (o.code != code)
			continue;
		add_text(out, room, &len, o.data, o.len);
		found = true;
	}
	end_text(out, room, len);
	return found && out[0];
}

/* ---- DHCPv4 ------------------------------------------------------------------------------- */

static uint8_t *put_option(uint8_t *p, uint8_t code, const void *data, size_t len)
{
	p[0] = code;
	p[1] = (uint8_t)len;
	memcpy(p + 2, data, len);
	return p + 2 + len;
}

static uint8_t *put_address(uint8_t *p, uint8_t code, uint32_t value)
{
	uint8_t be[4];

	put_be32(be, value);
	return value ? put_option(p, code, be, 4) : p;
}

/* Who we are and what we want to know: the same in DISCOVER and REQUEST, as servers choose by it. */
static uint8_t *put_wishes(uint8_t *p, const struct dhcp4_ask *ask)
{
	static const uint8_t wishes[] = {1, 3, 6, 12, 15, 43, 60, 66, 67, 97, 209, 210};
	/* the words servers of network boot listen for, proxies above all (PXE 2.1); then who we really are */
	static const char vendor[] = "PXEClient:Arch:00012:UNDI:003016";
	static const uint8_t undi[] = {1, 3, 16};
	uint8_t arch[2], size[2], uuid[17] = {0};

	put_be16(arch, ARCH_PPC_OF);
	put_be16(size, USABLE_BYTES);
	p = put_option(p, 57, size, 2);
	p = put_option(p, 55, wishes, sizeof(wishes));
	p = put_option(p, 60, vendor, sizeof(vendor) - 1);
	p = put_option(p, 93, arch, 2);
	p = put_option(p, 94, undi, sizeof(undi));
	if (ask->uuid) {
		memcpy(uuid + 1, ask->uuid, 16);
		p = put_option(p, 97, uuid, sizeof(uuid));
	}
	return p;
}

static uint8_t *put_options(uint8_t *p, const struct dhcp4_ask *ask)
{
	uint8_t type = (uint8_t)ask->type, id[7] = {1};

	memcpy(id + 1, ask->mac, 6);
	p = put_option(p, 53, &type, 1);
	p = put_option(p, 61, id, sizeof(id));
	p = put_address(p, 50, ask->wanted);
	p = put_address(p, 54, ask->server);
	return ask->type == DHCP4_RELEASE ? p : put_wishes(p, ask);
}

size_t dhcp4_write(const struct dhcp4_ask *ask, uint8_t buf[DHCP4_ASK_ROOM])
{
	uint8_t *p = buf + OPTIONS;
	size_t len;

	memset(buf, 0, DHCP4_ASK_ROOM);
	buf[0] = 1; /* BOOTREQUEST, Ethernet, 6 bytes of address */
	buf[1] = 1;
	buf[2] = 6;
	put_be32(buf + 4, ask->xid);
	put_be16(buf + 8, ask->secs);
	put_be32(buf + 12, ask->ip);
	memcpy(buf + 28, ask->mac, 6);
	put_be32(buf + COOKIE, MAGIC);
	if (ask->type != DHCP4_BOOTP)
		p = put_options(p, ask);
	*p++ = 255;
	len = (size_t)(p - buf);
	return len < BOOTP_BYTES ? BOOTP_BYTES : len;
}

/* The options that are numbers. */
static void take_number(const struct net_option *o, struct dhcp4_answer *out)
{
	if (o->code == 60 && o->len >= 9 && !memcmp(o->data, "PXEClient", 9))
		out->pxe = true;
	if (o->code == 53 && o->len == 1)
		out->type = o->data[0];
	if (o->len < 4)
		return;
	if (o->code == 1)
		out->netmask = get_be32(o->data);
	if (o->code == 3)
		out->gateway = get_be32(o->data);
	if (o->code == 54)
		out->server_id = get_be32(o->data);
	if (o->code == 6) {
		out->dns[0] = get_be32(o->data);
		out->dns[1] = o->len >= 8 ? get_be32(o->data + 4) : 0;
	}
}

/* A field of the header, where it does not hold options. */
static void take_field(const uint8_t *field, size_t bytes, char *out, size_t room)
{
	size_t len = 0;

	add_text(out, room, &len, field, bytes);
	end_text(out, room, len);
}

static void take_texts(const uint8_t *packet, struct dhcp4_walk w, unsigned overload,
		       struct dhcp4_answer *out)
{
	if (!text_option(w, 66, out->server, sizeof(out->server)) && !(overload & 2))
		take_field(packet + SNAME, SNAME_BYTES, out->server, sizeof(out->server));
	if (!text_option(w, 67, out->file, sizeof(out->file)) && !(overload & 1))
		take_field(packet + FILE_AT, FILE_BYTES, out->file, sizeof(out->file));
	text_option(w, 209, out->config_file, sizeof(out->config_file));
	text_option(w, 210, out->path_prefix, sizeof(out->path_prefix));
	text_option(w, 12, out->host_name, sizeof(out->host_name));
	text_option(w, 15, out->domain, sizeof(out->domain));
}

int dhcp4_parse(const uint8_t *packet, size_t len, uint32_t xid, const uint8_t mac[6],
		struct dhcp4_answer *out)
{
	struct dhcp4_walk w = dhcp4_walk(packet, len), all = w;
	struct net_option o;
	unsigned overload = 0;

	if (len < COOKIE || packet[0] != 2 || packet[1] != 1 || packet[2] != 6 ||
	    get_be32(packet + 4) != xid || memcmp(packet + 28, mac, 6) != 0)
		return E_FORMAT;
	memset(out, 0, sizeof(*out));
	out->ip = get_be32(packet + 16);
	out->next_server = get_be32(packet + 20);
	while (dhcp4_next(&w, &o)) {
		take_number(&o, out);
		if (o.code == OVERLOAD && o.len == 1)
			overload |= o.data[0];
	}
	take_texts(packet, all, overload, out);
	return 0;
}

/* ---- DHCPv6 ------------------------------------------------------------------------------- */

#define OPT_CLIENT  1u
#define OPT_SERVER  2u
#define OPT_IA_NA   3u
#define OPT_IAADDR  5u
#define OPT_ORO     6u
#define OPT_ELAPSED 8u
#define OPT_STATUS  13u
#define OPT_RAPID   14u
#define OPT_DNS     23u
#define OPT_DOMAIN  24u
#define OPT_URL     59u
#define OPT_PARAM   60u
#define OPT_ARCH    61u
#define DUID_BYTES  10u

static uint8_t *put_option6(uint8_t *p, uint16_t code, const void *data, size_t len)
{
	put_be16(p, code);
	put_be16(p + 2, (uint16_t)len);
	if (len)
		memcpy(p + 4, data, len);
	return p + 4 + len;
}

/* Our identifier: DUID-LL (RFC 8415 11.4). */
static void our_duid(const uint8_t mac[6], uint8_t duid[DUID_BYTES])
{
	put_be16(duid, 3);
	put_be16(duid + 2, 1);
	memcpy(duid + 4, mac, 6);
}

static uint8_t *put_ia(uint8_t *p, const struct dhcp6_ask *ask)
{
	uint8_t ia[12 + 28] = {0};

	memcpy(ia, ask->mac + 2, 4);
	put_be16(ia + 12, OPT_IAADDR);
	put_be16(ia + 14, 24);
	if (ask->ip)
		memcpy(ia + 16, ask->ip, 16);
	return put_option6(p, OPT_IA_NA, ia, ask->ip ? sizeof(ia) : 12);
}

size_t dhcp6_write(const struct dhcp6_ask *ask, uint8_t buf[DHCP6_ASK_ROOM])
{
	static const uint8_t wishes[] = {0, OPT_DNS, 0, OPT_DOMAIN, 0, OPT_URL, 0, OPT_PARAM};
	static const uint8_t arch[] = {0, ARCH_PPC_OF};
	uint32_t elapsed = ask->elapsed_ms / 10;
	uint8_t duid[DUID_BYTES], be[2], *p = buf + 4;

	memset(buf, 0, DHCP6_ASK_ROOM);
	put_be32(buf, (uint32_t)ask->type << 24 | (ask->xid & 0xffffff));
	our_duid(ask->mac, duid);
	p = put_option6(p, OPT_CLIENT, duid, sizeof(duid));
	if (ask->type == DHCP6_REQUEST)
		p = put_option6(p, OPT_SERVER, ask->server->bytes, ask->server->len);
	put_be16(be, (uint16_t)(elapsed > 0xffff ? 0xffff : elapsed));
	p = put_option6(p, OPT_ELAPSED, be, 2);
	p = put_option6(p, OPT_ORO, wishes, sizeof(wishes));
	p = put_option6(p, OPT_ARCH, arch, sizeof(arch));
	if (ask->type != DHCP6_INFORMATION)
		p = put_ia(p, ask);
	if (ask->type == DHCP6_SOLICIT)
		p = put_option6(p, OPT_RAPID, NULL, 0);
	return (size_t)(p - buf);
}

/* An address association: its first usable address. */
static void take_ia(const struct net_option *ia, const uint8_t mac[6], struct dhcp6_answer *out)
{
	struct dhcp6_walk w;
	struct net_option o;

	if (ia->len < 12 || memcmp(ia->data, mac + 2, 4) != 0)
		return;
	w = (struct dhcp6_walk){ia->data + 12, ia->len - 12u};
	while (dhcp6_next(&w, &o)) {
		if (o.code != OPT_IAADDR || o.len < 24 || out->has_ip || get_be32(o.data + 20) == 0)
			continue;
		memcpy(out->ip, o.data, 16);
		out->has_ip = true;
	}
}

/* The first name of a list of labels, with dots between them. */
static void take_domain(const struct net_option *o, char *out, size_t room)
{
	size_t len = 0, at = 0;

	while (at < o->len && o->data[at]) {
		size_t label = o->data[at++];

		if (label > 63 || label > o->len - at) {
			out[0] = 0;
			return;
		}
		if (len)
			add_text(out, room, &len, (const uint8_t *)".", 1);
		add_text(out, room, &len, o->data + at, label);
		at += label;
	}
	end_text(out, room, len);
}

/* The boot file's parameters (RFC 5970 3.2), each behind its length, with blanks between them. */
static void take_params(const struct net_option *o, char *out, size_t room)
{
	size_t len = 0, at = 0;

	while (o->len - at >= 2) {
		size_t n = get_be16(o->data + at);

		at += 2;
		if (n > o->len - at) {
			out[0] = 0;
			return;
		}
		if (len)
			add_text(out, room, &len, (const uint8_t *)" ", 1);
		add_text(out, room, &len, o->data + at, n);
		at += n;
	}
	end_text(out, room, len);
}

static void take_dns(const struct net_option *o, struct dhcp6_answer *out)
{
	for (size_t at = 0; at + 16 <= o->len && out->dns_count < 2; at += 16)
		memcpy(out->dns[out->dns_count++], o->data + at, 16);
}

static void take_option6(const struct net_option *o, const uint8_t mac[6], struct dhcp6_answer *out)
{
	size_t len = 0;

	switch (o->code) {
	case OPT_SERVER:
		if (o->len > DHCP6_DUID_MAX)
			break;
		out->server.len = o->len;
		memcpy(out->server.bytes, o->data, o->len);
		break;
	case OPT_IA_NA:
		take_ia(o, mac, out);
		break;
	case OPT_STATUS:
		if (o->len >= 2)
			out->status = get_be16(o->data);
		break;
	case OPT_RAPID:
		out->rapid = true;
		break;
	case OPT_DNS:
		take_dns(o, out);
		break;
	case OPT_DOMAIN:
		take_domain(o, out->domain, sizeof(out->domain));
		break;
	case OPT_PARAM:
		take_params(o, out->params, sizeof(out->params));
		break;
	case OPT_URL:
		add_text(out->url, sizeof(out->url), &len, o->data, o->len);
		end_text(out->url, sizeof(out->url), len);
		break;
	default:
		break;
	}
}

int dhcp6_parse(const uint8_t *packet, size_t len, uint32_t xid, const uint8_t mac[6],
		struct dhcp6_answer *out)
{
	struct dhcp6_walk w;
	uint8_t duid[DUID_BYTES];
	struct net_option o;
	bool ours = false;

	if (len < 4 || (get_be32(packet) & 0xffffff) != (xid & 0xffffff))
		return E_FORMAT;
	w = (struct dhcp6_walk){packet + 4, len - 4};
	our_duid(mac, duid);
	memset(out, 0, sizeof(*out));
	out->type = packet[0];
	while (dhcp6_next(&w, &o)) {
		take_option6(&o, mac, out);
		ours |= o.code == OPT_CLIENT && o.len == sizeof(duid) &&
			!memcmp(o.data, duid, sizeof(duid));
	}
	return ours ? 0 : E_FORMAT;
}
