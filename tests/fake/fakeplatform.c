/* SPDX-License-Identifier: BSD-2-Clause */
/* A board for tests. */
#include "fakeplatform.h"

#include <stdio.h>
#include <string.h>

#include "dt/cells.h"
#include "dt/prop.h"
#include "fakeram.h"

struct fakeplatform fakeplatform;
struct fakecon fakecon;

/* ---- the platform --------------------------------------------------------------------------- */

static void fake_power_off(void)
{
	fakeplatform.power_offs++;
}

static void fake_reboot(void)
{
	fakeplatform.reboots++;
}

static void fake_exit(void)
{
	fakeplatform.exits++;
}

static void fake_quiesce(void)
{
	fakeplatform.quiesces++;
}

static int fake_start_cpu(uint32_t server, uint64_t entry, uint64_t r3)
{
	fakeplatform.cpu.server = server;
	fakeplatform.cpu.entry = entry;
	fakeplatform.cpu.r3 = r3;
	return fakeplatform.cpu.result;
}

static void fake_chain(uint64_t entry, uint64_t args, uint64_t len)
{
	fakeplatform.chains++;
	fakeplatform.chain.entry = entry;
	fakeplatform.chain.args = args;
	fakeplatform.chain.len = len;
}

static int fake_run(const struct client_image *image)
{
	fakeplatform.run.count++;
	fakeplatform.run.image = *image;
	snprintf(fakeplatform.run.args, sizeof(fakeplatform.run.args), "%s", image->args);
	fakeplatform.run.image.args = NULL;
	if (fakeplatform.run.act)
		fakeplatform.run.act();
	return fakeplatform.run.result;
}

static int fake_callback(uint64_t func, uint64_t array, int32_t *rc)
{
	fakeplatform.callback.count++;
	fakeplatform.callback.func = func;
	fakeplatform.callback.array = array;
	if (fakeplatform.callback.act)
		fakeplatform.callback.act(array);
	*rc = fakeplatform.callback.rc;
	return fakeplatform.callback.result;
}

static bool fake_is_gone(void)
{
	return fakeplatform.gone;
}

static const struct platform platform = {
	.version = "Espalier 1.2.3-test",
	.power_off = fake_power_off,
	.reboot = fake_reboot,
	.start_cpu = fake_start_cpu,
	.client_exit = fake_exit,
	.quiesce = fake_quiesce,
	.client_run = fake_run,
	.client_chain = fake_chain,
	.client_callback = fake_callback,
	.client_is_gone = fake_is_gone,
};

/* ---- the console ---------------------------------------------------------------------------- */

static size_t con_write(struct condev *dev, const char *text, size_t len)
{
	struct fakecon *con = container_of(dev, struct fakecon, dev);

	for (size_t i = 0; i < len; i++) {
		con->sent[con->sent_len] = text[i];
		con->sent_len = (con->sent_len + 1) % (sizeof(con->sent) - 1);
	}
	con->sent[con->sent_len] = 0;
	return len;
}

static size_t con_read(struct condev *dev, char *buf, size_t room)
{
	struct fakecon *con = container_of(dev, struct fakecon, dev);
	size_t n = 0;

	while (n < room && con->input && *con->input)
		buf[n++] = *con->input++;
	return n;
}

static const struct condev_ops con_ops = {con_write, con_read};

/* ---- the tree ------------------------------------------------------------------------------- */

static struct dt_node *add(struct dt_node *parent, const char *name, const char *type)
{
	struct dt_node *node = dt_node_new(of_tree(), parent, name, DT_FROM_FDT);

	if (type)
		dt_prop_set_str(node, "device_type", type);
	return node;
}

static void add_memory(const char *name, uint64_t addr, uint64_t size)
{
	struct dt_node *node = add(of_tree()->root, name, "memory");
	struct dt_cells c = dt_cells_new(4);

	dt_cells_u64(&c, addr);
	dt_cells_u64(&c, size);
	dt_cells_set(&c, node, "reg");
}

static void add_cpu(struct dt_node *cpus, const char *name, uint32_t reg)
{
	struct dt_node *node = add(cpus, name, "cpu");

	dt_prop_set_u32(node, "reg", reg);
	dt_prop_set_u64(node, "ibm,ppc-interrupt-server#s", (uint64_t)reg << 32 | (reg + 1));
}

static void make_tree(void)
{
	struct dt_node *root, *node;

	dt_tree_init(of_tree());
	root = of_tree()->root;
	dt_prop_set_u32(root, "#address-cells", 2);
	dt_prop_set_u32(root, "#size-cells", 2);
	node = add(root, "chosen", NULL);
	dt_prop_set_str(node, "bootargs", "quiet");
	dt_prop_set_str(node, "stdout-path", "/vdevice/vty@71000000");
	node = add(root, "cpus", NULL);
	add_cpu(node, "PowerPC,POWER9@0", 0);
	add_cpu(node, "PowerPC,POWER9@8", 8);
	add_memory("memory@0", 0, FAKERAM_BYTES / 2);
	add_memory("memory@2000000", FAKERAM_BYTES / 2, FAKERAM_BYTES / 2);
	node = add(root, "vdevice", "vdevice");
	of_bind_console(add(node, "vty@71000000", "serial"), &fakecon.dev);
	add(node, "l-lan@71000001", "network");
	node = add(root, "pci@800000020000000", "pci");
	node = add(node, "pci@1,2", "pci");
	add(node, "scsi@0", "block");
}

void fakeplatform_start(enum fakeplatform_extent extent)
{
	memset(&fakeplatform, 0, sizeof(fakeplatform));
	fakecon = (struct fakecon){.dev = {&con_ops}};
	fakeram_init(256);
	of_init(&platform);
	make_tree();
	if (extent == FAKE_COMPLETE) {
		of_standard_nodes();
		of_open_console(NULL);
	}
}

void fakeplatform_stop(void)
{
	instance_forget_node(of_tree()->root);
	dt_tree_free(of_tree());
	of_init(&platform);
}
