/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * THE table of PCI drivers. The first row that matches a function's ids or class binds it: the node
 * becomes a package, the hardware is not touched before somebody opens it. What is bound is kept for
 * ever, even when its node goes, because whoever started the device may still have to stop it.
 */
#include "board.h"

#include "mmio.h"
#include "pci-drivers.h"

#include "ahci/ahci.h"
#include "base/err.h"
#include "base/heap.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "e1000/e1000.h"
#include "megasas/megasas.h"
#include "mpt/mpt.h"
#include "nvme/nvme.h"
#include "of/block.h"
#include "of/drives.h"
#include "of/machine.h"
#include "of/method.h"
#include "of/net.h"
#include "of/scsi.h"
#include "of/usb.h"
#include "pci/dev.h"
#include "usb/hcd.h"
#include "virtio/blk.h"
#include "virtio/net.h"
#include "virtio/scsi.h"

struct bound {
	struct bound *next; /* all there are */
	const struct pci_driver *driver;
	struct pci_dev dev;
	void *priv;                 /* the driver's */
	struct drive_source drives; /* of a controller with several */
};

struct pci_driver {
	const char *name;
	uint16_t vendor;           /* 0: matched by class */
	uint16_t device[4];        /* 0: none */
	uint32_t class_code, mask; /* of 24 bits; mask 0: matched by ids */
	void (*bind)(struct bound *b);
	int (*start_block)(struct bound *b, struct blkdev **bd);
	int (*start_net)(const struct pci_dev *dev, struct netdev **nd);
};

#define CLASS_OHCI 0x0c0310u
#define CLASS_EHCI 0x0c0320u
#define CLASS_XHCI 0x0c0330u

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
	const struct block_source source = {start_block, b, b->driver->name, NULL};

	of_bind_block(b->dev.node, &source);
	add_alias("disk", b->dev.node);
}

static int start_net(void *ctx, struct netdev **nd)
{
	struct bound *b = ctx;
	int err = refresh(b);

	return err ? err : b->driver->start_net(&b->dev, nd);
}

static void bind_net(struct bound *b)
{
	const struct net_source source = {start_net, b, b->driver->name};

	of_bind_net(b->dev.node, &source);
}

/* ---- the drivers ---- */

static int start_virtio_blk(struct bound *b, struct blkdev **bd)
{
	return virtio_blk_start(&b->dev, bd);
}

static int start_virtio_scsi(void *ctx, struct scsi_host **host)
{
	struct bound *b = ctx;
	int err = refresh(b);

	return err ? err : virtio_scsi_start(&b->dev, host);
}

static void bind_virtio_scsi(struct bound *b)
{
	const struct scsi_source source = {start_virtio_scsi, b, b->driver->name, false};

	of_bind_scsi(b->dev.node, &source);
}

static int start_megasas(void *ctx, struct scsi_host **host)
{
	struct bound *b = ctx;
	int err = refresh(b);

	return err ? err : megasas_start(&b->dev, host);
}

static int start_mpt(void *ctx, struct scsi_host **host)
{
	struct bound *b = ctx;
	int err = refresh(b);

	return err ? err : mpt_start(&b->dev, host);
}

static void bind_mpt(struct bound *b)
{
	const struct scsi_source source = {start_mpt, b, b->driver->name, false};

	of_bind_scsi_channel(b->dev.node, &source);
}

static void bind_megasas(struct bound *b)
{
	const struct scsi_source source = {start_megasas, b, b->driver->name, false};

	of_bind_scsi_channel(b->dev.node, &source);
}

static int get_nvme(struct bound *b, struct nvme **out)
{
	struct nvme *nvme = b->priv;
	int err = refresh(b);

	if (!err && !nvme)
		err = nvme_new(&b->dev, &nvme);
	b->priv = *out = nvme;
	return err;
}

static int start_nvme(struct bound *b, struct blkdev **bd)
{
	struct nvme *nvme;
	int err = get_nvme(b, &nvme);

	return err ? err : nvme_open(nvme, 0, bd);
}

static int start_namespace(void *ctx, uint32_t id, struct blkdev **bd)
{
	struct nvme *nvme;
	int err = get_nvme(ctx, &nvme);

	return err ? err : nvme_open(nvme, id, bd);
}

/* Ids begin with 1, and the controller is asked for those above one. */
static int next_namespace(void *ctx, uint32_t from, struct drive *out)
{
	struct nvme *nvme;
	int err = get_nvme(ctx, &nvme);

	out->is_cdrom = false;
	return err ? err : nvme_next_namespace(nvme, from ? from - 1 : 0, &out->number);
}

#define NAMESPACE "namespace" /* as firmware of other machines of this kind calls them */

/*
 * The controller's node is its first namespace, as QEMU's boot list has it, and so is a child without a unit
 * address: powerpc-utils' ofpathname (1.3.10, seen) looks there how the others are called before anybody asked
 * for them.
 */
static void bind_nvme(struct bound *b)
{
	const struct block_source source = {start_block, b, b->driver->name, &b->drives};
	const struct block_source first = {start_block, b, b->driver->name, NULL};

	b->drives = (struct drive_source){.next = next_namespace,
					  .start = start_namespace,
					  .ctx = b,
					  .driver = b->driver->name,
					  .name = NAMESPACE,
					  .first_is_self = true};
	of_bind_block(b->dev.node, &source);
	of_bind_block(dt_child_get(of_tree(), b->dev.node, NAMESPACE), &first);
	add_alias("disk", b->dev.node);
}

static int get_ahci(struct bound *b, struct ahci **out)
{
	struct ahci *ahci = b->priv;
	int err = refresh(b);

	if (!err && !ahci)
		err = ahci_new(&b->dev, &ahci);
	b->priv = *out = ahci;
	return err;
}

static int next_port(void *ctx, uint32_t from, struct drive *out)
{
	struct ahci *ahci;
	int err = get_ahci(ctx, &ahci);

	return err ? err : ahci_next_drive(ahci, from, &out->number, &out->is_cdrom);
}

static int start_port(void *ctx, uint32_t port, struct blkdev **bd)
{
	struct ahci *ahci;
	int err = get_ahci(ctx, &ahci);

	return err ? err : ahci_open(ahci, port, bd);
}

static void bind_ahci(struct bound *b)
{
	const struct drive_source source = {.next = next_port,
					    .start = start_port,
					    .ctx = b,
					    .driver = b->driver->name,
					    .name = "drive"};

	of_bind_drives(b->dev.node, &source);
}

/* Which of the three kinds it is, the class code says. */
static int start_usb(void *ctx, struct usb **usb)
{
	struct bound *b = ctx;
	int err = refresh(b);

	if (err)
		return err;
	switch (b->driver->class_code) {
	case CLASS_OHCI:
		return usb_ohci_start(&b->dev, usb);
	case CLASS_EHCI:
		return usb_ehci_start(&b->dev, usb);
	default:
		return usb_xhci_start(&b->dev, usb);
	}
}

static void bind_usb(struct bound *b)
{
	const struct usb_source source = {start_usb, b, b->driver->name};

	of_bind_usb(b->dev.node, &source);
}

/* clang-format off */
static const struct pci_driver drivers[] = {
	/* name        vendor  devices            class     mask      bind       start: block, net */
	{"virtio-blk", 0x1af4, {0x1001, 0x1042},  0,        0,        bind_disk, start_virtio_blk, NULL},
	{"virtio-scsi", 0x1af4, {0x1004, 0x1048}, 0,        0,        bind_virtio_scsi, NULL, NULL},
	{"virtio-net", 0x1af4, {0x1000, 0x1041},  0,        0,        bind_net,  NULL, virtio_net_start},
	{"e1000",      0x8086, {0x100e, 0x100f, 0x1008, 0x10d3}, 0, 0, bind_net, NULL, e1000_start},
	{"megasas",    0x1000, {0x0060, 0x0079},  0,        0,        bind_megasas, NULL, NULL},
	{"mptsas",     0x1000, {0x0054},          0,        0,        bind_mpt,  NULL, NULL},
	{"nvme",       0,      {0},               0x010802, 0xffffff, bind_nvme, start_nvme, NULL},
	{"ahci",       0,      {0},               0x010601, 0xffffff, bind_ahci, NULL, NULL},
	{"ohci",       0,      {0},             CLASS_OHCI, 0xffffff, bind_usb,  NULL, NULL},
	{"ehci",       0,      {0},             CLASS_EHCI, 0xffffff, bind_usb,  NULL, NULL},
	{"xhci",       0,      {0},             CLASS_XHCI, 0xffffff, bind_usb,  NULL, NULL},
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
	for (unsigned i = 0; i < ARRAY_SIZE(d->device); i++)
		if (device == d->device[i])
			return true;
	return false;
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

static struct bound *all_bound;

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
	b->next = all_bound;
	all_bound = b;
	driver->bind(b);
}

void pci_bind_below(struct dt_node *top, const struct bus *bus, const struct dma *dma)
{
	for (struct dt_node *node = top; (node = dt_next(top, node));)
		pci_bind_node(node, bus, dma);
}
