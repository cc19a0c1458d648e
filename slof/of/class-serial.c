/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The package of a console device, and the one that stands in for a console where there is none. The
 * latter's read gives 0, the end of input, so that who waits for a key can tell the two apart.
 */
#include "of/memory.h"

#include "base/err.h"
#include "dev/condev.h"

#include "of-priv.h"

#define NOTHING_WAITS ((cell_t)-2) /* IEEE 1275 3.8.3 */

static int serial_write(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t len = arg_pop(st), addr = arg_pop(st);
	const char *text = mem_pointer(addr, len);

	if (!text)
		return E_RANGE;
	arg_push(st, in && in->data ? condev_write(in->data, text, len) : 0);
	return 0;
}

/* A client that reads stdin gets first what was typed before it came. */
static size_t read_device(struct instance *in, char *buf, size_t len)
{
	size_t n = console_is_stdin(in) ? keys_take(buf, len) : 0;

	return n > 0 ? n : condev_read(in->data, buf, len);
}

static int serial_read(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t len = arg_pop(st), addr = arg_pop(st);
	char *buf = mem_pointer(addr, len);
	size_t n = 0;

	if (!buf)
		return E_RANGE;
	if (in && in->data && len > 0)
		n = read_device(in, buf, len);
	arg_push(st, n > 0 || len == 0 ? n : NOTHING_WAITS);
	return 0;
}

/* Does the other side take a byte? One that a terminal does not show. */
static int serial_selftest(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	arg_push(st, in && in->data && condev_write(in->data, "\r", 1) == 1 ? 0 : 1);
	return 0;
}

static int null_write(struct instance *in UNUSED, struct stack *st,
		      const struct method *self UNUSED)
{
	uint64_t len = arg_pop(st);

	(void)arg_pop(st);
	arg_push(st, len);
	return 0;
}

static int null_read(struct instance *in UNUSED, struct stack *st, const struct method *self UNUSED)
{
	(void)arg_pop(st);
	(void)arg_pop(st);
	arg_push(st, 0);
	return 0;
}

static const struct method serial_methods[] = {
	{"write", "( addr len -- actual )", serial_write},
	{"read", "( addr len -- actual )", serial_read},
	{"selftest", "( -- 0|code )", serial_selftest},
	{NULL, NULL, NULL},
};

static const struct method null_methods[] = {
	{"write", "( addr len -- actual )", null_write},
	{"read", "( addr len -- actual )", null_read},
	{NULL, NULL, NULL},
};

const struct pkg_class class_serial = {.device_type = "serial", .methods = serial_methods};
const struct pkg_class class_null = {.methods = null_methods};
