/* SPDX-License-Identifier: BSD-2-Clause */
/* The argument string of network booting. The oracle: what is taken is text, short, and says what was said. */
#include <stdlib.h>
#include <string.h>

#include "net/args.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t room)
{
	if (!memchr(text, 0, room))
		abort();
	for (; *text; text++)
		if ((uint8_t)*text <= ' ' || *text == 0x7f || *text == ',')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct net_args a;

	memcpy(text, data, size);
	text[size] = 0;
	if (net_args_parse(text, &a) == 0) {
		check_text(a.server, sizeof(a.server));
		check_text(a.file, sizeof(a.file));
		if (a.wish.method == NET_STATIC && !a.wish.ip && !a.wish.ip6[0])
			abort();
		if (a.wish.tries > 1000 || a.tftp_retries > 1000)
			abort();
	}
	free(text);
	return 0;
}
