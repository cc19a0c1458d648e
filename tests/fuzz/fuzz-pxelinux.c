/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pxelinux configuration, and lines typed at its prompt. The first line of the input is what is typed, the rest the
 * file; an included file is the same one again. The oracle: what is kept is text without control characters, what
 * can be chosen has something to boot, and it ends.
 */
#include <stdlib.h>
#include <string.h>

#include "net/pxelinux.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *file_text;
static size_t file_len;

static int include(struct pxelinux *cfg, const char *file)
{
	return strcmp(file, "gone") ? pxelinux_parse(cfg, file_text, file_len) : -2;
}

static void check_text(const char *text)
{
	for (; text && *text; text++)
		if ((uint8_t)*text < ' ' || *text == 0x7f)
			abort();
}

static void check_entry(const struct pxelinux_entry *e)
{
	check_text(e->label);
	check_text(e->title);
	check_text(e->kernel);
	check_text(e->initrd);
	check_text(e->append);
	check_text(e->config);
}

static void check_files(const char *list)
{
	size_t room = strlen(list) + 1, total = 0;
	char *file = malloc(64);

	while (pxelinux_next_file(&list, file, 64)) {
		if (!*file || strlen(file) >= 64 || strchr(file, ','))
			abort();
		total += strlen(file) + 1;
	}
	if (*list || total > room)
		abort();
	free(file);
}

static void check_choice(const struct pxelinux *cfg, const char *line)
{
	static const uint8_t id[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	const struct pxelinux_host host = {id, id, 0x0a000001, 0x0a000002, 0x0a000003, 0xff000000};
	const struct net_url base = {NET_TFTP, 69, "10.0.0.1", "pxe/"};
	struct pxelinux_boot b;
	struct net_url url;

	if (pxelinux_choose(cfg, line, &host, &b))
		return;
	if ((!b.kernel && !b.config && !b.localboot) || !b.args)
		abort();
	check_text(b.args);
	check_text(b.initrd);
	if (b.initrd)
		check_files(b.initrd);
	if (b.kernel && pxelinux_url(&base, b.kernel, &url) == 0 && (!*url.host || !url.port))
		abort();
	pxelinux_boot_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t typed = end ? (size_t)(end - data) : size;
	char *line = malloc(typed + 1);
	struct pxelinux cfg;

	memcpy(line, data, typed);
	line[typed] = 0;
	file_len = end ? size - typed - 1 : 0;
	file_text = (const char *)data + size - file_len;
	pxelinux_init(&cfg);
	cfg.include = include;
	if (pxelinux_parse(&cfg, file_text, file_len) == 0) {
		for (const struct pxelinux_entry *e = cfg.entries; e; e = e->next)
			check_entry(e);
		check_text(cfg.title);
		check_choice(&cfg, line);
		if (pxelinux_default(&cfg))
			check_choice(&cfg, pxelinux_default(&cfg));
	}
	pxelinux_free(&cfg);
	free(line);
	return 0;
}
