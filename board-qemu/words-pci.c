/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forth words that show people what PCI looks like: the map, the list, the doctor. They work on all host
 * bridges, one after the other.
 */
#include "board.h"

#include <string.h>

#include "base/strbuf.h"
#include "of/machine.h"
#include "pci/pci.h"

static void print_line(void *ctx, const char *line)
{
	(void)ctx;
	of_printf("%s\r\n", line);
}

static void map_host(const struct pci_host *host, void *ctx)
{
	pci_host_dump(host, print_line, ctx);
}

static int w_pci_map(struct forth *f UNUSED)
{
	phb_each(map_host, NULL);
	return 0;
}

/* What was asked for: -v, and a place like 01:02.0 or the beginning of one. found: something was there. */
struct request {
	bool detail, found;
	char only[16];
};

static void print_found(void *ctx, const char *line)
{
	struct request *r = ctx;

	r->found = true;
	print_line(NULL, line);
}

static void list_host(const struct pci_host *host, void *ctx)
{
	struct request *r = ctx;

	pci_host_list(host, r->detail, r->only, print_found, r);
}

static int w_lspci(struct forth *f)
{
	struct request r = {false, false, ""};
	struct forth_text word;

	while ((word = forth_parse_name(f)).len) {
		struct strbuf sb = strbuf_on(r.only, sizeof(r.only));

		if (word.len == 2 && !memcmp(word.p, "-v", 2)) {
			r.detail = true;
		} else if (*word.p == '-' || word.len >= sizeof(r.only)) {
			of_printf("lspci [-v] [01:02.0]: %.*s is neither\r\n", (int)word.len,
				  word.p);
			return 0;
		} else {
			strbuf_add(&sb, word.p, word.len);
		}
	}
	phb_each(list_host, &r);
	if (!r.found)
		of_printf("no PCI function%s%s\r\n", *r.only ? " at " : "", r.only);
	return 0;
}

static void examine_host(const struct pci_host *host, void *ctx)
{
	(void)ctx;
	pci_host_doctor(host, print_line, NULL);
	of_printf("\r\n");
}

static int w_pci_doctor(struct forth *f UNUSED)
{
	phb_each(examine_host, NULL);
	board_examine_needed(print_line);
	return 0;
}

static void decode_host(const struct pci_host *host, void *ctx)
{
	(void)ctx;
	pci_host_decode_on(host);
}

static int w_pci_decode_on(struct forth *f UNUSED)
{
	phb_each(decode_host, NULL);
	return 0;
}

/* clang-format off */
const struct forth_word board_words_pci[] = {
	{"pci-map",    "( -- )", w_pci_map, FORTH_LINES, "Show each host bridge's windows as a tree, with what is in them and what is free"},
	{"lspci",      "( -- )", w_lspci, FORTH_LINES, "List PCI functions; -v: in detail; 01:02.0: only those there"},
	{"pci-decode-on", "( -- )", w_pci_decode_on, 0, "Let functions answer at their addresses, so that QEMU's monitor shows them (info pci)"},
	{"pci-doctor", "( -- )", w_pci_doctor, FORTH_LINES, "Say what is wrong with PCI, and what to change on QEMU's command line"},
};
/* clang-format on */
const size_t board_words_pci_count = ARRAY_SIZE(board_words_pci);
