/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a recording of QEMU to our tree: reads NAME.dtb and NAME.cfg (tests/golden/record.py says what they
 * hold), sets up every host bridge, and writes the nodes of all of them as OUT.dts and the whole tree as
 * OUT.dtb. tests/golden/check.py compares.
 *     golden-pci FOLDER/NAME OUT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/heap.h"
#include "dt/fdt.h"
#include "dt/print.h"
#include "fakepci.h"
#include "pci/regs.h"

#define FNS_MAX   600
#define HOSTS_MAX 32

struct host {
	char unit[32];
	struct fake_pci *pci;
	struct fake_fn *fns[FNS_MAX];
	unsigned n;
};

static struct host hosts[HOSTS_MAX];
static unsigned nhosts;

static void fail(const char *what, const char *where)
{
	fprintf(stderr, "golden-pci: %s: %s\n", where, what);
	exit(1);
}

static FILE *open_as(const char *name, const char *end, const char *mode)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", name, end);
	f = fopen(path, mode);
	if (!f)
		fail("cannot be opened", path);
	return f;
}

/* ---- the recording ---- */

static void add_fn(struct host *h, const char *line)
{
	unsigned bus, devfn, size;
	char parent[16];
	struct fake_fn *up = NULL, *fn;

	if (sscanf(line, "fn %x:%x %15s %u", &bus, &devfn, parent, &size) != 4 || h->n == FNS_MAX)
		fail("not a function", line);
	if (parent[0] != '-')
		up = h->fns[atoi(parent)];
	fn = size > 256 ? fake_add_express(h->pci, up, (uint8_t)devfn, 0, 0)
			: fake_add(h->pci, up, (uint8_t)devfn, 0);
	memset(fn->cfg, 0, size);
	memset(fn->mask, 0, size);
	fn->express_cap = 0;
	h->fns[h->n++] = fn;
}

/* What the simulator wants to know beside the registers. */
static void complete(struct fake_fn *fn)
{
	uint8_t at = fn->cfg[PCI_CAPS];

	for (unsigned step = 0; at >= 0x40 && step < 48; step++, at = fn->cfg[at + 1])
		if (fn->cfg[at] == PCI_CAP_EXPRESS)
			fn->express_cap = at;
	if (fake_is_bridge(fn)) {
		fn->w1c = calloc(1, fn->size);
		put_le16(fn->w1c + PCI_SEC_STATUS, 0xf900);
	}
}

static void load(const char *name)
{
	FILE *f = open_as(name, ".cfg", "r");
	struct host *h = NULL;
	static char line[16384];
	unsigned reg, value, mask;

	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '#')
			continue;
		if (!strncmp(line, "host ", 5)) {
			h = &hosts[nhosts++];
			sscanf(line, "host %31s", h->unit);
			h->pci = fake_pci_new();
		} else if (h && !strncmp(line, "fn ", 3)) {
			add_fn(h, line);
		} else if (h && h->n && sscanf(line, "%x %x %x", &reg, &value, &mask) == 3) {
			fake_set(h->fns[h->n - 1], (uint16_t)reg, value, mask);
		} else {
			fail("not understood", line);
		}
	}
	fclose(f);
	for (unsigned i = 0; i < nhosts; i++)
		for (unsigned k = 0; k < hosts[i].n; k++)
			complete(hosts[i].fns[k]);
}

static void load_tree(const char *name, struct dt_tree *tree)
{
	FILE *f = open_as(name, ".dtb", "rb");
	void *blob = calloc(1, 1 << 20);
	size_t len = fread(blob, 1, 1 << 20, f), size;
	const char *why;

	fclose(f);
	if (dt_fdt_check(blob, len, &size, &why) || dt_from_fdt(tree, blob))
		fail("not a tree", name);
	free(blob);
}

/* ---- the result ---- */

static void emit(void *ctx, const char *text, size_t len)
{
	fwrite(text, 1, len, ctx);
}

static void set_up(struct dt_tree *tree, struct host *h, FILE *dts)
{
	struct dt_node *node = tree->root->child;
	struct pci_host *host;
	const char *fault;

	while (node && strcmp(dt_unit(node), h->unit))
		node = node->next;
	host = node ? pci_host_new(tree, node, &h->pci->bus) : NULL;
	if (!host || pci_host_setup(host))
		fail("cannot be set up", h->unit);
	fault = fake_verify(h->pci, node, NULL);
	if (fault || pci_host_summary(host).faults)
		fail(fault ? fault : "self-check", h->unit);
	dt_print(node, emit, dts);
	pci_host_free(host);
}

int main(int argc, char **argv)
{
	struct dt_tree tree;
	FILE *dts, *dtb;
	size_t size;
	void *blob;

	if (argc != 3)
		fail("want FOLDER/NAME OUT", argv[0]);
	load(argv[1]);
	load_tree(argv[1], &tree);
	dts = open_as(argv[2], ".dts", "w");
	for (unsigned i = 0; i < nhosts; i++)
		set_up(&tree, &hosts[i], dts);
	fclose(dts);
	blob = dt_to_fdt(&tree, 0, &size);
	dtb = open_as(argv[2], ".dtb", "wb");
	fwrite(blob, 1, size, dtb);
	fclose(dtb);
	heap_free(blob);
	dt_tree_free(&tree);
	for (unsigned i = 0; i < nhosts; i++)
		fake_pci_free(hosts[i].pci);
	return 0;
}
