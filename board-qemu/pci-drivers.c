/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * THE table of PCI drivers. The first row that matches a function's ids or class binds it: the node
 * becomes a package, the hardware is not touched before somebody opens it. What is bound is kept for
 * ever, even when its node goes, because whoever started the device may still have to stop it.
 */
#include "board.h"

#include "mmio.h"
#include "pci-drivers.h"

#include "base/err.h"
#include "base/heap.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "nvme/nvme.h"
#include "of/block.h"
#include "of/machine.h"
#include "of/method.h"
#include "pci/dev.h"
#include "virtio/blk.h"

struct bound {
	const struct pci_driver *driver;
	struct pci_dev dev;
	void *priv; /* the driver's */
};

struct pci_driver {
	const char *name;
	uint16_t vendor;           /* 0: matched by class */
	uint16_t device[2];        /* 0: none */
	uint32_t class_code, mask; /* of 24 bits; mask 0: matched by ids */
	void (*bind)(struct bound *b);
	int (*start_block)(struct bound *b, struct blkdev **bd);
};

/* ---- kinds of drivers ---- */

/* Buses may have got other numbers since the node was bound. */
static int refresh(struct bound *b)
{
	struct pci_dev now;
	int err = pci_dev_init(&now, b->dev.node, b->dev.bus, b->dev.dma, b->dev.direct);

	if (!err)
		b->dev = now;
	return err;
}

static void add_alias(const char *name, const struct dt_node *node)
{
	size_t room = dt_path_of(node, NULL, 0) + 1;
	char *path = xalloc(room);

	dt_path_of(node, path, room);
	of_alias(name, path);
	heap_free(path);
}

static int start_block(void *ctx, struct blkdev **bd)
{
	struct bound *b = ctx;
	int err = refresh(b);

	return err ? err : b->driver->start_block(b, bd);
}

static void bind_disk(struct bound *b)
{
	const struct block_source source = {start_block, b, b->driver->name};

	of_bind_block(b->dev.node, &source);
	add_alias("disk", b->dev.node);
}

/* ---- the drivers ---- */

static int start_virtio_blk(struct bound *b, struct blkdev **bd)
{
	return virtio_blk_start(&b->dev, bd);
}

static int start_nvme(struct bound *b, struct blkdev **bd)
{
	struct nvme *nvme = b->priv;
	int err = nvme ? 0 : nvme_new(&b->dev, &nvme);

	b->priv = nvme;
	return err ? err : nvme_open(nvme, 0, bd);
}

/* clang-format off */
static const struct pci_driver drivers[] = {
	/* name        vendor  devices            class     mask      bind       start */
	{"virtio-blk", 0x1af4, {0x1001, 0x1042},  0,        0,        bind_disk, start_virtio_blk},
	{"nvme",       0,      {0, 0},            0x010802, 0xffffff, bind_disk, start_nvme},
};
/* clang-format on */

/* ---- binding ---- */

static bool matches(const struct pci_driver *d, uint32_t vendor, uint32_t device,
		    uint32_t class_code)
{
	if (d->mask)
		return (class_code & d->mask) == d->class_code;
	if (vendor != d->vendor || device == 0)
		return false;
	return device == d->device[0] || device == d->device[1];
}

static const struct pci_driver *find_driver(const struct dt_node *node)
{
	uint32_t vendor = dt_prop_u32_or(node, "vendor-id", 0);
	uint32_t device = dt_prop_u32_or(node, "device-id", 0);
	uint32_t class_code = dt_prop_u32_or(node, "class-code", 0);

	for (unsigned i = 0; i < ARRAY_SIZE(drivers); i++)
		if (matches(&drivers[i], vendor, device, class_code))
			return &drivers[i];
	return NULL;
}

void pci_bind_node(struct dt_node *node, const struct bus *bus, const struct dma *dma)
{
	const struct pci_driver *driver = find_driver(node);
	struct bound *b;

	if (!driver || of_class(node))
		return;
	b = xalloc(sizeof(*b));
	b->driver = driver;
	if (pci_dev_init(&b->dev, node, bus, dma, &dma_direct)) {
		heap_free(b);
		return;
	}
	driver->bind(b);
}

void pci_bind_below(struct dt_node *top, const struct bus *bus, const struct dma *dma)
{
	for (struct dt_node *node = top; (node = dt_next(top, node));)
		pci_bind_node(node, bus, dma);
}
