/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PCI function as its driver sees it: registers by BAR number, DMA, configuration space. What is
 * known about it comes from its node (reg, assigned-addresses, the ranges above it), which the
 * enumerator wrote and nobody else keeps a copy of.
 */
#ifndef PCI_DEV_H
#define PCI_DEV_H

#include "dev/bus.h"
#include "dev/dma.h"
#include "dt/node.h"
#include "pci/pci.h"

struct pci_dev {
	struct dt_node *node;
	const struct bus *bus;
	const struct dma *dma;    /* through the host bridge's window; NULL: it has none */
	const struct dma *direct; /* RAM as it is: virtio without VIRTIO_F_ACCESS_PLATFORM */
	pci_bdf bdf;
};

/* Fill in bdf from the node's reg. bus, dma and direct must outlive dev. E_FORMAT. */
int pci_dev_init(struct pci_dev *dev, struct dt_node *node, const struct bus *bus,
		 const struct dma *dma, const struct dma *direct) MUST_CHECK;

struct pci_bar {
	const struct bus *bus;
	uint64_t cpu;  /* CPU address of its first byte */
	uint64_t size; /* bytes */
	bool is_io;
};
/* BAR 0..5. E_NOENT: not implemented or left out by the allocator; E_RANGE: not reachable by the CPU. */
int pci_dev_bar(const struct pci_dev *dev, unsigned bar, struct pci_bar *out) MUST_CHECK;
/* COMMAND: I/O and memory decoding and bus mastering on (or all off). */
void pci_dev_enable(const struct pci_dev *dev);
void pci_dev_disable(const struct pci_dev *dev);

/*
 * Registers inside a BAR, as integers. An access outside the BAR or a failed one reads as all ones
 * and writes nothing.
 */
uint8_t pci_read8(const struct pci_bar *bar, uint64_t offset);
uint16_t pci_read16(const struct pci_bar *bar, uint64_t offset);
uint32_t pci_read32(const struct pci_bar *bar, uint64_t offset);
uint64_t pci_read64(const struct pci_bar *bar, uint64_t offset); /* one 8-byte access */
void pci_write8(const struct pci_bar *bar, uint64_t offset, uint8_t v);
void pci_write16(const struct pci_bar *bar, uint64_t offset, uint16_t v);
void pci_write32(const struct pci_bar *bar, uint64_t offset, uint32_t v);
void pci_write64(const struct pci_bar *bar, uint64_t offset, uint64_t v);

#endif
