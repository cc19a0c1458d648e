/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expansion ROMs (PCI Local Bus 3.0, 6.3; for FCode also IEEE 1275's PCI binding, 9): a chain of
 * images for different machines. Everything in them is outside input.
 */
#ifndef PCI_ROM_H
#define PCI_ROM_H

#include "pci/dev.h"

/* The bytes of a ROM: whatever get gives for offsets below size. */
struct pci_rom {
	uint8_t (*get)(void *ctx, uint32_t offset);
	void *ctx;
	uint32_t size;
};

struct pci_rom_fcode {
	uint32_t image; /* where its image begins */
	uint32_t offset, len;
};

/*
 * The first image with FCode for this function, also one for any (vendor or device ffff). E_NOENT: none;
 * E_FORMAT: what is there is no chain of images, or the FCode does not fit into its image. Reads
 * few bytes of each image, never beyond size.
 */
int pci_rom_find(const struct pci_rom *rom, uint16_t vendor, uint16_t device,
		 struct pci_rom_fcode *out) MUST_CHECK;

/*
 * The FCode of a function's ROM, copied while only the ROM is decoded; the caller frees it; image: where the
 * image with it begins in the ROM. E_NOENT: no ROM,
 * it got no address, or it has no FCode; E_FORMAT, E_RANGE, E_NOMEM. Afterwards the ROM is
 * disabled and COMMAND is as it was.
 */
int pci_rom_load(const struct pci_dev *dev, uint8_t **fcode, uint32_t *len,
		 uint32_t *image) MUST_CHECK;

#endif
