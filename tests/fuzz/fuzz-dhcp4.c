/* SPDX-License-Identifier: BSD-2-Clause */
/* A DHCPv4 answer. The oracles: options inside the packet, an end to them, text that is text. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "net/dhcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t room)
{
	if (!memchr(text, 0, room))
		abort();
	for (; *text; text++)
		if ((uint8_t)*text < ' ' || *text == 0x7f)
			abort();
}

static void check_walk(const uint8_t *data, size_t size)
{
	struct dhcp4_walk w = dhcp4_walk(data, size);
	struct net_option o;
	size_t bytes = 0;

	while (dhcp4_next(&w, &o)) {
		if (o.data < data || o.data + o.len > data + size)
			abort();
		bytes += 2u + o.len;
	}
	if (bytes > size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dhcp4_answer a;
	uint8_t mac[6] = {0};
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	if (size >= 34) {
		memcpy(copy, "\2\1\6", 3);
		memcpy(mac, copy + 28, 6);
	}
	check_walk(copy, size);
	if (dhcp4_parse(copy, size, size >= 8 ? get_be32(copy + 4) : 0, mac, &a) == 0) {
		check_text(a.server, sizeof(a.server));
		check_text(a.file, sizeof(a.file));
		check_text(a.config_file, sizeof(a.config_file));
		check_text(a.path_prefix, sizeof(a.path_prefix));
		check_text(a.host_name, sizeof(a.host_name));
		check_text(a.domain, sizeof(a.domain));
	}
	free(copy);
	return 0;
}
