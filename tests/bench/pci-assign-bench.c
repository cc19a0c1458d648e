/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the allocator scales: tables of 10 to 30000 functions, given to pci_assign() alone. Four shapes:
 * all on one bus; behind 255 bridges; the same with windows too small for all, so that victims must be
 * found; and one virtual-function block of odd size each, which leaves a gap behind every item. The last
 * column is time over n log2 n: flat where the cost is O(n log n). With --plot the same as a picture.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/heap.h"
#include "dt/node.h"
#include "pci-priv.h"

#define BRIDGES 255u

struct shape {
	const char *name;
	bool nested, tight, odd;
};

static const struct shape shapes[] = {
	{"flat", false, false, false},
	{"nested", true, false, false},
	{"too much", true, true, false},
	{"odd sizes", false, false, true},
};
static const unsigned sizes[] = {10, 30, 100, 300, 1000, 3000, 10000, 30000};

static uint32_t rnd(uint32_t below)
{
	static uint64_t state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 20) % below;
}

static void add_bar(struct pci_fn *fn, uint64_t size, enum pci_res_type type, bool pref)
{
	struct pci_res *res = &fn->res[fn->nres++];

	*res = (struct pci_res){.size = size, .align = size, .limit = UINT64_MAX, .type = type};
	res->pref = pref;
	res->reg = (uint16_t)(0x10 + 8 * fn->nres);
	res->pool = PCI_POOL_NONE;
	if (res->align < 0x10000)
		res->align = 0x10000;
}

static struct pci_fn *add_fn(struct pci_host *host, struct pci_fn *up, unsigned n,
			     const struct shape *s)
{
	struct pci_fn *fn = pci_fn_new(host, up, (uint8_t)n);

	fn->res = xalloc(2 * sizeof(fn->res[0]));
	fn->class_rev = 0x02000000u + (rnd(12) << 24);
	add_bar(fn, 0x1000ull << rnd(s->tight ? 8 : 5), PCI_TYPE_MEM32, false);
	add_bar(fn, 0x10000ull << rnd(8), PCI_TYPE_MEM64, true);
	if (s->odd)
		fn->res[1].size *= 1 + rnd(1000);
	return fn;
}

static struct pci_host *make(unsigned n, const struct shape *s)
{
	struct pci_host *host = xalloc(sizeof(*host));
	struct pci_fn *up[BRIDGES];
	uint32_t order = 0;

	host->min_align = 0x10000;
	host->root.node = xalloc(sizeof(struct dt_node) + 8);
	host->root.secondary = 1;
	for (unsigned p = 0; p < PCI_POOLS; p++)
		host->root.win[p] = (struct pci_win){.can = true, .usable = true};
	host->root.win[PCI_POOL_LOW].base = 0x80000000;
	host->root.win[PCI_POOL_LOW].size = s->tight ? n * 0x18000ull + 0x20000000 : 1ull << 40;
	host->root.win[PCI_POOL_HIGH].base = 1ull << 44;
	host->root.win[PCI_POOL_HIGH].size = s->tight ? n * 0x100000ull : 1ull << 50;
	for (unsigned b = 0; s->nested && b < BRIDGES && b < n; b++) {
		up[b] = pci_fn_new(host, &host->root, (uint8_t)b);
		up[b]->kind = PCI_KIND_BRIDGE;
		up[b]->secondary = 1;
		for (unsigned p = 1; p < PCI_POOLS; p++)
			up[b]->win[p].can = true;
	}
	for (unsigned i = 0; i < n; i++)
		add_fn(host, s->nested ? up[i % (n < BRIDGES ? n : BRIDGES)] : &host->root, i, s);
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		fn->order = order++;
	return host;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The best of some runs, in milliseconds. */
static double measure(unsigned n, const struct shape *s)
{
	struct pci_host *host = make(n, s);
	double best = 1e9;

	for (unsigned run = 0; run < (n < 3000 ? 20u : 3u); run++) {
		double t = now_ms();

		if (pci_assign(host))
			abort();
		t = now_ms() - t;
		best = t < best ? t : best;
	}
	heap_free(host->root.node);
	pci_host_free(host);
	return best;
}

static double log_2(double v)
{
	double r = 0;

	for (; v >= 2; v /= 2)
		r++;
	return r + (v - 1); /* linear in between: near enough for a ratio */
}

/* One line of the picture: time on a logarithmic axis, 1 us to 10 s. */
static void bar(double ms)
{
	double us = ms * 1000;
	int len = us > 1 ? (int)(log_2(us) * 2) : 0;

	printf(" |%.*s\n", len, "################################################");
}

int main(int argc, char **argv)
{
	bool plot = argc > 1 && !strcmp(argv[1], "--plot");

	for (unsigned k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
		printf("%-10s %9s %12s %16s\n", shapes[k].name, "functions", "ms", "ns / n log2 n");
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			unsigned n = sizes[i];
			double ms = measure(n, &shapes[k]);

			printf("%-10s %9u %12.3f %16.1f", "", n, ms, ms * 1e6 / (n * log_2(n)));
			if (plot)
				bar(ms);
			else
				printf("\n");
		}
	}
	return 0;
}
