/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The package of a USB keyboard: what was typed, as a terminal would send it. It starts at its first
 * open, and stops with its controller; reading never waits.
 */
#define LOG_TAG "usb"
#include "of/usb.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "of/machine.h"
#include "of/memory.h"
#include "of/method.h"

#include "class-usb.h"
#include "of-priv.h"

#define NOTHING_WAITS ((cell_t)-2) /* IEEE 1275 3.8.3 */

/* One bound node. */
struct of_keyboard {
	struct of_keyboard *next; /* all there are */
	struct usb_dev *dev;      /* NULL: its controller stopped */
	struct condev *keys;      /* NULL: not started */
	char held[16];            /* looked at, not taken */
	size_t n;
};

static struct of_keyboard *keyboards;

static int keyboard_open(struct instance *in)
{
	struct of_keyboard *k = in->data;

	if (!k->dev)
		return E_PERM;
	return k->keys ? 0 : usb_keyboard_start(k->dev, &k->keys);
}

static struct of_keyboard *fill(struct instance *in)
{
	struct of_keyboard *k = in ? in->data : NULL;

	if (k && k->keys && k->n == 0)
		k->n = condev_read(k->keys, k->held, sizeof(k->held));
	return k;
}

static int m_read(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t len = arg_pop(st), addr = arg_pop(st);
	char *buf = mem_pointer(addr, len);
	struct of_keyboard *k;
	size_t n = 0;

	if (!buf)
		return E_RANGE;
	k = fill(in);
	if (k) {
		n = k->n < len ? k->n : (size_t)len;
		memcpy(buf, k->held, n);
		k->n -= n;
		memmove(k->held, k->held + n, k->n);
	}
	arg_push(st, n > 0 || len == 0 ? n : NOTHING_WAITS);
	return 0;
}

static int m_available(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	const struct of_keyboard *k = fill(in);

	arg_push(st, k && k->n > 0 ? (cell_t)-1 : 0);
	return 0;
}

static const struct method methods[] = {
	{"read", "( addr len -- actual )", m_read},
	{"key-available?", "( -- flag )", m_available},
	{NULL, NULL, NULL},
};

static const struct pkg_class class_keyboard = {
	.device_type = "keyboard",
	.open = keyboard_open,
	.methods = methods,
};

void keyboard_bind(struct dt_node *node, struct usb_dev *dev)
{
	struct of_keyboard *k = xalloc(sizeof(*k));

	k->dev = dev;
	k->next = keyboards;
	keyboards = k;
	of_bind(node, &class_keyboard, k);
}

void keyboards_stop(const struct usb *usb)
{
	for (struct of_keyboard *k = keyboards; k; k = k->next) {
		if (!k->dev || k->dev->usb != usb)
			continue;
		if (k->keys)
			usb_keyboard_free(k->keys);
		k->keys = NULL;
		k->dev = NULL;
	}
}

void keyboards_reset(void)
{
	while (keyboards) {
		struct of_keyboard *k = keyboards;

		keyboards = k->next;
		heap_free(k);
	}
}
