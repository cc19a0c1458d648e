/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The package of a PCI bus, be it a host bridge's or one behind other bridges (IEEE 1275 PCI binding
 * 2.1, chapter 4). Facts are read where they are kept when a method is called: bus numbers and sizes of
 * base address registers from the tree, addresses from the registers. Whatever a client names is
 * checked against that before anything is done.
 */
#define LOG_TAG "of"
#include "of/pci.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/log.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "dt/translate.h"
#include "of/machine.h"
#include "of/memory.h"
#include "pciaddr/unit.h"

#include <string.h>

#include "of-priv.h"

#define PAGE      4096u
#define ROM       0x30u
#define ROM_TYPE1 0x38u /* of a bridge */
#define REG_ENTRY 20u   /* bytes of an entry of reg */

#define BAR_IO        1u
#define BAR_TYPE      6u
#define BAR_TYPE_64   4u
#define BAR_IO_FLAGS  3u
#define BAR_MEM_FLAGS 0xfu
#define BAR_ROM_FLAGS 0x7ffu

/* What an instance keeps: a page encode-unit writes its text to; 0: none yet. */
struct pci_state {
	uint64_t text;
};

/* NULL when the method was called without an instance. */
static const struct of_pci *host_of(const struct instance *in)
{
	return in ? in->data : NULL;
}

/* Is this a function, be it a bridge, as opposed to a host bridge? */
static bool is_on_pci_bus(const struct dt_node *node)
{
	return node->parent && of_class(node->parent) == &class_pci;
}

/*
 * An address goes to the caller. A client's cells have 32 bits, and half an address is worse than
 * none.
 */
static int push_address(struct stack *st, uint64_t addr, uint64_t size)
{
	uint64_t last;

	if (!add_ok(addr, size ? size - 1 : 0, &last))
		return E_RANGE;
	if (mem_is_distrusted() && last > UINT32_MAX)
		return E_RANGE;
	arg_push(st, addr);
	return 0;
}

/* ---- unit addresses ----------------------------------------------------------------------- */

/* The number of the bus itself. E_NOENT: none was left for it. */
static int bus_number(const struct dt_node *node, uint8_t *bus)
{
	struct dt_reader r = dt_read(node, "bus-range");
	uint32_t first = dt_read_u32(&r);

	if (r.short_of || first > 255 || (first == 0 && is_on_pci_bus(node)))
		return E_NOENT;
	*bus = (uint8_t)first;
	return 0;
}

static int m_decode_unit(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t len = arg_pop(st), addr = arg_pop(st);
	const char *text = mem_pointer(addr, len);
	struct pci_phys phys;
	uint8_t bus;
	int err;

	if (!host_of(in))
		return E_STALE;
	if (!text)
		return E_RANGE;
	err = bus_number(in->node, &bus);
	if (!err)
		err = pci_unit_decode(text, len, bus, &phys);
	if (err)
		return err;
	arg_push(st, phys.lo);
	arg_push(st, phys.mid);
	arg_push(st, phys.hi);
	return 0;
}

static struct pci_phys pop_phys(struct stack *st)
{
	struct pci_phys phys;

	phys.hi = (uint32_t)arg_pop(st);
	phys.mid = (uint32_t)arg_pop(st);
	phys.lo = (uint32_t)arg_pop(st);
	return phys;
}

/*
 * The text is good until the next call or close. It is in memory a client owns, so that a client may
 * hand it to another method.
 */
static int m_encode_unit(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	struct pci_phys phys = pop_phys(st);
	struct pci_state *state;
	size_t len;

	if (!host_of(in))
		return E_STALE;
	state = in->state;
	if (!state->text) {
		int err = mem_client_claim(0, PAGE, PAGE, &state->text);

		if (err)
			return err;
	}
	len = pci_unit_encode(&phys, ram_at(state->text, PCI_UNIT_ROOM), PCI_UNIT_ROOM);
	arg_push(st, state->text);
	arg_push(st, len);
	return 0;
}

static void pci_close(struct instance *in)
{
	struct pci_state *state = in->state;

	if (state->text && mem_release(state->text, PAGE, MEM_CLIENT))
		log_debug("%s: somebody else released its text", in->node->name);
	state->text = 0;
}

/* ---- configuration space ------------------------------------------------------------------ */

/* "config-l@": the letter tells the size. */
static uint8_t access_size(const struct method *self)
{
	char letter = self->name[strlen("config-")];

	return letter == 'b' ? 1 : letter == 'w' ? 2 : 4;
}

/* Bus, device and function of a node: the first cell of its reg. */
static uint32_t function_of(const struct dt_node *node)
{
	struct dt_reader r = dt_read(node, "reg");

	return dt_read_u32(&r) & PCI_PHYS_FUNCTION;
}

struct config_access {
	pci_bdf bdf;
	uint16_t reg;
	uint8_t size;
};

/*
 * Bits 31:28 are bits 11:8 of the register (PAPR's extension). On a bridge, an address without bus,
 * device and function means the bridge's own registers, as SLOF has it. E_INVAL when misaligned.
 */
static int config_decode(const struct instance *in, uint32_t addr, const struct method *self,
			 struct config_access *out)
{
	struct config_access a = {.size = access_size(self)};

	if (!(addr & PCI_PHYS_FUNCTION) && is_on_pci_bus(in->node))
		addr |= function_of(in->node);
	a.bdf = (pci_bdf)(addr >> 8);
	a.reg = (uint16_t)((addr >> 20 & 0xf00) | PCI_PHYS_REG(addr));
	if (a.reg % a.size)
		return E_INVAL;
	*out = a;
	return 0;
}

/* What does not answer reads as all ones. */
static int m_config_fetch(struct instance *in, struct stack *st, const struct method *self)
{
	uint32_t addr = (uint32_t)arg_pop(st), value;
	const struct of_pci *pci = host_of(in);
	struct config_access a;
	int err;

	if (!pci)
		return E_STALE;
	err = config_decode(in, addr, self, &a);
	if (err)
		return err;
	if (pci->bus->ops->cfg_read(pci->bus->ctx, a.bdf, a.reg, a.size, &value))
		value = UINT32_MAX;
	arg_push(st, value & UINT32_MAX >> (32 - 8 * a.size));
	return 0;
}

static int m_config_store(struct instance *in, struct stack *st, const struct method *self)
{
	uint32_t addr = (uint32_t)arg_pop(st), value = (uint32_t)arg_pop(st);
	const struct of_pci *pci = host_of(in);
	struct config_access a;
	int err;

	if (!pci)
		return E_STALE;
	err = config_decode(in, addr, self, &a);
	if (err)
		return err;
	value &= UINT32_MAX >> (32 - 8 * a.size);
	if (pci->bus->ops->cfg_write(pci->bus->ctx, a.bdf, a.reg, a.size, value))
		log_debug("%s: %s %08x: nobody there", in->node->name, self->name, addr);
	return 0;
}

/* ---- registers of functions --------------------------------------------------------------- */

/* The node of a function below a bus, or NULL. */
static const struct dt_node *function_below(const struct dt_node *bus, uint32_t hi)
{
	const struct dt_node *node = bus;

	while ((node = dt_next(bus, node)))
		if (dt_prop_find(node, "reg") && is_on_pci_bus(node) &&
		    function_of(node) == (hi & PCI_PHYS_FUNCTION))
			return node;
	return NULL;
}

/* Bytes behind a base address register as a property has them; 0: it has no such one. */
static uint64_t bar_size(const struct dt_node *node, const char *name, uint32_t hi)
{
	struct dt_reader r = dt_read(node, name);

	while (r.left > 0) {
		uint32_t entry = dt_read_u32(&r);
		uint64_t size;

		(void)dt_read_u64(&r);
		size = dt_read_u64(&r);
		if (!r.short_of && PCI_PHYS_SPACE(entry) && PCI_PHYS_REG(entry) == PCI_PHYS_REG(hi))
			return size;
	}
	return 0;
}

/* The address a base address register holds now. E_NOENT: none; E_INVAL: not of the space asked for. */
static int bar_base(const struct bus *bus, uint32_t hi, uint64_t *base)
{
	bool io = PCI_PHYS_SPACE(hi) == PCI_SPACE_IO;
	uint16_t reg = PCI_PHYS_REG(hi);
	pci_bdf bdf = (pci_bdf)(hi >> 8);
	uint32_t value, upper = 0;
	uint64_t flags = io ? BAR_IO_FLAGS : BAR_MEM_FLAGS;
	int err = bus->ops->cfg_read(bus->ctx, bdf, reg, 4, &value);

	if (err)
		return err;
	if (reg == ROM || reg == ROM_TYPE1) {
		flags = BAR_ROM_FLAGS;
		value &= ~BAR_IO; /* there, the enable bit */
	}
	if ((value & BAR_IO) != io)
		return E_INVAL;
	if (flags == BAR_MEM_FLAGS && (value & BAR_TYPE) == BAR_TYPE_64)
		err = bus->ops->cfg_read(bus->ctx, bdf, (uint16_t)(reg + 4), 4, &upper);
	if (err)
		return err;
	*base = ((uint64_t)upper << 32 | value) & ~flags;
	return *base ? 0 : E_NOENT;
}

/* Where an address relative to a base address register is, and on which bus. */
static int resolve_relative(const struct instance *in, uint32_t hi, uint64_t size,
			    const struct dt_node **bus, uint64_t *addr)
{
	const struct of_pci *pci = in->data;
	const struct dt_node *node = function_below(in->node, hi);
	uint64_t offset = *addr, there, base;
	int err;

	if (!node)
		return E_NOENT;
	there = bar_size(node, "reg", hi);
	if (there == 0)
		there = bar_size(node, "assigned-addresses", hi);
	if (there == 0)
		return E_NOENT;
	if (offset >= there || size > there - offset)
		return E_RANGE;
	err = bar_base(pci->bus, hi, &base);
	if (err)
		return err;
	*bus = node->parent;
	*addr = base + offset;
	return 0;
}

/*
 * ( phys.lo phys.mid phys.hi size -- virt ) Relative addresses are offsets from what the register
 * holds and must stay inside; absolute ones must be inside the windows of every bridge on the way.
 * size 0 counts as 1. Nothing is mapped, as real and virtual addresses are one here.
 */
static int m_map_in(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size = arg_pop(st), addr, cpu;
	struct pci_phys phys = pop_phys(st);
	const struct dt_node *bus;
	int err = 0;

	if (!host_of(in))
		return E_STALE;
	bus = in->node;
	addr = (uint64_t)phys.mid << 32 | phys.lo;
	if (PCI_PHYS_SPACE(phys.hi) == PCI_SPACE_CONFIG)
		return E_INVAL;
	if (size == 0)
		size = 1;
	if (!(phys.hi & PCI_PHYS_ABSOLUTE))
		err = resolve_relative(in, phys.hi, size, &bus, &addr);
	else if (PCI_PHYS_SPACE(phys.hi) != PCI_SPACE_MEM64 && phys.mid)
		err = E_RANGE;
	if (!err)
		err = dt_translate(bus, phys.hi, addr, size, &cpu) ? E_RANGE : 0;
	return err ? err : push_address(st, cpu, size);
}

static int m_map_out(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	st->depth -= 2;
	return host_of(in) ? 0 : E_STALE;
}

/* ---- DMA ---------------------------------------------------------------------------------- */

/* Whole pages, zeroed. A client's are a client's, so that it may name them in the next call. */
static int m_dma_alloc(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size = arg_pop(st), addr;
	void *pages;
	int err;

	if (!host_of(in))
		return E_STALE;
	if (size == 0 || !align_up_ok(size, PAGE, &size))
		return E_INVAL;
	if (!mem_is_distrusted()) {
		pages = dma_alloc_pages(size, PAGE);
		if (!pages)
			return E_NOMEM;
		arg_push(st, ram_address(pages));
		return 0;
	}
	err = mem_client_claim(0, size, PAGE, &addr);
	if (err)
		return err;
	memset(ram_at(addr, size), 0, size);
	arg_push(st, addr);
	return 0;
}

static int m_dma_free(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size = arg_pop(st), addr = arg_pop(st);
	int err = E_PERM;

	if (!host_of(in))
		return E_STALE;
	if (!align_up_ok(size, PAGE, &size))
		return E_INVAL;
	if (!mem_is_distrusted())
		err = mem_release(addr, size, MEM_FIRMWARE);
	return err == E_PERM ? mem_release(addr, size, MEM_CLIENT) : err;
}

static const struct dma *dma_of(const struct instance *in)
{
	const struct of_pci *pci = host_of(in);

	return pci ? pci->dma : NULL;
}

/* Caches are coherent here, so cacheable? makes no difference. */
static int m_dma_map_in(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size, virt, dev;
	const struct dma *dma = dma_of(in);
	void *mem;
	int err;

	(void)arg_pop(st);
	size = arg_pop(st);
	virt = arg_pop(st);
	if (!dma)
		return E_UNSUPP;
	if (size == 0)
		return E_INVAL;
	mem = mem_pointer(virt, size);
	if (!mem)
		return E_RANGE;
	err = dma->ops->map(dma->ctx, mem, size, &dev);
	if (err)
		return err;
	err = push_address(st, dev, size);
	if (err && dma->ops->unmap(dma->ctx, dev, size))
		log_warn("%s: %llx stays mapped", in->node->name, (unsigned long long)dev);
	return err;
}

static int m_dma_map_out(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size = arg_pop(st), dev = arg_pop(st);
	const struct dma *dma = dma_of(in);

	(void)arg_pop(st);
	return dma ? dma->ops->unmap(dma->ctx, dev, size) : E_UNSUPP;
}

/* Memory is coherent: all there is to do is to keep accesses in order. */
static int m_dma_sync(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	st->depth -= 3;
	__sync_synchronize();
	return host_of(in) ? 0 : E_STALE;
}

/* ---- what serves FCode -------------------------------------------------------------------- */

/*
 * Every function was looked at and has its node before anything could call this; FCode in a ROM is
 * evaluated by the word rom-fcode, in that node.
 */
static int m_probe_self(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	st->depth -= 6;
	if (in)
		log_info("%s: probe-self: functions have been probed", in->node->name);
	return E_UNSUPP;
}

/* RTAS has no interrupt acknowledge cycle, and no interrupt controller here would answer one. */
static int m_intr_ack(struct instance *in UNUSED, struct stack *st UNUSED,
		      const struct method *self UNUSED)
{
	return E_UNSUPP;
}

/* A special cycle is a message to whoever listens. Nobody does: it is dropped. */
static int m_special_store(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t bus = arg_pop(st);

	(void)arg_pop(st);
	if (!host_of(in))
		return E_STALE;
	return bus > 255 ? E_RANGE : 0;
}

/* Addresses were assigned with all others: a function has them, needs none, or there was no room. */
static int m_assign_package(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	const struct dt_node *node = dt_find_phandle(of_tree(), (uint32_t)arg_pop(st)), *up;
	const struct dt_prop *reg = node ? dt_prop_find(node, "reg") : NULL;

	if (!host_of(in))
		return E_STALE;
	for (up = node ? node->parent : NULL; up && up != in->node; up = up->parent)
		;
	if (!up || !is_on_pci_bus(node) || !reg)
		return E_NOENT;
	return reg->len <= REG_ENTRY || dt_prop_find(node, "assigned-addresses") ? 0 : E_NOSPC;
}

/* ---- the class ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct method pci_methods[] = {
	{"decode-unit", "( addr len -- phys.lo phys.mid phys.hi )",      m_decode_unit},
	{"encode-unit", "( phys.lo phys.mid phys.hi -- addr len )",      m_encode_unit},
	{"config-b@",   "( config-addr -- value )",                      m_config_fetch},
	{"config-w@",   "( config-addr -- value )",                      m_config_fetch},
	{"config-l@",   "( config-addr -- value )",                      m_config_fetch},
	{"config-b!",   "( value config-addr -- )",                      m_config_store},
	{"config-w!",   "( value config-addr -- )",                      m_config_store},
	{"config-l!",   "( value config-addr -- )",                      m_config_store},
	{"map-in",      "( phys.lo phys.mid phys.hi size -- virt )",     m_map_in},
	{"map-out",     "( virt size -- )",                              m_map_out},
	{"dma-alloc",   "( size -- virt )",                              m_dma_alloc},
	{"dma-free",    "( virt size -- )",                              m_dma_free},
	{"dma-map-in",  "( virt size cacheable? -- devaddr )",           m_dma_map_in},
	{"dma-map-out", "( virt devaddr size -- )",                      m_dma_map_out},
	{"dma-sync",    "( virt devaddr size -- )",                      m_dma_sync},
	{"probe-self",  "( arg-str arg-len reg-str reg-len fcode-str fcode-len -- )", m_probe_self},
	{"intr-ack",    "( -- vector )",                                 m_intr_ack},
	{"special-!",   "( data bus# -- )",                              m_special_store},
	{"assign-package-addresses", "( phandle -- )",                   m_assign_package},
	{NULL, NULL, NULL},
};
/* clang-format on */

const struct pkg_class class_pci = {
	.state_size = sizeof(struct pci_state),
	.close = pci_close,
	.methods = pci_methods,
};

void of_bind_pci(struct dt_node *top, struct of_pci *pci)
{
	for (struct dt_node *n = top; n; n = dt_next(top, n))
		if (dt_prop_lists(n, "device_type", "pci"))
			of_bind(n, &class_pci, pci);
}
