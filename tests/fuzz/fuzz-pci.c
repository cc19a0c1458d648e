/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw bytes as a machine: first the host's ranges and bus-range, then functions, each with a place, its
 * registers and which of their bits can be written. Whatever they hold, setup must end within a number
 * of accesses that depends on the functions alone, and what it then says of itself must be consistent.
 *
 * Input: 2 bytes of bus-range; 1 byte: entries of ranges (0..4), each a byte of flags and two bytes
 * each for base and size; then per function 4 bytes (devfn, parent, flags, length of its registers
 * in units of 4) and the registers, followed by as many mask bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/panic.h"
#include "dt/cells.h"
#include "fakepci.h"
#include "pci/regs.h"

#define FNS_MAX 24u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at;
	size_t left;
};

static uint8_t take(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static void take_bytes(struct input *in, uint8_t *to, size_t n)
{
	while (n--)
		*to++ = take(in);
}

/* A number of a byte and a place for it; high places: one less. */
static uint64_t take_number(struct input *in)
{
	uint64_t v = take(in);
	unsigned shift = take(in);

	return (v << shift % 64) - (shift >> 7);
}

static void set_ranges(struct input *in, struct dt_node *phb)
{
	struct dt_cells b = dt_cells_new(2), c = dt_cells_new(28);
	unsigned n;

	dt_cells_u32(&b, take(in) & 3);
	dt_cells_u32(&b, take(in));
	dt_cells_set(&b, phb, "bus-range");
	n = take(in) % 5;
	while (n--) {
		dt_cells_u32(&c, (uint32_t)take(in) << 24);
		dt_cells_u64(&c, take_number(in));
		dt_cells_u64(&c, 0x200000000000);
		dt_cells_u64(&c, take_number(in));
	}
	dt_cells_set(&c, phb, "ranges");
}

static struct fake_fn *take_fn(struct input *in, struct fake_pci *pci, struct fake_fn **fns,
			       unsigned n)
{
	uint8_t devfn = take(in), parent = take(in), flags = take(in), words = take(in);
	struct fake_fn *up = n && parent % (n + 1) ? fns[parent % (n + 1) - 1] : NULL;
	struct fake_fn *fn = flags & 1 ? fake_add_express(pci, up, devfn, 0x020000, flags >> 4)
				       : fake_add(pci, up, devfn, 0x020000);
	uint8_t raw[256] = {0}, mask[256] = {0};
	unsigned len = words % 65 * 4u;

	if (flags & 2) {
		fn->cfg[PCI_HEADER] = 1;
		fake_set(fn, PCI_BUSES, 0, 0xffffff);
	}
	fn->retries = flags & 4 ? 3 : 0;
	take_bytes(in, raw, len);
	take_bytes(in, mask, len);
	for (unsigned i = 0; i < len; i++) {
		/* Let the first bytes of most functions say that they are there. */
		fn->cfg[i] = flags & 8 && i < 4 ? fn->cfg[i] : fn->cfg[i] ^ raw[i];
		fn->mask[i] ^= mask[i];
	}
	if (fn->size > 256)
		for (unsigned i = 0; i < len; i++)
			fn->cfg[0x100 + i] = mask[len - 1 - i];
	return fn;
}

static void ignore(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

static void must(bool ok, const char *what)
{
	if (!ok)
		panic("%s", what);
}

static void run(struct input *in, struct fake_rig *r)
{
	struct fake_fn *fns[FNS_MAX];
	unsigned n = 0;

	fake_rig_prepare(r, &fake_phb_default);
	pci_host_free(r->host);
	set_ranges(in, r->phb);
	while (in->left && n < FNS_MAX) {
		fns[n] = take_fn(in, r->pci, fns, n);
		n++;
	}
	for (struct fake_fn *fn = r->pci->root; fn; fn = fn->next)
		if (fn->devfn & 1)
			fake_node(fn, &r->tree, r->phb);
	r->host = pci_host_new(&r->tree, r->phb, &r->pci->bus);
	if (!r->host || pci_host_setup(r->host))
		return;
	must(!pci_host_summary(r->host).faults, "self-check");
	/* Behind a bridge with fixed numbers one function may show up on several buses. */
	must(r->pci->accesses <= 256 * 8 * 2 + (uint64_t)pci_host_summary(r->host).buses * 8 * 40 +
					 (uint64_t)pci_host_summary(r->host).functions * 2400,
	     "too many accesses");
	pci_host_dump(r->host, ignore, NULL);
	pci_host_list(r->host, true, NULL, ignore, NULL);
	pci_host_doctor(r->host, ignore, NULL);
	pci_host_renumber(r->host);
	if (pci_host_setup(r->host))
		return;
	must(!pci_host_summary(r->host).faults, "self-check the second time");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct fake_rig r = fake_rig_new();

	run(&in, &r);
	fake_rig_free(&r);
	return 0;
}
