/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices to boot from, without disks. */
#include "fakeboot.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeplatform.h"
#include "of/memory.h"

#include "../../slof/of/boot-priv.h"

static int boot_open(struct instance *in)
{
	struct fakeboot *dev = in->data;

	if (dev->open_error)
		return dev->open_error;
	dev->opens++;
	snprintf(dev->args, sizeof(dev->args), "%s", in->args);
	return 0;
}

static int boot_load(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	struct fakeboot *dev = in->data;

	dev->loads++;
	dev->addr = arg_pop(st);
	dev->room = of_load_room(dev->addr);
	if (dev->load_error)
		return dev->load_error;
	if (dev->len > dev->room)
		return E_NOSPC;
	if (dev->len)
		memcpy(ram_at(dev->addr, dev->len), dev->bytes, dev->len);
	if (dev->initrd) {
		uint64_t at = (dev->addr + dev->len + 4095) & -4096ull;

		memset(ram_at(at, dev->initrd), 'i', dev->initrd);
		dev->initrd_result = loader_keep_initrd(at + dev->initrd_off, dev->initrd);
	}
	arg_push(st, dev->result ? dev->result : dev->len);
	return 0;
}

static const struct method methods[] = {
	{"load", "( addr -- size )", boot_load},
	{NULL, NULL, NULL},
};
static const struct pkg_class class_boot = {
	.device_type = "block", .open = boot_open, .methods = methods};

void fakeboot_start(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	fakecon.sent_len = 0;
	fakecon.sent[0] = 0;
}

void fakeboot_stop(void)
{
	fakeplatform_stop();
}

struct dt_node *fakeboot_device(const char *path, const char *alias, struct fakeboot *device)
{
	struct dt_node *node = of_tree()->root;
	const char *p = path;

	while (*p) {
		size_t len = strcspn(++p, "/");
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)len, p);
		node = dt_child_get(of_tree(), node, name);
		p += len;
	}
	of_bind(node, &class_boot, device);
	if (alias)
		of_alias(alias, path);
	return node;
}

unsigned fakeboot_said(const char *text)
{
	unsigned n = 0;

	for (const char *p = fakecon.sent; (p = strstr(p, text)); p += strlen(text))
		n++;
	return n;
}

void fakeboot_chosen(const char *name, const char *text)
{
	dt_prop_set_str(dt_child_get(of_tree(), of_tree()->root, "chosen"), name, text);
}
