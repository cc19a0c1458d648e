/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who talks to the user: the early console, which the board has before there is a tree, then the
 * instances in /chosen stdin and stdout. Our own text goes straight to the device behind stdout when
 * that is a console device, and through the package's write method otherwise. The handles are looked
 * up at every use, because a client may close what we opened. The variables input-device and
 * output-device, and the words input and output, name other devices than the host's choice.
 */
#define LOG_TAG "of"
#include "of/memory.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/env.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "of-priv.h"

static struct condev *early;
static uint32_t stdin_handle, stdout_handle;

void of_bind_console(struct dt_node *node, struct condev *con)
{
	of_bind(node, con ? &class_serial : &class_null, con);
}

void of_set_early_console(struct condev *con)
{
	early = con;
}

void console_reset(void)
{
	early = NULL;
	stdin_handle = stdout_handle = 0;
	keys_reset();
}

/* ---- opening ---------------------------------------------------------------------------- */

static bool can_talk(const struct instance *in)
{
	return method_find(in->node, "write", 5) && method_find(in->node, "read", 4);
}

/* Open a path twice, for input and for output. */
static int open_pair(const char *path, struct instance **in, struct instance **out)
{
	int err = instance_open(path, out);

	if (err)
		return err;
	err = can_talk(*out) ? instance_open(path, in) : E_UNSUPP;
	if (err)
		instance_close(*out);
	return err;
}

/* The console that exists always. */
static const char *null_console(void)
{
	struct dt_node *packages = dt_child_get(of_tree(), of_tree()->root, "packages");
	struct dt_node *node = dt_child_get(of_tree(), packages, "dev-null");

	of_bind(node, &class_null, NULL);
	return "/packages/dev-null";
}

static void open_first(const char *const *paths, unsigned n, struct instance **in,
		       struct instance **out)
{
	for (unsigned i = 0; i < n; i++) {
		int err = paths[i] ? open_pair(paths[i], in, out) : E_NOENT;

		if (!err) {
			log_info("console is %s", paths[i]);
			return;
		}
		if (paths[i])
			log_warn("console %s does not open: %s", paths[i], err_text(err));
	}
	log_info("no console");
	if (open_pair(null_console(), in, out))
		panic("console: no memory for instances");
}

void of_open_console(const char *default_path)
{
	struct dt_node *chosen = dt_child_get(of_tree(), of_tree()->root, "chosen");
	const char *paths[] = {dt_prop_get_str(chosen, "stdout-path"),
			       dt_prop_get_str(chosen, "linux,stdout-path"), default_path};
	struct instance *in, *out;

	open_first(paths, ARRAY_SIZE(paths), &in, &out);
	stdin_handle = in->ihandle;
	stdout_handle = out->ihandle;
	dt_prop_set_u32(chosen, "stdin", stdin_handle);
	dt_prop_set_u32(chosen, "stdout", stdout_handle);
	of_obey_console_variables();
}

/* ---- choosing another ------------------------------------------------------------------- */

/* Others read and write, too, but nobody would see it. */
static bool is_console(const struct dt_node *node, const char *method)
{
	static const char *const others[] = {"block", "byte", "network", "nvram"};
	const char *type = dt_prop_get_str(node, "device_type");

	for (unsigned i = 0; type && i < ARRAY_SIZE(others); i++)
		if (!strcmp(type, others[i]))
			return false;
	return method_find(node, method, strlen(method)) != NULL;
}

/* Open path in place of what a handle names; the old one is closed. */
static int replace(const char *path, const char *method, const char *property, uint32_t *handle)
{
	struct dt_node *chosen = dt_child_get(of_tree(), of_tree()->root, "chosen");
	struct instance *in, *old = instance_find(*handle);
	int err = instance_open(path, &in);

	if (err)
		return err;
	if (!is_console(in->node, method)) {
		instance_close(in);
		return E_UNSUPP;
	}
	*handle = in->ihandle;
	dt_prop_set_u32(chosen, property, in->ihandle);
	if (old && !old->inner)
		instance_close(old);
	return 0;
}

int of_set_input(const char *path)
{
	return replace(path, "read", "stdin", &stdin_handle);
}

int of_set_output(const char *path)
{
	return replace(path, "write", "stdout", &stdout_handle);
}

static void obey(const char *variable, int (*set)(const char *path))
{
	const char *path = env_get_str(variable);
	int err = path && *path ? set(path) : 0;

	if (err)
		log_warn("%s \"%s\" cannot be used: %s; the console stays as it is", variable, path,
			 err == E_NOENT    ? "there is no such device"
			 : err == E_UNSUPP ? "no console, or no driver for it"
					   : err_text(err));
}

void of_obey_console_variables(void)
{
	obey("input-device", of_set_input);
	obey("output-device", of_set_output);
}

/* ---- talking ---------------------------------------------------------------------------- */

/* The device behind an instance of the serial class. */
static struct condev *device_of(const struct instance *in)
{
	return in && in->cls == &class_serial ? in->data : NULL;
}

/* Through the package's own method, with a buffer of ours. Returns what the method left. */
static int64_t call_io(struct instance *in, const char *method, const void *buf, size_t len)
{
	cell_t cells[8] = {ram_address(buf), len};
	struct stack st = {cells, 2, ARRAY_SIZE(cells)};
	bool before = mem_distrust(false);
	int err = instance_call(in, method, &st);

	mem_distrust(before);
	return err || st.depth == 0 ? -1 : (int64_t)cells[st.depth - 1];
}

static bool line_is_open; /* what was printed last did not end it */

void of_print(const char *text, size_t len)
{
	struct instance *out = instance_find(stdout_handle);
	struct condev *con = out ? device_of(out) : early;

	if (len > 0)
		line_is_open = text[len - 1] != '\n';
	if (con)
		condev_write(con, text, len);
	else if (out && out->cls != &class_null)
		(void)call_io(out, "write", text, len);
}

/* As of_print(), newlines as CR LF; those that are already stay. */
static void print_lines(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		bool has_cr = len > 0 && text[len - 1] == '\r';

		of_print(text, len);
		text += len;
		if (*text == '\n') {
			of_print(has_cr ? "\n" : "\r\n", has_cr ? 1 : 2);
			text++;
		}
	}
}

void of_fresh_line(void)
{
	if (line_is_open)
		print_lines("\n");
}

void of_printf(const char *fmt, ...)
{
	char line[256], *text = line;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(line)) {
		text = try_alloc((size_t)n + 1);
		if (text) {
			va_start(ap, fmt);
			vsnprintf(text, (size_t)n + 1, fmt, ap);
			va_end(ap);
		}
	}
	print_lines(text ? text : line);
	if (text != line)
		heap_free(text);
}

size_t console_read(char *buf, size_t room)
{
	struct instance *in = instance_find(stdin_handle);
	struct condev *con = in ? device_of(in) : early;
	int64_t n;

	if (con)
		return condev_read(con, buf, room);
	if (!in || in->cls == &class_null)
		return 0;
	n = call_io(in, "read", buf, room);
	return n > 0 && (uint64_t)n <= room ? (size_t)n : 0;
}

bool console_is_stdin(const struct instance *in)
{
	return in->ihandle == stdin_handle;
}
