/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packages of the memory nodes and of /mmu: the memory map as methods and as the property
 * "available". Each memory node lists the free stretches inside its own reg, starts rounded up and
 * ends rounded down to 4 KiB; all nodes are rewritten at once, and only when somebody looks after a
 * change. Translation is off for good, so /mmu maps everything to itself and refuses anything else.
 */
#define LOG_TAG "of"
#include "of/memory.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/log.h"
#include "dt/cells.h"
#include "dt/prop.h"

#include "of-priv.h"

#define PAGE 4096u

/* ---- "available" ------------------------------------------------------------------------ */

/* The free stretches in [start, end). */
static void add_free(struct dt_cells *c, uint64_t start, uint64_t end)
{
	uint64_t at = start, addr, size;

	while (at < end && mem_next(MEM_FREE, &at, &addr, &size) && addr < end) {
		uint64_t stop = align_down(at < end ? at : end, PAGE);

		addr = align_up(addr, PAGE);
		if (addr < stop) {
			dt_cells_u64(c, addr);
			dt_cells_u64(c, stop - addr);
		}
	}
}

static void write_available(struct dt_node *node)
{
	unsigned acells = dt_address_cells(node->parent), scells = dt_size_cells(node->parent);
	struct dt_reader r = dt_read(node, "reg");
	struct dt_cells c = dt_cells_new(64);

	while (r.left > 0 && acells + scells > 0) {
		uint64_t start = dt_read_cells(&r, acells);
		uint64_t size = dt_read_cells(&r, scells), end;

		if (r.short_of || !add_ok(start, size, &end))
			break;
		add_free(&c, start, end);
	}
	dt_cells_set(&c, node, "available");
}

static unsigned seen; /* the map's generation the properties show */

/* Writing may itself take memory from the map; then once more, and in the end good enough. */
static void memory_refresh(struct dt_node *node)
{
	for (unsigned tries = 0; seen != mem_generation() && tries < 4; tries++) {
		seen = mem_generation();
		for (struct dt_node *n = node->parent->child; n; n = n->next)
			if (of_class(n) == &class_memory)
				write_available(n);
	}
}

/* ---- methods ---------------------------------------------------------------------------- */

static int m_claim(struct instance *in UNUSED, struct stack *st, const struct method *self UNUSED)
{
	uint64_t align = arg_pop(st), size = arg_pop(st), addr = 0;
	int err;

	if (align == 0) {
		if (st->depth == 0)
			return E_DEPTH;
		addr = arg_pop(st);
	}
	err = mem_client_claim(addr, size, align, &addr);
	if (err)
		return err;
	arg_push(st, addr);
	return 0;
}

static int m_release(struct instance *in UNUSED, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size = arg_pop(st), addr = arg_pop(st);

	return mem_release(addr, size, MEM_CLIENT);
}

/*
 * A physical address is two cells below the virtual one, as the root's #address-cells says; clients
 * that give one cell are understood when that is all there is.
 */
static int mmu_map(struct instance *in UNUSED, struct stack *st, const struct method *self UNUSED)
{
	uint64_t mode = arg_pop(st), size = arg_pop(st), virt = arg_pop(st);
	uint64_t phys = arg_pop(st);

	if (st->depth > 0)
		phys = phys << 32 | (uint32_t)arg_pop(st);
	log_debug("map %llx at %llx size %llx mode %llx", (unsigned long long)phys,
		  (unsigned long long)virt, (unsigned long long)size, (unsigned long long)mode);
	return phys == virt ? 0 : E_UNSUPP;
}

static int mmu_unmap(struct instance *in UNUSED, struct stack *st, const struct method *self UNUSED)
{
	(void)arg_pop(st);
	(void)arg_pop(st);
	return 0;
}

static int mmu_translate(struct instance *in UNUSED, struct stack *st,
			 const struct method *self UNUSED)
{
	uint64_t virt = arg_pop(st);

	arg_push(st, (uint32_t)virt);
	arg_push(st, virt >> 32);
	arg_push(st, 0); /* mode */
	arg_push(st, (cell_t)-1);
	return 0;
}

static const struct method memory_methods[] = {
	{"claim", "( [addr] size align -- base )", m_claim},
	{"release", "( addr size -- )", m_release},
	{NULL, NULL, NULL},
};

/* Virtual and real addresses are one: claiming a virtual range is claiming the memory. */
static const struct method mmu_methods[] = {
	{"claim", "( [virt] size align -- base )", m_claim},
	{"release", "( virt size -- )", m_release},
	{"map", "( [phys.lo] phys.hi virt size mode -- )", mmu_map},
	{"unmap", "( virt size -- )", mmu_unmap},
	{"translate", "( virt -- phys.lo phys.hi mode true )", mmu_translate},
	{NULL, NULL, NULL},
};

const struct pkg_class class_memory = {
	.device_type = "memory",
	.methods = memory_methods,
	.refresh = memory_refresh,
};

const struct pkg_class class_mmu = {
	.device_type = "mmu",
	.methods = mmu_methods,
};

void of_bind_memory(struct dt_node *node)
{
	of_bind(node, &class_memory, NULL);
	seen = mem_generation() - 1;
}
