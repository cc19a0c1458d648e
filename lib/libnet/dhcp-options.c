/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DHCP's options. What comes from outside is walked by dhcp4_next() and dhcp6_next() and by nothing else: they
 * alone look at lengths, and each call ends or moves on by at least one byte. Text is taken only if it is text: no
 * control characters, and short enough to be kept whole.
 */
#include "dhcp-priv.h"

#include "base/bytes.h"

/* ---- options ------------------------------------------------------------------------------ */

struct dhcp4_walk dhcp4_walk(const uint8_t *packet, size_t len)
{
	struct dhcp4_walk w = {.packet = packet, .len = len};

	if (len >= BOOTP_OPTIONS && get_be32(packet + BOOTP_COOKIE) == BOOTP_MAGIC) {
		w.at = BOOTP_OPTIONS;
		w.end = len;
	}
	return w;
}

/* The next field option 52 named, if there is one. */
static bool next_field(struct dhcp4_walk *w)
{
	if (w->overload & 1) {
		w->overload &= 2;
		w->at = BOOTP_FILE;
		w->end = BOOTP_FILE + BOOTP_FILE_BYTES;
		return true;
	}
	if (w->overload & 2) {
		w->overload = 0;
		w->at = BOOTP_SNAME;
		w->end = BOOTP_SNAME + BOOTP_SNAME_BYTES;
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
			if (out->code == DHCP4_OVERLOAD && out->len == 1 && w->end == w->len)
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

void dhcp_add_text(char *out, size_t room, size_t *len, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n && bytes[i]; i++) {
		if (*len < room)
			out[*len] = (char)bytes[i];
		++*len;
	}
}

void dhcp_end_text(char *out, size_t room, size_t len)
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
