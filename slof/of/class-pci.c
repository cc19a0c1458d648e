/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The package of a PCI bus, be it a host bridge's or one behind other bridges (IEEE 1275 PCI binding
 * 2.1, chapter 4): unit addresses, configuration space, what plug-in FCode asks for. Facts are read where
 * they are kept when a method is called; whatever a client names is checked against them before anything is
 * done. Addresses are class-pci-map.c's job, DMA class-pci-dma.c's.
 */
#define LOG_TAG "of"
#include "class-pci-priv.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/log.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "of/machine.h"
#include "of/memory.h"
#include "pciaddr/unit.h"

#include <string.h>

#define PAGE      4096u
#define REG_ENTRY 20u /* bytes of an entry of reg */

/* What an instance keeps: a page encode-unit writes its text to; 0: none yet. */
struct pci_state {
	uint64_t text;
};

const struct of_pci *of_pci_of(const struct instance *in)
{
	return in ? in->data : NULL;
}

bool of_on_pci_bus(const struct dt_node *node)
{
	return node->parent && of_class(node->parent) == &class_pci;
}

uint32_t of_pci_function(const struct dt_node *node)
{
	struct dt_reader r = dt_read(node, "reg");

	return dt_read_u32(&r) & PCI_PHYS_FUNCTION;
}

int of_pci_push(struct stack *st, uint64_t addr, uint64_t size)
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

	if (r.short_of || first > 255 || (first == 0 && of_on_pci_bus(node)))
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

	if (!of_pci_of(in))
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

struct pci_phys of_pci_pop_phys(struct stack *st)
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
	struct pci_phys phys = of_pci_pop_phys(st);
	struct pci_state *state;
	size_t len;

	if (!of_pci_of(in))
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

	if (!(addr & PCI_PHYS_FUNCTION) && of_on_pci_bus(in->node))
		addr |= of_pci_function(in->node);
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
	const struct of_pci *pci = of_pci_of(in);
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
	const struct of_pci *pci = of_pci_of(in);
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
	if (!of_pci_of(in))
		return E_STALE;
	return bus > 255 ? E_RANGE : 0;
}

static bool is_function_below(const struct dt_node *bus, const struct dt_node *node)
{
	const struct dt_node *up = node->parent;

	while (up && up != bus)
		up = up->parent;
	return up && of_on_pci_bus(node);
}

/* Addresses were assigned with all others: a function has them, needs none, or there was no room. */
static int m_assign_package(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	const struct dt_node *node = dt_find_phandle(of_tree(), (uint32_t)arg_pop(st));
	const struct dt_prop *reg = node ? dt_prop_find(node, "reg") : NULL;

	if (!of_pci_of(in))
		return E_STALE;
	if (!reg || !is_function_below(in->node, node))
		return E_NOENT;
	return reg->len <= REG_ENTRY || dt_prop_find(node, "assigned-addresses") ? 0 : E_NOSPC;
}

/*
 * ( child-ihandle -- ) Functions got all their properties before anybody could call this; what FCode made
 * itself, a node without ids, is not ours to describe.
 */
static int m_make_properties(struct instance *in, struct stack *st,
			     const struct method *self UNUSED)
{
	const struct instance *child = instance_find((uint32_t)arg_pop(st));
	const struct dt_node *node = child ? child->node : NULL;

	if (!of_pci_of(in))
		return E_STALE;
	if (!node || !is_function_below(in->node, node) || !dt_prop_find(node, "vendor-id"))
		return E_NOENT;
	return 0;
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
	{"map-in",      "( phys.lo phys.mid phys.hi size -- virt )",     of_pci_map_in},
	{"map-out",     "( virt size -- )",                              of_pci_map_out},
	{"dma-alloc",   "( size -- virt )",                              of_pci_dma_alloc},
	{"dma-free",    "( virt size -- )",                              of_pci_dma_free},
	{"dma-map-in",  "( virt size cacheable? -- devaddr )",           of_pci_dma_map_in},
	{"dma-map-out", "( virt devaddr size -- )",                      of_pci_dma_map_out},
	{"dma-sync",    "( virt devaddr size -- )",                      of_pci_dma_sync},
	{"probe-self",  "( arg-str arg-len reg-str reg-len fcode-str fcode-len -- )", m_probe_self},
	{"intr-ack",    "( -- vector )",                                 m_intr_ack},
	{"special-!",   "( data bus# -- )",                              m_special_store},
	{"assign-package-addresses", "( phandle -- )",                   m_assign_package},
	{"make-function-properties", "( child-ihandle -- )",             m_make_properties},
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
