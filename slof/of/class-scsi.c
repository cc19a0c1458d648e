/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The package of a SCSI host. Its disks become nodes, once, when somebody first looks; each is a block
 * device of its own over the shared host. Hosts start before their disks and stop after them: quiesce
 * undoes things in reverse order.
 */
#define LOG_TAG "scsi"
#include "of/scsi.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/block.h"
#include "of/machine.h"
#include "of/memory.h"
#include "of/method.h"
#include "scsi/scsi.h"

#include "of-priv.h"
#include "reason-priv.h"

struct unit {
	struct unit *next;
	struct of_scsi *of;
	uint64_t address;
};

/* One bound node. */
struct of_scsi {
	struct of_scsi *next; /* all there are */
	struct scsi_source source;
	bool has_channel;
	char *name;             /* the path of its node */
	struct dt_node *node;   /* valid during a scan only */
	struct scsi_host *host; /* NULL: not started, or stopped */
	bool scanned;           /* or gone */
	int err;                /* it did not start */
	struct unit *units, **last;
	unsigned n_units;
	uint8_t *table; /* vscsi-report-luns'; NULL: nobody asked */
};

static struct of_scsi *hosts;

/* ---- the host's life -------------------------------------------------------------------- */

static void quiesce(void *arg)
{
	struct of_scsi *s = arg;

	scsi_host_stop(s->host);
	s->host = NULL;
}

static void tell_silent(const struct of_scsi *s)
{
	tell_warn(s->name, NULL, "%s does not start: %s", s->source.driver, err_text(s->err));
}

static int start(struct of_scsi *s)
{
	s->err = s->source.start(s->source.ctx, &s->host);
	if (s->err) {
		s->host = NULL;
		tell_silent(s);
		return s->err;
	}
	of_on_quiesce(quiesce, s);
	return 0;
}

static int unit_start(void *ctx, struct blkdev **bd)
{
	struct unit *u = ctx;

	return u->of->host ? scsi_disk_start(u->of->host, u->address, bd) : E_STALE;
}

/* ---- its disks -------------------------------------------------------------------------- */

static struct unit *add_unit(struct of_scsi *s, uint64_t address)
{
	struct unit *u = xalloc(sizeof(*u));

	*u = (struct unit){NULL, s, address};
	*s->last = u;
	s->last = &u->next;
	s->n_units++;
	return u;
}

/* Addresses of children have no size. */
static void set_cells(struct dt_node *node, uint32_t cells)
{
	if (!dt_prop_find(node, "#address-cells"))
		dt_prop_set_u32(node, "#address-cells", cells);
	if (!dt_prop_find(node, "#size-cells"))
		dt_prop_set_u32(node, "#size-cells", 0);
}

/* The node its disks hang below. */
static struct dt_node *parent_of_disks(const struct of_scsi *s)
{
	struct dt_node *channel;

	if (!s->has_channel)
		return s->node;
	channel = dt_child_get(of_tree(), s->node, "channel@0");
	dt_prop_set_u32(channel, "reg", 0);
	set_cells(channel, 2);
	return channel;
}

static struct dt_node *add_node(const struct of_scsi *s, uint64_t address)
{
	char name[32];
	struct strbuf sb = strbuf_on(name, sizeof(name));
	struct dt_node *node;

	strbuf_str(&sb, "disk@");
	if (s->has_channel)
		strbuf_printf(&sb, "%x,%x", (uint32_t)(address >> 32), (uint32_t)address);
	else
		strbuf_hex(&sb, address);
	node = dt_child_get(of_tree(), parent_of_disks(s), name);
	dt_prop_set_u64(node, "reg", address);
	return node;
}

static void add_alias(const char *base, const struct dt_node *node)
{
	size_t len = dt_path_of(node, NULL, 0);
	char *path = xalloc(len + 1);

	dt_path_of(node, path, len + 1);
	of_alias(base, path);
	heap_free(path);
}

static void found(void *ctx, uint64_t address, const struct scsi_identity *who)
{
	struct of_scsi *s = ctx;
	struct block_source source = {.start = unit_start, .driver = s->source.driver};
	struct dt_node *node;

	log_info("%s: unit %llx: type %u, %s", s->name, (unsigned long long)address, who->type,
		 who->about);
	if (!scsi_is_disk(who))
		return;
	source.ctx = add_unit(s, address);
	node = add_node(s, address);
	of_bind_block(node, &source);
	add_alias(who->type == SCSI_TYPE_CDROM ? "cdrom" : "disk", node);
}

static bool scsi_populate(struct dt_node *node)
{
	struct of_scsi *s = of_data(node);
	unsigned n;

	if (s->scanned && s->err && reason_is_wanted())
		tell_silent(s);
	if (s->scanned || of_is_quiesced())
		return false;
	s->scanned = true;
	if (start(s))
		return false;
	s->node = node;
	n = scsi_scan(s->host, found, s);
	log_info("%s: %u unit%s", s->name, n, n == 1 ? "" : "s");
	s->node = NULL;
	return s->n_units > 0;
}

/* ---- methods ---------------------------------------------------------------------------- */

/*
 * GRUB's way to find disks below nodes of type "vscsi": a table of n pointers of 64 bits, each to a list of
 * unit addresses that ends with 0. All units are in one list. The memory stays.
 */
static int m_report_luns(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	struct of_scsi *s = in ? in->data : NULL;
	size_t at = 8;

	if (!s)
		return E_INVAL;
	scsi_populate(in->node);
	if (!s->table)
		s->table = dma_alloc_pages(16 + 8 * (size_t)s->n_units, 4096);
	if (!s->table)
		return E_NOMEM;
	put_be64(s->table, ram_address(s->table) + at);
	for (const struct unit *u = s->units; u; u = u->next, at += 8)
		put_be64(s->table + at, u->address);
	put_be64(s->table + at, 0);
	arg_push(st, ram_address(s->table));
	arg_push(st, 1);
	return 0;
}

static const struct method scsi_methods[] = {
	{"vscsi-report-luns", "( -- table n )", m_report_luns},
	{NULL, NULL, NULL},
};

static const struct pkg_class class_scsi = {
	.methods = scsi_methods,
	.populate = scsi_populate,
};

static void set_properties(struct dt_node *node, bool has_channel)
{
	if (!dt_prop_find(node, "device_type"))
		dt_prop_set_str(node, "device_type", "scsi");
	set_cells(node, has_channel ? 1 : 2);
}

static void bind(struct dt_node *node, const struct scsi_source *source, bool has_channel)
{
	struct of_scsi *s = xalloc(sizeof(*s));
	size_t len = dt_path_of(node, NULL, 0);

	s->source = *source;
	s->has_channel = has_channel;
	s->last = &s->units;
	s->name = xalloc(len + 1);
	dt_path_of(node, s->name, len + 1);
	s->next = hosts;
	hosts = s;
	set_properties(node, has_channel);
	of_bind(node, &class_scsi, s);
	if (!source->no_alias)
		of_alias("scsi", s->name);
}

void of_bind_scsi(struct dt_node *node, const struct scsi_source *source)
{
	bind(node, source, false);
}

void of_bind_scsi_channel(struct dt_node *node, const struct scsi_source *source)
{
	bind(node, source, true);
}

void of_scsi_gone(struct dt_node *node)
{
	for (struct dt_node *n = node; n; n = dt_next(node, n)) {
		struct of_scsi *s = of_data(n);

		if (of_class(n) != &class_scsi)
			continue;
		if (s->host)
			log_info("%s: unplugged", s->name);
		quiesce(s);
		s->scanned = true; /* nobody looks there again */
	}
}

static void free_host(struct of_scsi *s)
{
	while (s->units) {
		struct unit *u = s->units;

		s->units = u->next;
		heap_free(u);
	}
	heap_free(s->name);
	heap_free(s);
}

void scsi_reset(void)
{
	while (hosts) {
		struct of_scsi *s = hosts;

		hosts = s->next;
		free_host(s);
	}
}
