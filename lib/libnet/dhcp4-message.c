/* SPDX-License-Identifier: BSD-2-Clause */
/* DHCPv4 messages (RFC 2131, 2132, 3396) and BOOTP's, written and read. */
#include "dhcp-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

#define BOOTP_BYTES  300u
#define USABLE_BYTES 1472u

/* ---- out -------------------------------------------------------------------------------- */

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

	put_be16(arch, DHCP_ARCH_PPC_OF);
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
	uint8_t *p = buf + BOOTP_OPTIONS;
	size_t len;

	memset(buf, 0, DHCP4_ASK_ROOM);
	buf[0] = 1; /* BOOTREQUEST, Ethernet, 6 bytes of address */
	buf[1] = 1;
	buf[2] = 6;
	put_be32(buf + 4, ask->xid);
	put_be16(buf + 8, ask->secs);
	put_be32(buf + 12, ask->ip);
	memcpy(buf + 28, ask->mac, 6);
	put_be32(buf + BOOTP_COOKIE, BOOTP_MAGIC);
	if (ask->type != DHCP4_BOOTP)
		p = put_options(p, ask);
	*p++ = 255;
	len = (size_t)(p - buf);
	return len < BOOTP_BYTES ? BOOTP_BYTES : len;
}

/* ---- in --------------------------------------------------------------------------------- */

/* All parts of an option one after the other (RFC 3396). false: it is not there. */
static bool text_option(struct dhcp4_walk w, unsigned code, char *out, size_t room)
{
	struct net_option o;
	bool found = false;
	size_t len = 0;

	while (dhcp4_next(&w, &o)) {
		if (o.code != code)
			continue;
		dhcp_add_text(out, room, &len, o.data, o.len);
		found = true;
	}
	dhcp_end_text(out, room, len);
	return found && out[0];
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

	dhcp_add_text(out, room, &len, field, bytes);
	dhcp_end_text(out, room, len);
}

static void take_texts(const uint8_t *packet, struct dhcp4_walk w, unsigned overload,
		       struct dhcp4_answer *out)
{
	if (!text_option(w, 66, out->server, sizeof(out->server)) && !(overload & 2))
		take_field(packet + BOOTP_SNAME, BOOTP_SNAME_BYTES, out->server,
			   sizeof(out->server));
	if (!text_option(w, 67, out->file, sizeof(out->file)) && !(overload & 1))
		take_field(packet + BOOTP_FILE, BOOTP_FILE_BYTES, out->file, sizeof(out->file));
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

	if (len < BOOTP_COOKIE || packet[0] != 2 || packet[1] != 1 || packet[2] != 6 ||
	    get_be32(packet + 4) != xid || memcmp(packet + 28, mac, 6) != 0)
		return E_FORMAT;
	memset(out, 0, sizeof(*out));
	out->ip = get_be32(packet + 16);
	out->next_server = get_be32(packet + 20);
	while (dhcp4_next(&w, &o)) {
		take_number(&o, out);
		if (o.code == DHCP4_OVERLOAD && o.len == 1)
			overload |= o.data[0];
	}
	take_texts(packet, all, overload, out);
	return 0;
}
