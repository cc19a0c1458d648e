/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The active package and its word list. While a node is active, what is defined belongs to it: each
 * definition becomes a method, found like the methods of its class, by clients too. Methods in C
 * appear as words of the list. A node without a class that gets a method gets the class of packages
 * in Forth, whose open and close are the methods of that name.
 */
#define LOG_TAG "forth"
#include "words-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

enum { CALL_CELLS = 64, CALL_TAKES = 32 };

struct list_of {
	uint32_t phandle, list;
};
struct forth_method {
	struct method method; /* first: see token_of() */
	cell_t xt;
	struct forth_method *next;
};

static struct list_of *lists;
static size_t nlists;
static struct forth_method *methods;
static uint32_t active_phandle, my_handle;
static bool adding_c_methods;

/* ---- the current instance ------------------------------------------------------------------ */

struct instance *words_my_self(void)
{
	return instance_find(my_handle);
}

uint32_t words_my_handle(void)
{
	return my_handle;
}

void words_set_my_self(uint32_t ihandle)
{
	my_handle = ihandle;
}

/* ---- methods ------------------------------------------------------------------------------- */

static int run_method(struct forth *f, struct instance *in, cell_t xt)
{
	uint32_t before = my_handle;
	int err;

	my_handle = in ? in->ihandle : 0;
	err = forth_execute(f, xt);
	my_handle = before;
	return err;
}

static cell_t token_of(const struct method *m)
{
	return ((const struct forth_method *)(const void *)m)->xt;
}

/* A method in Forth called from C or by a client. */
static int method_in_forth(struct instance *in, struct stack *st, const struct method *self)
{
	struct forth *f = words_forth();
	unsigned base = forth_depth(f), n;
	int err = 0;

	for (unsigned i = 0; i < st->depth && !err; i++)
		err = forth_try_push(f, st->cell[i]);
	err = err ? E_DEPTH : run_method(f, in, token_of(self));
	n = forth_depth(f) > base ? forth_depth(f) - base : 0;
	if (err) {
		log_debug("method %s: %s", self->name, forth_error(f)->text);
		err = E_ABORT;
	} else if (n > st->limit) {
		err = E_DEPTH;
	} else {
		for (unsigned i = 0; i < n; i++)
			st->cell[i] = forth_peek(f, n - 1 - i);
		st->depth = n;
	}
	while (forth_depth(f) > base)
		(void)forth_pop(f);
	return err;
}

int words_call(struct forth *f, const struct method *m, struct instance *in)
{
	cell_t cells[CALL_CELLS];
	struct stack st = {cells, 0, CALL_CELLS};
	unsigned n = forth_depth(f) < CALL_TAKES ? forth_depth(f) : CALL_TAKES;
	int err;

	if (m->fn == method_in_forth)
		return run_method(f, in, token_of(m));
	if (in && !in->cls)
		return forth_abort(f, "%s: the device is being made, not open", m->name);
	for (unsigned i = n; i > 0; i--)
		cells[st.depth++] = forth_peek(f, i - 1);
	err = method_call(m, in, &st);
	if (err == E_DEPTH && st.depth == n)
		return forth_abort(f, "%s takes and leaves %s", m->name, m->effect);
	while (n-- > 0)
		(void)forth_pop(f);
	for (unsigned i = 0; i < st.depth; i++)
		forth_push(f, cells[i]);
	return err ? words_fail(f, m->name, err) : 0;
}

/* ---- packages in Forth ---------------------------------------------------------------------- */

static const struct pkg_class class_forth;

struct instance_data *words_instance_data(const struct instance *in)
{
	return in->cls == &class_forth ? in->state : NULL;
}

static int package_open(struct instance *in)
{
	const struct method *m = method_find(in->node, "open", 4);
	cell_t cells[CALL_CELLS];
	struct stack st = {cells, 0, CALL_CELLS};
	int err = m ? instance_data_make(in->node, in->state) : E_UNSUPP;

	if (err)
		return err;
	err = method_call(m, in, &st);
	if (!err && (st.depth == 0 || cells[st.depth - 1] == 0))
		err = E_ABORT;
	if (err)
		words_block_free((cell_t)(uintptr_t)words_instance_data(in)->bytes);
	return err;
}

static void package_close(struct instance *in)
{
	const struct method *m = method_find(in->node, "close", 5);
	cell_t cells[CALL_CELLS];
	struct stack st = {cells, 0, CALL_CELLS};
	int err = m ? method_call(m, in, &st) : 0;

	if (err)
		log_debug("%s: close: %s", in->node->name, err_text(err));
	words_block_free((cell_t)(uintptr_t)words_instance_data(in)->bytes);
}

static const struct pkg_class class_forth = {
	.state_size = sizeof(struct instance_data),
	.open = package_open,
	.close = package_close,
};

static struct dt_node *node_of_list(uint32_t list)
{
	for (size_t i = 0; i < nlists; i++) {
		if (lists[i].list == list)
			return dt_find_phandle(of_tree(), lists[i].phandle);
	}
	return NULL;
}

void words_defined(void *ctx UNUSED, uint32_t list, cell_t xt, const char *name)
{
	struct dt_node *node = adding_c_methods ? NULL : node_of_list(list);
	struct forth_method *m = node ? try_alloc(sizeof(*m)) : NULL;

	if (!m)
		return;
	m->method = (struct method){name, NULL, method_in_forth};
	m->xt = xt;
	m->next = methods;
	methods = m;
	of_add_method(node, &m->method);
	if (!of_class(node))
		of_bind(node, &class_forth, NULL);
}

/* ---- the active package --------------------------------------------------------------------- */

/* Run by name while its package is active: on the current instance, if that is one of the package. */
static int w_c_method(struct forth *f)
{
	const struct method *m = (const struct method *)(uintptr_t)forth_body(f);
	struct instance *in = words_my_self();

	if (!in)
		return forth_abort(f, "%s: no instance; try select-dev", m->name);
	if (!in->node || method_find(in->node, m->name, strlen(m->name)) != m)
		return forth_abort(f, "%s: my-self is of another package", m->name);
	return words_call(f, m, in);
}

static const struct forth_word c_method = {"", "( -- )", w_c_method, FORTH_VARIES, ""};

static uint32_t list_of_node(struct forth *f, const struct dt_node *node)
{
	const struct pkg_class *cls = of_class(node);
	struct list_of *more;
	uint32_t before;
	int err = 0;

	for (size_t i = 0; i < nlists; i++) {
		if (lists[i].phandle == node->phandle)
			return lists[i].list;
	}
	more = try_resize(lists, nlists * sizeof(*lists), (nlists + 1) * sizeof(*lists));
	if (!more)
		return 0;
	lists = more;
	lists[nlists++] = (struct list_of){node->phandle, forth_new_list(f)};
	adding_c_methods = true;
	before = forth_use_list(f, lists[nlists - 1].list);
	for (const struct method *m = cls ? cls->methods : NULL; m && m->name && !err; m++)
		err = forth_define(f, (struct forth_text){m->name, strlen(m->name)}, &c_method,
				   (cell_t)(uintptr_t)m);
	adding_c_methods = false;
	forth_use_list(f, before);
	return lists[nlists - 1].list;
}

cell_t words_method_token(struct forth *f, const struct dt_node *node, const char *name)
{
	const struct method *m = method_find(node, name, strlen(name));
	uint32_t list;

	if (!m)
		return 0;
	if (m->fn == method_in_forth)
		return token_of(m);
	list = list_of_node(f, node);
	return list ? forth_find_in(f, list, name, strlen(name)) : 0;
}

struct dt_node *words_active(void)
{
	return active_phandle ? dt_find_phandle(of_tree(), active_phandle) : NULL;
}

void words_activate(struct forth *f, struct dt_node *node)
{
	active_phandle = node ? node->phandle : 0;
	forth_use_list(f, node ? list_of_node(f, node) : 0);
}

int words_need_active(struct forth *f, struct dt_node **out)
{
	*out = words_active();
	if (*out)
		return 0;
	(void)forth_abort(f, "no active package: dev PATH makes one");
	return THROW_ABORT_QUOTE;
}

void words_package_reset(void)
{
	while (methods) {
		struct forth_method *m = methods;

		methods = m->next;
		heap_free(m);
	}
	heap_free(lists);
	lists = NULL;
	nlists = 0;
	active_phandle = my_handle = 0;
}
