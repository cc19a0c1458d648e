/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data that every instance of a package has of its own: instance in front of variable, value, defer
 * and buffer: lays it out in the package's template; opening an instance copies the template. Outside
 * of any instance, while the package is being written, the template itself is used.
 */
#include "words-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"

struct template
{
	uint32_t phandle;
	struct instance_data data;
};

static struct template *templates;
static size_t ntemplates;
static bool instance_next;
/* What the words did before they were taught about instances. */
static cell_t plain_variable, plain_value, plain_defer, plain_buffer;

void instance_data_reset(void)
{
	heap_free(templates);
	templates = NULL;
	ntemplates = 0;
	instance_next = false;
}

static struct template *template_of(const struct dt_node *node)
{
	for (size_t i = 0; i < ntemplates; i++) {
		if (templates[i].phandle == node->phandle)
			return &templates[i];
	}
	return NULL;
}

static struct template *template_make(const struct dt_node *node)
{
	struct template *t = template_of(node);

	if (t)
		return t;
	t = try_resize(templates, ntemplates * sizeof(*t), (ntemplates + 1) * sizeof(*t));
	if (!t)
		return NULL;
	templates = t;
	t = &templates[ntemplates++];
	*t = (struct template){.phandle = node->phandle};
	return t;
}

int instance_data_make(const struct dt_node *node, struct instance_data *data)
{
	const struct template *t = template_of(node);

	if (!t || t->data.len == 0)
		return 0;
	data->bytes = words_block(t->data.len);
	if (!data->bytes)
		return E_NOMEM;
	data->len = t->data.len;
	memcpy(data->bytes, t->data.bytes, t->data.len);
	return 0;
}

/* The template grows into a new block. *at: where the new bytes are in it. */
static int grow(struct forth *f, cell_t more, size_t *at)
{
	struct dt_node *node;
	struct template *t;
	uint8_t *bytes;
	int err = words_need_active(f, &node);

	if (err)
		return err;
	t = template_make(node);
	bytes = t && more < 1 << 24 ? words_block(t->data.len + (size_t)more) : NULL;
	if (!bytes)
		return THROW_MEMORY;
	if (t->data.len > 0)
		memcpy(bytes, t->data.bytes, t->data.len);
	words_block_free((cell_t)(uintptr_t)t->data.bytes);
	*at = t->data.len;
	t->data.bytes = bytes;
	t->data.len += (size_t)more;
	return 0;
}

/* ---- the words made -------------------------------------------------------------------------- */

/* Where the running word's data are: in my-self, or in the active package's template. */
static int place(struct forth *f, size_t len, uint8_t **out)
{
	size_t at = (size_t)forth_body(f);
	const struct instance *in = words_my_self();
	const struct instance_data *data = in ? words_instance_data(in) : NULL;
	const struct dt_node *node = words_active();

	if (!data && node) {
		const struct template *t = template_of(node);

		data = t ? &t->data : NULL;
	}
	if (data && at <= data->len && len <= data->len - at) {
		*out = data->bytes + at;
		return 0;
	}
	(void)forth_abort(f, "%s: my-self has no such data", forth_name(f));
	return THROW_ABORT_QUOTE;
}

static int do_address(struct forth *f)
{
	uint8_t *p;
	int err = place(f, 1, &p);

	return err ? err : forth_try_push(f, (cell_t)(uintptr_t)p);
}

static int do_value(struct forth *f)
{
	uint8_t *p;
	cell_t v;
	int err = place(f, sizeof(v), &p);

	if (err)
		return err;
	if (forth_storing(f)) {
		v = forth_pop(f);
		memcpy(p, &v, sizeof(v));
		return 0;
	}
	memcpy(&v, p, sizeof(v));
	return forth_try_push(f, v);
}

static int do_defer(struct forth *f)
{
	uint8_t *p;
	cell_t xt;
	int err = place(f, sizeof(xt), &p);

	if (err)
		return err;
	if (forth_storing(f)) {
		xt = forth_pop(f);
		memcpy(p, &xt, sizeof(xt));
		return 0;
	}
	memcpy(&xt, p, sizeof(xt));
	return xt ? forth_go(f, xt) : THROW_UNDEFINED;
}

static const struct forth_word kind_address = {"", "( -- addr )", do_address, 0, ""};
static const struct forth_word kind_value = {"", "( -- n )", do_value, FORTH_STORES, ""};
static const struct forth_word kind_defer = {"", "( -- )", do_defer, FORTH_STORES | FORTH_VARIES,
					     ""};

static int make(struct forth *f, const struct forth_word *kind, cell_t size, cell_t first)
{
	struct forth_text name = forth_parse_name(f);
	struct template *t;
	size_t at;
	int err = name.len ? grow(f, (size + 7) & ~(cell_t)7, &at) : THROW_NO_NAME;

	if (err)
		return err;
	t = template_of(words_active());
	if (size >= sizeof(first))
		memcpy(t->data.bytes + at, &first, sizeof(first));
	return forth_define(f, name, kind, at);
}

/* ---- the defining words ---------------------------------------------------------------------- */

static int w_instance(struct forth *f)
{
	struct dt_node *node;
	int err = words_need_active(f, &node);

	if (!err)
		instance_next = true;
	return err;
}

static bool for_instance(void)
{
	bool yes = instance_next;

	instance_next = false;
	return yes;
}

static int w_variable(struct forth *f)
{
	return for_instance() ? make(f, &kind_address, 8, 0) : forth_go(f, plain_variable);
}

static int w_value(struct forth *f)
{
	return for_instance() ? make(f, &kind_value, 8, forth_pop(f)) : forth_go(f, plain_value);
}

static int w_buffer(struct forth *f)
{
	cell_t size = forth_peek(f, 0);

	if (!for_instance())
		return forth_go(f, plain_buffer);
	(void)forth_pop(f);
	return size < 1 << 24 ? make(f, &kind_address, size ? size : 1, 0) : THROW_ARGUMENT;
}

static int w_defer(struct forth *f)
{
	return for_instance() ? make(f, &kind_defer, 8, 0) : forth_go(f, plain_defer);
}

int instance_words_init(struct forth *f)
{
	plain_variable = forth_find(f, "variable", 8);
	plain_value = forth_find(f, "value", 5);
	plain_buffer = forth_find(f, "buffer:", 7);
	plain_defer = forth_find(f, "defer", 5);
	return plain_variable && plain_value && plain_buffer && plain_defer ? 0 : THROW_ARGUMENT;
}

// clang-format off
static const struct forth_word rows[] = {
	{"instance", "( -- )",      w_instance, 0, "The next variable, value, buffer: or defer is each instance's own"},
	{"variable", "( -- )",      w_variable, 0, "Define a word with one cell of data"},
	{"value",    "( n -- )",    w_value, 0, "Define a word that gives n; to changes it"},
	{"buffer:",  "( size -- )", w_buffer, 0, "Define a word with so many bytes of data"},
	{"defer",    "( -- )",      w_defer, 0, "Define a word whose behaviour is set by to or is"},
};
// clang-format on
const struct words_table words_instance_data_rows = {rows, ARRAY_SIZE(rows)};
