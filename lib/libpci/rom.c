/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expansion ROMs: finding FCode in a chain of images, and reading it from a device. ROM reads are slow,
 * so only headers are read on the way, and then the FCode alone. While a ROM is enabled some devices
 * decode nothing else properly, so their other decoders are off for that time.
 */
#include "pci/rom.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "dt/translate.h"
#include "pci/regs.h"

enum {
	HEADER = 0x1a, /* 55 aa, FCode at 2, data structure at 18 */
	DATA = 0x16,   /* as far as we look into the data structure */
	BLOCK = 512,
	IMAGES = 64,
	OPEN_FIRMWARE = 1,
	LAST = 0x80,
	ROM_MAX = 1 << 24,
	FCODE_MAX = 1 << 20,
};

static void get(const struct pci_rom *rom, uint32_t at, uint8_t *to, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		to[i] = rom->get(rom->ctx, at + i);
}

static bool fits(uint32_t size, uint32_t at, uint32_t len)
{
	return at <= size && len <= size - at;
}

struct image {
	uint32_t at, len;
	uint16_t fcode, vendor, device;
	uint8_t type;
	bool last;
};

static int read_image(const struct pci_rom *rom, uint32_t at, struct image *out)
{
	uint8_t h[HEADER], d[DATA];
	uint32_t data;

	if (!fits(rom->size, at, HEADER))
		return E_FORMAT;
	get(rom, at, h, HEADER);
	data = get_le16(h + 0x18);
	if (h[0] != 0x55 || h[1] != 0xaa || !fits(rom->size - at, data, DATA))
		return E_FORMAT;
	get(rom, at + data, d, DATA);
	out->len = get_le16(d + 0x10) * (uint32_t)BLOCK;
	if (get_be32(d) != 0x50434952 || out->len == 0 || !fits(rom->size, at, out->len))
		return E_FORMAT;
	out->at = at;
	out->fcode = get_le16(h + 2);
	out->vendor = get_le16(d + 4);
	out->device = get_le16(d + 6);
	out->type = d[0x14];
	out->last = d[0x15] & LAST;
	return 0;
}

static bool is_for(uint16_t image, uint16_t function)
{
	return image == 0xffff || image == function;
}

/* The FCode's own header says how long it is. */
static int measure(const struct pci_rom *rom, const struct image *im, struct pci_rom_fcode *out)
{
	uint8_t h[8];
	uint32_t len;

	if (!fits(im->len, im->fcode, sizeof(h)))
		return E_FORMAT;
	get(rom, im->at + im->fcode, h, sizeof(h));
	len = get_be32(h + 4);
	if (len <= sizeof(h) || !fits(im->len, im->fcode, len))
		return E_FORMAT;
	*out = (struct pci_rom_fcode){im->at, im->at + im->fcode, len};
	return 0;
}

int pci_rom_find(const struct pci_rom *rom, uint16_t vendor, uint16_t device,
		 struct pci_rom_fcode *out)
{
	struct image im = {0};

	for (unsigned i = 0; i < IMAGES; i++) {
		int err = read_image(rom, im.at + im.len, &im);

		if (err)
			return err;
		if (im.type == OPEN_FIRMWARE && is_for(im.vendor, vendor) &&
		    is_for(im.device, device))
			return measure(rom, &im, out);
		if (im.last)
			return E_NOENT;
	}
	return E_FORMAT;
}

/* ---- a device's ROM ---- */

static uint8_t get_mmio(void *ctx, uint32_t offset)
{
	return pci_read8(ctx, offset);
}

/* The assigned address of the ROM, as the function and as the CPU see it. */
static int find_rom(const struct pci_dev *dev, uint32_t *base, struct pci_bar *out)
{
	struct dt_reader r = dt_read(dev->node, "assigned-addresses");

	while (r.left && !r.short_of) {
		uint32_t hi = dt_read_u32(&r);
		uint64_t addr = dt_read_u64(&r), size = dt_read_u64(&r), cpu;

		if ((hi & 0xff) != PCI_ROM || size == 0 || r.short_of)
			continue;
		if (addr > UINT32_MAX || !dev->node->parent ||
		    dt_translate(dev->node->parent, hi, addr, size, &cpu) != 0)
			return E_RANGE;
		*base = (uint32_t)addr;
		*out = (struct pci_bar){dev->bus, cpu, size, false};
		return 0;
	}
	return E_NOENT;
}

static int copy(const struct pci_dev *dev, struct pci_bar *bar, uint8_t **fcode, uint32_t *len,
		uint32_t *image)
{
	struct pci_rom rom = {get_mmio, bar, bar->size > ROM_MAX ? ROM_MAX : (uint32_t)bar->size};
	uint16_t vendor = (uint16_t)dt_prop_u32_or(dev->node, "vendor-id", 0);
	uint16_t device = (uint16_t)dt_prop_u32_or(dev->node, "device-id", 0);
	struct pci_rom_fcode f;
	uint8_t *bytes;
	int err = pci_rom_find(&rom, vendor, device, &f);

	if (err)
		return err;
	if (f.len > FCODE_MAX)
		return E_RANGE;
	bytes = try_alloc(f.len);
	if (!bytes)
		return E_NOMEM;
	get(&rom, f.offset, bytes, f.len);
	*fcode = bytes;
	*len = f.len;
	*image = f.image;
	return 0;
}

int pci_rom_load(const struct pci_dev *dev, uint8_t **fcode, uint32_t *len, uint32_t *image)
{
	uint16_t command = pci_cfg_read16(dev->bus, dev->bdf, PCI_COMMAND);
	struct pci_bar bar;
	uint32_t base;
	int err = find_rom(dev, &base, &bar);

	if (err || command == UINT16_MAX)
		return err ? err : E_IO;
	(void)pci_cfg_write16(dev->bus, dev->bdf, PCI_COMMAND, 0);
	(void)pci_cfg_write32(dev->bus, dev->bdf, PCI_ROM, base | 1);
	(void)pci_cfg_write16(dev->bus, dev->bdf, PCI_COMMAND, PCI_COMMAND_MEM);
	err = copy(dev, &bar, fcode, len, image);
	(void)pci_cfg_write16(dev->bus, dev->bdf, PCI_COMMAND, 0);
	(void)pci_cfg_write32(dev->bus, dev->bdf, PCI_ROM, base);
	(void)pci_cfg_write16(dev->bus, dev->bdf, PCI_COMMAND, command);
	return err;
}
