/* SPDX-License-Identifier: BSD-2-Clause */
/* What the methods of PCI buses share: whose instance it is, what a node is, how an address is handed out. */
#ifndef CLASS_PCI_PRIV_H
#define CLASS_PCI_PRIV_H

#include "of/pci.h"

#include "pciaddr/unit.h"

#include "of-priv.h"

/* The host bridge's access and DMA window; NULL when a method was called without an instance. */
const struct of_pci *of_pci_of(const struct instance *in);
/* Is this a function, be it a bridge, as opposed to a host bridge? */
bool of_on_pci_bus(const struct dt_node *node);
/* Bus, device and function of a node: the first cell of its reg. */
uint32_t of_pci_function(const struct dt_node *node);
/*
 * Push an address for the caller. E_RANGE if size bytes from there wrap, or are above 4 GiB while a client
 * calls: its cells have 32 bits, and half an address is worse than none.
 */
int of_pci_push(struct stack *st, uint64_t addr, uint64_t size) MUST_CHECK;
/* The five cells of a physical address, the top of the stack first. */
struct pci_phys of_pci_pop_phys(struct stack *st);

/* Methods: see the table in class-pci.c. */
int of_pci_map_in(struct instance *in, struct stack *st, const struct method *self);
int of_pci_map_out(struct instance *in, struct stack *st, const struct method *self);
int of_pci_dma_alloc(struct instance *in, struct stack *st, const struct method *self);
int of_pci_dma_free(struct instance *in, struct stack *st, const struct method *self);
int of_pci_dma_map_in(struct instance *in, struct stack *st, const struct method *self);
int of_pci_dma_map_out(struct instance *in, struct stack *st, const struct method *self);
int of_pci_dma_sync(struct instance *in, struct stack *st, const struct method *self);

#endif
