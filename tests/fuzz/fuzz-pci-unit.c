/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unit addresses from anywhere. The first byte is the bus, the rest a text; and the first twelve bytes
 * are cells. Oracles: what is read is inside its limits and comes back through writing and reading
 * again; what is written is short, lower case, and can be read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "pciaddr/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct pci_phys *a, const struct pci_phys *b)
{
	return a->hi == b->hi && a->mid == b->mid && a->lo == b->lo;
}

/* Write, read, write: the first text's cells and the second text are the same again. */
static void there_and_back(const struct pci_phys *phys, struct pci_phys *back)
{
	char text[PCI_UNIT_ROOM], again[PCI_UNIT_ROOM];
	size_t len = pci_unit_encode(phys, text, sizeof(text));
	int err;

	assert(len < sizeof(text) && strlen(text) == len);
	assert(strspn(text, "0123456789abcdef,nimxtp") == len);
	err = pci_unit_decode(text, len, (uint8_t)(phys->hi >> 16), back);
	assert(!err);
	assert((back->hi & PCI_PHYS_FUNCTION) == (phys->hi & PCI_PHYS_FUNCTION));
	assert(PCI_PHYS_SPACE(back->hi) == PCI_PHYS_SPACE(phys->hi));
	(void)pci_unit_encode(back, again, sizeof(again));
	assert(!strcmp(text, again));
}

static void check_text(const uint8_t *data, size_t size)
{
	struct pci_phys phys, back;
	size_t len = size - 1;
	char *text = malloc(len ? len : 1); /* of its own size: ASan sees the end */

	assert(text);
	memcpy(text, data + 1, len);
	if (!pci_unit_decode(text, len, data[0], &phys)) {
		assert((phys.hi & 0x1c000000) == 0);
		assert((phys.hi >> 16 & 0xff) == data[0]);
		assert(PCI_PHYS_SPACE(phys.hi) == PCI_SPACE_MEM64 || phys.mid == 0);
		there_and_back(&phys, &back);
		assert(same(&phys, &back));
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pci_phys phys, back;

	if (size > 0)
		check_text(data, size);
	if (size >= 12) {
		phys = (struct pci_phys){get_be32(data), get_be32(data + 4), get_be32(data + 8)};
		there_and_back(&phys, &back);
	}
	return 0;
}
