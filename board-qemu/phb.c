/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI host bridges: configuration space through the RTAS calls that take the bridge's BUID, DMA through
 * the bridge's window, and the list of hosts libpci works on. A config address is register 11:8 in bits 31:28, then bus, device
 * and function, register 7:0 (LoPAPR 7.3.4.1).
 */
#define LOG_TAG "phb"
#include "board.h"

#include "mmio.h"
#include "pci-drivers.h"
#include "rtas.h"
#include "tce.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dev/bus.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/block.h"
#include "of/machine.h"
#include "of/net.h"
#include "of/pci.h"
#include "of/scsi.h"
#include "of/usb.h"
#include "pci/dev.h"
#include "pci/pci.h"

struct phb {
	struct phb *next;
	struct dt_node *node;
	uint64_t buid;
	struct bus bus;
	struct pci_host *host;
	struct dma dma; /* context NULL: none */
	struct of_pci of;
};

static struct phb *phbs;

static uint32_t config_address(pci_bdf bdf, uint16_t reg)
{
	return (uint32_t)(reg & 0xf00) << 20 | (uint32_t)bdf << 8 | (reg & 0xff);
}

static int phb_cfg_read(void *ctx, pci_bdf bdf, uint16_t reg, uint8_t size, uint32_t *value)
{
	static struct rtas_fn fn = {"ibm,read-pci-config", 0};
	const struct phb *p = ctx;
	uint32_t arg[4] = {config_address(bdf, reg), (uint32_t)(p->buid >> 32), (uint32_t)p->buid,
			   size};
	uint32_t ret[2];
	int err = rtas_call(&fn, arg, 4, ret, 2);

	if (err)
		return err;
	if (ret[0])
		return E_IO;
	*value = ret[1];
	return 0;
}

static int phb_cfg_write(void *ctx, pci_bdf bdf, uint16_t reg, uint8_t size, uint32_t value)
{
	static struct rtas_fn fn = {"ibm,write-pci-config", 0};
	const struct phb *p = ctx;
	uint32_t arg[5] = {config_address(bdf, reg), (uint32_t)(p->buid >> 32), (uint32_t)p->buid,
			   size, value};
	uint32_t ret[1];
	int err = rtas_call(&fn, arg, 5, ret, 1);

	if (err)
		return err;
	return ret[0] ? E_IO : 0;
}

static const struct bus_ops phb_ops = {phb_cfg_read, phb_cfg_write, mmio_read, mmio_write};

static int phb_setup(struct pci_host *host)
{
	int err;

	board_find_needed();
	pci_host_prefer(host, board_is_needed, NULL);
	err = pci_host_setup(host);
	pci_host_prefer(host, NULL, NULL);
	board_forget_needed();
	return err;
}

/* The bridge, the bridges below it and the functions we drive become packages. */
static void phb_bind(struct phb *p)
{
	p->dma = (struct dma){&tce_dma_ops, tce_window_new(p->node)};
	p->of = (struct of_pci){&p->bus, p->dma.ctx ? &p->dma : NULL};
	of_bind_pci(p->node, &p->of);
	pci_bind_below(p->node, p->of.bus, p->of.dma);
}

static void phb_add(struct dt_node *node)
{
	struct phb **end = &phbs;
	const struct dt_prop *reg = dt_prop_find(node, "reg");
	struct phb *p;
	int err;

	/* the BUID and a size of 0, two cells each */
	if (!reg || reg->len != 16) {
		log_warn("%s: reg is not a BUID, bridge left out", node->name);
		return;
	}
	p = xalloc(sizeof(*p));
	p->node = node;
	p->buid = get_be64(reg->data);
	p->bus = (struct bus){&phb_ops, p};
	p->host = pci_host_new(of_tree(), node, &p->bus);
	err = p->host ? phb_setup(p->host) : E_FORMAT;
	if (err)
		log_warn("%s: not set up: %s", node->name, err_text(err));
	phb_bind(p);
	while (*end)
		end = &(*end)->next;
	*end = p;
}

void phb_probe_all(void)
{
	for (struct dt_node *n = of_tree()->root->child; n; n = n->next)
		if (dt_prop_lists(n, "device_type", "pci"))
			phb_add(n);
}

void phb_renumber_all(void)
{
	for (struct phb *p = phbs; p; p = p->next)
		if (p->host)
			pci_host_renumber(p->host);
}

void phb_each(void (*fn)(const struct pci_host *host, void *ctx), void *ctx)
{
	for (struct phb *p = phbs; p; p = p->next)
		if (p->host)
			fn(p->host, ctx);
}

/* The bridge a node hangs below, NULL if none; *is_phb tells whether the node is one itself. */
static struct phb *phb_of(const struct dt_node *node, bool *is_phb)
{
	*is_phb = false;
	for (const struct dt_node *n = node; n; n = n->parent)
		for (struct phb *p = phbs; p; p = p->next)
			if (p->node == n) {
				*is_phb = n == node;
				return p;
			}
	return NULL;
}

int phb_device(struct dt_node *node, struct pci_dev *dev)
{
	bool is_phb;
	struct phb *p = phb_of(node, &is_phb);

	return p && !is_phb ? pci_dev_init(dev, node, &p->bus, NULL, NULL) : E_NOENT;
}

void phb_node_added(struct dt_node *node)
{
	bool is_phb;
	struct phb *p = phb_of(node, &is_phb);

	if (p && p->host && !is_phb) {
		pci_host_node_added(p->host, node);
		of_bind_pci(node, &p->of);
		pci_bind_node(node, p->of.bus, p->of.dma);
	} else if (!p && node->parent == of_tree()->root &&
		   dt_prop_lists(node, "device_type", "pci")) {
		phb_add(node);
	}
}

void phb_node_removed(struct dt_node *node)
{
	bool is_phb;
	struct phb *p = phb_of(node, &is_phb);
	struct phb **at = &phbs;

	if (!p)
		return;
	of_block_gone(node);
	of_net_gone(node);
	of_scsi_gone(node);
	of_usb_gone(node);
	if (!is_phb) {
		if (p->host)
			pci_host_node_removed(p->host, node);
		return;
	}
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	pci_host_free(p->host);
	tce_window_free(p->dma.ctx);
	heap_free(p);
}
