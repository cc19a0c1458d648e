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

bool of_add_drives(struct dt_node *node, const struct drive_source *source)
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
	if (err && err != E_NOENT)
		log_warn("%s: %s does not start: %s", node->name, source->driver, err_text(err));
	if (n > 0 && !dt_prop_find(node, "#address-cells")) {
		dt_prop_set_u32(node, "#address-cells", 1);
		dt_prop_set_u32(node, "#size-cells", 0);
	}
	return n > 0;
}

static bool controller_populate(struct dt_node *node)
{
	struct controller *c = of_data(node);

	if (c->scanned || of_is_quiesced())
		return false;
	c->scanned = true;
	return of_add_drives(node, &c->source);
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
