/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Typed access to configuration space. The bus leaves the value alone when an access fails, so every
 * read starts from all ones: what a missing function reads as on real hardware. Callers thus have one
 * case to think of, not two.
 */
#include "pci/pci.h"

static uint32_t read_or_ones(const struct bus *bus, pci_bdf bdf, uint16_t reg, uint8_t size)
{
	uint32_t v = UINT32_MAX;

	if (bus->ops->cfg_read(bus->ctx, bdf, reg, size, &v))
		return UINT32_MAX;
	return v;
}

uint8_t pci_cfg_read8(const struct bus *bus, pci_bdf bdf, uint16_t reg)
{
	return (uint8_t)read_or_ones(bus, bdf, reg, 1);
}

uint16_t pci_cfg_read16(const struct bus *bus, pci_bdf bdf, uint16_t reg)
{
	return (uint16_t)read_or_ones(bus, bdf, reg, 2);
}

uint32_t pci_cfg_read32(const struct bus *bus, pci_bdf bdf, uint16_t reg)
{
	return read_or_ones(bus, bdf, reg, 4);
}

int pci_cfg_write8(const struct bus *bus, pci_bdf bdf, uint16_t reg, uint8_t value)
{
	return bus->ops->cfg_write(bus->ctx, bdf, reg, 1, value);
}

int pci_cfg_write16(const struct bus *bus, pci_bdf bdf, uint16_t reg, uint16_t value)
{
	return bus->ops->cfg_write(bus->ctx, bdf, reg, 2, value);
}

int pci_cfg_write32(const struct bus *bus, pci_bdf bdf, uint16_t reg, uint32_t value)
{
	return bus->ops->cfg_write(bus->ctx, bdf, reg, 4, value);
}
