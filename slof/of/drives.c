/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The drives of a controller, found by asking it once. Each starts by itself at its first open, and the
 * controller with it: nothing of this module runs.
 */
#define LOG_TAG "disk"
#include "of/drives.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/block.h"
#include "of/machine.h"
#include "of/method.h"

#include "of-priv.h"
#include "reason-priv.h"

/* One child node. */
struct child {
	struct child *next; /* all there are */
	const struct drive_source *source;
	uint32_t number;
};

/* A node bound as controller. */
struct controller {
	struct controller *next; /* all there are */
	struct drive_source source;
	bool scanned;
	int err; /* of the scan */
};

static struct child *children;
static struct controller *controllers;

static int child_start(void *ctx, struct blkdev **bd)
{
	const struct child *c = ctx;

	return c->source->start(c->source->ctx, c->number, bd);
}

static void add_child(struct dt_node *node, const struct drive_source *source,
		      const struct drive *drive, bool with_alias)
{
	struct child *c = xalloc(sizeof(*c));
	struct block_source block = {.start = child_start, .ctx = c, .driver = source->driver};
	char name[48], *path;
	struct strbuf sb = strbuf_on(name, sizeof(name));
	struct dt_node *made;

	*c = (struct child){children, source, drive->number};
	children = c;
	strbuf_printf(&sb, "%s@%x", source->name, drive->number);
	made = dt_child_get(of_tree(), node, name);
	dt_prop_set_u32(made, "reg", drive->number);
	of_bind_block(made, &block);
	if (!with_alias)
		return;
	path = xalloc(dt_path_of(made, NULL, 0) + 1);
	dt_path_of(made, path, dt_path_of(made, NULL, 0) + 1);
	of_alias(drive->is_cdrom ? "cdrom" : "disk", path);
	heap_free(path);
}

static void tell_silent(const struct dt_node *node, const struct drive_source *source, int err)
{
	size_t len = dt_path_of(node, NULL, 0);
	char *path = xalloc(len + 1);

	dt_path_of(node, path, len + 1);
	tell_warn(path, NULL, "%s does not start: %s", source->driver, err_text(err));
	heap_free(path);
}

/* 0, or why not all were found. */
static int add_drives(struct dt_node *node, const struct drive_source *source, unsigned *count)
{
	unsigned n = 0;
	struct drive drive;
	uint32_t from = 0;
	int err;

	while ((err = source->next(source->ctx, from, &drive)) == 0) {
		add_child(node, source, &drive, n++ > 0 || !source->first_is_self);
		if (drive.number == UINT32_MAX)
			break;
		from = drive.number + 1;
	}
	err = err == E_NOENT ? 0 : err;
	if (err)
		tell_silent(node, source, err);
	if (n > 0 && !dt_prop_find(node, "#address-cells")) {
		dt_prop_set_u32(node, "#address-cells", 1);
		dt_prop_set_u32(node, "#size-cells", 0);
	}
	*count = n;
	return err;
}

bool of_add_drives(struct dt_node *node, const struct drive_source *source)
{
	unsigned n;

	(void)!add_drives(node, source, &n);
	return n > 0;
}

/* One that failed is not asked again, but each attempt at a drive of its own says why there is none. */
static bool controller_populate(struct dt_node *node)
{
	struct controller *c = of_data(node);
	unsigned n;

	if (c->scanned && c->err && reason_is_wanted())
		tell_silent(node, &c->source, c->err);
	if (c->scanned || of_is_quiesced())
		return false;
	c->scanned = true;
	c->err = add_drives(node, &c->source, &n);
	return n > 0;
}

static const struct pkg_class class_drives = {.populate = controller_populate};

void of_bind_drives(struct dt_node *node, const struct drive_source *source)
{
	struct controller *c = xalloc(sizeof(*c));

	c->source = *source;
	c->next = controllers;
	controllers = c;
	of_bind(node, &class_drives, c);
}

void drives_reset(void)
{
	while (children) {
		struct child *c = children;

		children = c->next;
		heap_free(c);
	}
	while (controllers) {
		struct controller *c = controllers;

		controllers = c->next;
		heap_free(c);
	}
}
