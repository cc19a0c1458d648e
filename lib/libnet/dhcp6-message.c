/* SPDX-License-Identifier: BSD-2-Clause */
/* DHCPv6 messages (RFC 8415, 5970), written and read. */
#include "dhcp-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

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
	static const uint8_t arch[] = {0, DHCP_ARCH_PPC_OF};
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
			dhcp_add_text(out, room, &len, (const uint8_t *)".", 1);
		dhcp_add_text(out, room, &len, o->data + at, label);
		at += label;
	}
	dhcp_end_text(out, room, len);
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
			dhcp_add_text(out, room, &len, (const uint8_t *)" ", 1);
		dhcp_add_text(out, room, &len, o->data + at, n);
		at += n;
	}
	dhcp_end_text(out, room, len);
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
		dhcp_add_text(out->url, sizeof(out->url), &len, o->data, o->len);
		dhcp_end_text(out->url, sizeof(out->url), len);
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
