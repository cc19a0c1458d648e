/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical addresses on a PCI bus, as three cells and as text (IEEE 1275 PCI bus binding 2.1, 2.2.1).
 *
 *     hi   npt000ss bbbbbbbb dddddfff rrrrrrrr
 *     mid  address bits 63:32
 *     lo   address bits 31:0
 *
 * n: the address is absolute, else relative to the base address register r. p: prefetchable. t: aliased
 * I/O, or memory below 1 MiB. ss: the space. b, d, f: bus, device, function.
 */
#ifndef PCIADDR_UNIT_H
#define PCIADDR_UNIT_H

#include "base/compiler.h"

struct pci_phys {
	uint32_t hi, mid, lo;
};

#define PCI_PHYS_ABSOLUTE  0x80000000u
#define PCI_PHYS_PREF      0x40000000u
#define PCI_PHYS_ALIASED   0x20000000u
#define PCI_PHYS_FUNCTION  0x00ffff00u /* bus, device and function */
#define PCI_PHYS_SPACE(hi) ((hi) >> 24 & 3)
#define PCI_PHYS_BUS(bus)  ((uint32_t)(bus) << 16)
#define PCI_PHYS_REG(hi)   ((hi)&0xff)

enum pci_space { PCI_SPACE_CONFIG, PCI_SPACE_IO, PCI_SPACE_MEM32, PCI_SPACE_MEM64 };

/*
 * Text of len bytes to cells. The text has no bus number: the caller gives that of its bus. Accepted:
 *     DD   DD,F              configuration space
 *     [n]i[t]DD,F,RR,N       I/O, N of 32 bits
 *     [n]m[t][p]DD,F,RR,N    memory, N of 32 bits
 *     [n]x[p]DD,F,RR,N       memory, N of 64 bits
 * all numbers hexadecimal, leading zeros and either case allowed; no text at all is device 0. E_RANGE
 * for a number too large (DD 1f, F 7, RR ff), E_FORMAT for anything else.
 */
int pci_unit_decode(const char *text, size_t len, uint8_t bus, struct pci_phys *out) MUST_CHECK;

/*
 * Cells to text: lower case, no leading zeros, DD alone for function 0 in configuration space. What
 * the form has no place for (the bus; mid where N has 32 bits) is left out. Returns the length
 * without NUL; at most room bytes are written, NUL included. PCI_UNIT_ROOM is always enough.
 */
#define PCI_UNIT_ROOM 32u
size_t pci_unit_encode(const struct pci_phys *phys, char *text, size_t room);

#endif
