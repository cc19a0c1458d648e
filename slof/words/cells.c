/* SPDX-License-Identifier: BSD-2-Clause */
/* Between Forth's cells and C: strings, byte ranges, messages. */
#include "words-priv.h"

#include <stdarg.h>
#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "dt/path.h"

void words_printf(struct forth *f, const char *fmt, ...)
{
	char line[512];
	struct strbuf sb = strbuf_on(line, sizeof(line));
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&sb, fmt, ap);
	va_end(ap);
	forth_type(f, line, sb.len);
}

int words_pop_bytes(struct forth *f, const uint8_t **p, size_t *len)
{
	static const uint8_t nothing[1];
	cell_t n = forth_pop(f), addr = forth_pop(f);

	*p = n == 0 ? nothing : forth_at(f, addr, n, false);
	*len = (size_t)n;
	return *p ? 0 : THROW_ADDRESS;
}

static int copy_of(const char *p, size_t len, char **out)
{
	char *text = len < SIZE_MAX ? try_alloc(len + 1) : NULL;

	if (!text)
		return THROW_MEMORY;
	if (len > 0)
		memcpy(text, p, len);
	*out = text;
	return 0;
}

int words_pop_text(struct forth *f, char **out)
{
	const uint8_t *p;
	size_t len;
	int err = words_pop_bytes(f, &p, &len);

	return err ? err : copy_of((const char *)p, len, out);
}

int words_with_text(struct forth *f, int (*fn)(struct forth *f, const char *text))
{
	char *text;
	int err = words_pop_text(f, &text);

	if (err)
		return err;
	err = fn(f, text);
	heap_free(text);
	return err;
}

int words_with_name(struct forth *f, int (*fn)(struct forth *f, const char *name))
{
	char *name;
	int err = words_parse_text(f, &name);

	if (err)
		return err;
	err = fn(f, name);
	heap_free(name);
	return err;
}

int words_parse_text(struct forth *f, char **out)
{
	struct forth_text t = forth_parse_arg(f);

	return copy_of(t.p, t.len, out);
}

int words_parse_line(struct forth *f, char **out)
{
	struct forth_text t = forth_parse_line(f);

	return copy_of(t.p, t.len, out);
}

void words_push_bytes(struct forth *f, const void *p, size_t len)
{
	words_lend(p, len);
	forth_push(f, (cell_t)(uintptr_t)p);
	forth_push(f, len);
}

void words_push_str(struct forth *f, const char *text)
{
	words_push_bytes(f, text, strlen(text));
}

int words_fail(struct forth *f, const char *what, int err)
{
	if (err == E_NOMEM)
		return THROW_MEMORY;
	return forth_abort(f, "%s: %s", what, err_text(err));
}

char *words_path_of(const struct dt_node *node)
{
	size_t len = dt_path_of(node, NULL, 0);
	char *path = try_alloc(len + 1);

	if (path)
		dt_path_of(node, path, len + 1);
	return path;
}
