/* SPDX-License-Identifier: BSD-2-Clause */
/* What a boot by network leaves for others to read: the packet that configured us, in /chosen. */
#include "net-session.h"

#include <string.h>

#include "dt/prop.h"
#include "of/machine.h"

#define RESPONSE_BYTES 1720u /* what GRUB and others expect */

/*
 * Only one of the three is there. The two of IPv4 begin with the BOOTP header (op), and are of that size whatever came:
 * behind what came are zeros, which are options of no meaning.
 */
void net_publish(const struct net_config *c, enum net_method method)
{
	static const char *const names[] = {"dhcp-response", "bootp-response", "dhcpv6-response"};
	struct dt_node *chosen = dt_child_get(of_tree(), of_tree()->root, "chosen");
	uint8_t bytes[RESPONSE_BYTES] = {0};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		dt_prop_delete(chosen, names[i]);
	if (!c->packet)
		return;
	if (c->is_v6) {
		dt_prop_set(chosen, names[2], c->packet, (uint32_t)c->packet_len);
		return;
	}
	memcpy(bytes, c->packet, c->packet_len < RESPONSE_BYTES ? c->packet_len : RESPONSE_BYTES);
	dt_prop_set(chosen, names[method == NET_BOOTP ? 1 : 0], bytes, sizeof(bytes));
}
