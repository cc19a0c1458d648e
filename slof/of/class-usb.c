/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The package of a USB host controller. What is plugged in becomes nodes once, when somebody first looks:
 * hubs with what is behind them, mass storage as SCSI hosts, which look for their units themselves.
 * Names are those of QEMU's boot list: each device stands at the number of its port.
 */
#define LOG_TAG "usb"
#include "of/usb.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"
#include "of/method.h"
#include "of/scsi.h"

#include "class-usb.h"
#include "of-priv.h"
#include "reason-priv.h"

/* One bound node. */
struct of_usb {
	struct of_usb *next; /* all there are */
	struct usb_source source;
	char *name;      /* the path of its node */
	struct usb *usb; /* NULL: not started, or stopped */
	bool scanned;    /* or gone */
};

static struct of_usb *controllers;
static unsigned n_aliases;

static void quiesce(void *arg)
{
	struct of_usb *u = arg;

	keyboards_stop(u->usb);
	usb_stop(u->usb);
	u->usb = NULL;
}

/* ---- its devices ------------------------------------------------------------------------ */

static void set_cells(struct dt_node *node)
{
	if (dt_prop_find(node, "#address-cells"))
		return;
	dt_prop_set_u32(node, "#address-cells", 1);
	dt_prop_set_u32(node, "#size-cells", 0);
}

static int start_storage(void *ctx, struct scsi_host **host)
{
	struct usb_dev *dev = ctx;

	return usb_storage_start(dev, "usb-storage", host);
}

/*
 * NULL: the port has a device of that kind already, of another generation of USB behind the same
 * connector; the first one found keeps the name.
 */
static struct dt_node *add_node(struct dt_node *parent, const char *kind, const struct usb_dev *dev)
{
	char name[32];
	struct strbuf sb = strbuf_on(name, sizeof(name));
	struct dt_node *node;

	strbuf_printf(&sb, "%s@%x", kind, dev->port);
	node = dt_child_get(of_tree(), parent, name);
	if (dt_prop_find(node, "reg")) {
		log_warn("%s: there are two of %s", parent->name, name);
		return NULL;
	}
	dt_prop_set_u32(node, "reg", dev->port);
	dt_prop_set_u32(node, "vendor-id", dev->vendor);
	dt_prop_set_u32(node, "device-id", dev->product);
	return node;
}

static void add_storage(struct dt_node *parent, struct usb_dev *dev)
{
	struct scsi_source source = {start_storage, dev, "usb-storage", .no_alias = true};
	struct dt_node *node = add_node(parent, "storage", dev);

	if (node)
		of_bind_scsi(node, &source);
}

static void add_keyboard(struct dt_node *parent, struct usb_dev *dev)
{
	struct dt_node *node = add_node(parent, "usb-keyboard", dev);
	size_t room;
	char *path;

	if (!node)
		return;
	dt_prop_set_str(node, "language", "EN");
	keyboard_bind(node, dev);
	room = dt_path_of(node, NULL, 0) + 1;
	path = xalloc(room);
	dt_path_of(node, path, room);
	of_alias("keyboard", path);
	heap_free(path);
}

/* The depth of hubs is bounded by libusb. */
static bool add_devices(struct dt_node *parent, struct usb_dev *dev)
{
	bool any = false;

	for (; dev; dev = dev->next) {
		struct dt_node *node;

		if (dev->kind == USB_STORAGE) {
			add_storage(parent, dev);
		} else if (dev->kind == USB_KEYBOARD) {
			add_keyboard(parent, dev);
		} else if (dev->kind == USB_HUB) {
			node = add_node(parent, "hub", dev);
			if (node)
				set_cells(node);
			if (node)
				add_devices(node, dev->child);
		} else {
			continue;
		}
		any = true;
	}
	return any;
}

static bool usb_populate(struct dt_node *node)
{
	struct of_usb *u = of_data(node);
	int err;

	if (u->scanned || of_is_quiesced())
		return false;
	u->scanned = true;
	err = u->source.start(u->source.ctx, &u->usb);
	if (err) {
		u->usb = NULL;
		tell_warn(u->name, NULL, "%s does not start: %s", u->source.driver, err_text(err));
		return false;
	}
	of_on_quiesce(quiesce, u);
	return add_devices(node, usb_first(u->usb));
}

/* ---- binding ---------------------------------------------------------------------------- */

static const struct pkg_class class_usb = {.populate = usb_populate};

static void add_alias(const struct of_usb *u)
{
	char name[16];
	struct strbuf sb = strbuf_on(name, sizeof(name));

	strbuf_printf(&sb, "usb%u", n_aliases++);
	of_alias(name, u->name);
}

void of_bind_usb(struct dt_node *node, const struct usb_source *source)
{
	struct of_usb *u = xalloc(sizeof(*u));
	size_t len = dt_path_of(node, NULL, 0);

	u->source = *source;
	u->name = xalloc(len + 1);
	dt_path_of(node, u->name, len + 1);
	u->next = controllers;
	controllers = u;
	if (!dt_prop_find(node, "device_type"))
		dt_prop_set_str(node, "device_type", source->driver);
	set_cells(node);
	of_bind(node, &class_usb, u);
	add_alias(u);
}

void of_usb_gone(struct dt_node *node)
{
	for (struct dt_node *n = node; n; n = dt_next(node, n)) {
		struct of_usb *u = of_data(n);

		if (of_class(n) != &class_usb)
			continue;
		if (u->usb)
			log_info("%s: unplugged", u->name);
		quiesce(u);
		u->scanned = true; /* nobody looks there again */
	}
}

void usb_reset(void)
{
	n_aliases = 0;
	keyboards_reset();
	while (controllers) {
		struct of_usb *u = controllers;

		controllers = u->next;
		heap_free(u->name);
		heap_free(u);
	}
}
