/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of open packages. A handle is a place in the table and the place's generation, which
 * grows with every use; a closed place waits in a queue until RESTING others wait with it, so that a
 * stale handle is recognised for more than a hundred thousand opens. Bit 31 of a handle is never
 * set: clients compare handles with -1 as signed numbers.
 */
#define LOG_TAG "of"
#include "of/instance.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dt/path.h"

#include <string.h>

#include "of-priv.h"

#define PLACE_BITS  20u
#define PLACES      (1u << PLACE_BITS)
#define GENERATIONS 2048u /* 1 to 2047 are used */
#define RESTING     64u
#define NOBODY      UINT32_MAX
#define INTERPOSED  8u /* packages above each other for one node of a path */

struct place {
	struct instance *in; /* NULL: closed */
	uint32_t generation;
	uint32_t next; /* in the queue of closed places */
};

struct interposition {
	uint32_t phandle;
	char args[];
};

static struct place *places;
static uint32_t used, room; /* places ever used, and there */
static uint32_t oldest = NOBODY, youngest = NOBODY, resting;
static unsigned open_instances;
static unsigned guests; /* ever opened by instance_open_on() */

/* ---- the table -------------------------------------------------------------------------- */

static int take_new(uint32_t *at)
{
	if (used == room) {
		uint32_t more = room ? 2 * room : RESTING;
		struct place *p;

		if (used == PLACES)
			return E_NOMEM;
		p = try_resize(places, room * sizeof(*p), more * sizeof(*p));
		if (!p)
			return E_NOMEM;
		places = p;
		room = more;
	}
	*at = used++;
	return 0;
}

static uint32_t take_rested(void)
{
	uint32_t at = oldest;

	oldest = places[at].next;
	if (oldest == NOBODY)
		youngest = NOBODY;
	resting--;
	return at;
}

/* Give an instance a place and its handle. */
static int enter(struct instance *in)
{
	uint32_t at;

	if (resting >= RESTING)
		at = take_rested();
	else if (take_new(&at)) {
		if (resting == 0)
			return E_NOMEM;
		at = take_rested();
	}
	places[at].in = in;
	places[at].generation = places[at].generation % (GENERATIONS - 1) + 1;
	in->ihandle = places[at].generation << PLACE_BITS | at;
	open_instances++;
	return 0;
}

/* Those opened above it by instance_open_on() are without a parent now. */
static void orphan_guests(const struct instance *in)
{
	for (uint32_t i = 0; guests && i < used; i++)
		if (places[i].in && places[i].in->parent == in)
			places[i].in->parent = NULL;
}

static void leave(struct instance *in)
{
	uint32_t at = in->ihandle & (PLACES - 1);

	orphan_guests(in);
	places[at].in = NULL;
	places[at].next = NOBODY;
	if (youngest == NOBODY)
		oldest = at;
	else
		places[youngest].next = at;
	youngest = at;
	resting++;
	open_instances--;
}

struct instance *instance_find(uint32_t ihandle)
{
	uint32_t at = ihandle & (PLACES - 1);
	struct instance *in = at < used ? places[at].in : NULL;

	return in && in->ihandle == ihandle ? in : NULL;
}

unsigned instance_count(void)
{
	return open_instances;
}

/* ---- opening and closing ---------------------------------------------------------------- */

static void instance_free(struct instance *in)
{
	heap_free(in->args);
	heap_free(in->wish);
	heap_free(in->state);
	heap_free(in);
}

static int instance_new(struct dt_node *node, const struct pkg_class *cls, const char *args,
			size_t len, struct instance **out)
{
	struct instance *in = try_alloc(sizeof(*in));

	if (!in)
		return E_NOMEM;
	in->node = node;
	in->cls = cls;
	in->data = cls ? of_data(node) : NULL;
	in->args = try_alloc(len + 1);
	if (cls && cls->state_size)
		in->state = try_alloc(cls->state_size);
	if (!in->args || (cls && cls->state_size && !in->state) || enter(in)) {
		instance_free(in);
		return E_NOMEM;
	}
	if (len)
		memcpy(in->args, args, len);
	*out = in;
	return 0;
}

/* Open a new instance above parent, or free it. */
static int open_new(struct instance *in, struct instance *parent, struct instance **out)
{
	int err = 0;

	in->parent = parent;
	in->inner = in->opening = true; /* a method cannot close what is being opened */
	if (in->cls && in->cls->open)
		err = in->cls->open(in);
	in->inner = in->opening = false;
	if (err) {
		log_debug("open of %s failed: %s", in->node ? in->node->name : "a node that went",
			  err_text(err));
		leave(in);
		instance_free(in);
		return err;
	}
	if (parent)
		parent->inner = true;
	*out = in;
	return 0;
}

/* Open one package above parent. */
static int open_one(struct dt_node *node, const struct dt_component *c, struct instance *parent,
		    struct instance **out)
{
	struct instance *in;
	int err = instance_new(node, of_class(node), c ? c->args : NULL, c ? c->args_len : 0, &in);

	return err ? err : open_new(in, parent, out);
}

void instance_close(struct instance *in)
{
	assert(!in || !in->inner);
	while (in) {
		struct instance *parent = in->parent;

		in->inner = true; /* nor what is being closed */
		if (in->cls && in->cls->close)
			in->cls->close(in);
		leave(in);
		instance_free(in);
		in = parent;
	}
}

int instance_open_on(struct dt_node *node, const char *args, struct instance *parent,
		     struct instance **in)
{
	const struct dt_component c = {.args = args, .args_len = strlen(args)};
	bool inner = parent && parent->inner;
	int err = of_class(node) ? open_one(node, &c, parent, in) : E_UNSUPP;

	if (parent)
		parent->inner = inner;
	if (!err && parent)
		guests++;
	if (!err && (*in)->wish) {
		instance_close_one(*in);
		err = E_UNSUPP;
	}
	return err;
}

int instance_make_on(struct dt_node *node, const char *args, struct instance *parent,
		     struct instance **in)
{
	int err = instance_new(node, NULL, args, strlen(args), in);

	if (err)
		return err;
	(*in)->parent = parent;
	if (parent)
		guests++;
	return 0;
}

void instance_close_one(struct instance *in)
{
	assert(!in->inner);
	in->inner = true;
	if (in->cls && in->cls->close)
		in->cls->close(in);
	leave(in);
	instance_free(in);
}

/* ---- interposing ------------------------------------------------------------------------ */

int instance_interpose(struct instance *in, const struct dt_node *node, const char *args)
{
	struct interposition *wish;

	if (!in->opening)
		return E_INVAL;
	wish = try_alloc(sizeof(*wish) + strlen(args) + 1);
	if (!wish)
		return E_NOMEM;
	wish->phandle = node->phandle;
	strcpy(wish->args, args);
	heap_free(in->wish);
	in->wish = wish;
	return 0;
}

struct dt_node *instance_package(const struct instance *in)
{
	while (in->interposed && in->parent)
		in = in->parent;
	return in->node;
}

static int open_wish(const struct interposition *wish, struct instance **in)
{
	struct dt_node *node = dt_find_phandle(of_tree(), wish->phandle);
	struct instance *above;
	int err = node && of_class(node) ? 0 : E_UNSUPP;

	if (!err)
		err = instance_new(node, of_class(node), wish->args, strlen(wish->args), &above);
	if (err)
		return err;
	above->interposed = true;
	return open_new(above, *in, in);
}

/* What the open of *in wished for, and what that wishes for. */
static int open_wishes(struct instance **in)
{
	int err = 0;

	for (unsigned n = 0; (*in)->wish && !err; n++)
		err = n < INTERPOSED ? open_wish((*in)->wish, in) : E_DEPTH;
	return err;
}

/* ---- paths ------------------------------------------------------------------------------ */

/* Open a node of a path above *in and what it interposes. *in is in any case the last one open. */
static int open_step(struct dt_node *node, const struct dt_component *c, struct instance **in)
{
	int err = open_one(node, c, *in, in);

	return err ? err : open_wishes(in);
}

/* Open every package of an absolute path. */
static int open_chain(const char *path, struct instance **out)
{
	struct dt_node *node = of_tree()->root;
	struct instance *in = NULL;
	struct dt_component c;
	int err = open_step(node, NULL, &in);

	while (!err && dt_path_down(&node, &path, &c))
		err = open_step(node, &c, &in);
	if (!err && *path)
		err = E_NOENT;
	if (err)
		instance_close(in);
	else
		*out = in;
	return err;
}

int instance_open(const char *path, struct instance **in)
{
	struct dt_node *node = of_find_node(path);
	char *full;
	int err;

	if (!node)
		return E_NOENT;
	if (!of_class(node))
		return E_UNSUPP;
	full = dt_path_expand(of_tree(), path);
	if (!full)
		return E_NOENT;
	err = open_chain(full, in);
	heap_free(full);
	return err;
}

static void forget(struct instance *in)
{
	if (in->cls && in->cls->close)
		in->cls->close(in);
	in->cls = NULL;
	in->data = NULL;
	in->node = NULL;
}

void instance_forget_node(struct dt_node *node)
{
	for (struct dt_node *n = node; n; n = dt_next(node, n)) {
		for (uint32_t i = 0; open_instances && i < used; i++)
			if (places[i].in && places[i].in->node == n)
				forget(places[i].in);
		package_free(n);
	}
}

void instances_reset(void)
{
	for (uint32_t i = 0; i < used; i++)
		if (places[i].in)
			instance_free(places[i].in);
	heap_free(places);
	places = NULL;
	used = room = resting = 0;
	oldest = youngest = NOBODY;
	open_instances = guests = 0;
}

/* ---- names and calls -------------------------------------------------------------------- */

static unsigned chain_length(const struct instance *in)
{
	unsigned n = 0;

	for (; in; in = in->parent)
		n++;
	return n;
}

static void add_component(struct strbuf *sb, const struct instance *in)
{
	strbuf_str(sb, in->interposed ? "/%" : "/");
	strbuf_str(sb, in->node->name);
	if (in->args[0]) {
		strbuf_char(sb, ':');
		strbuf_str(sb, in->args);
	}
}

size_t instance_path(const struct instance *in, bool with_interposed, char *buf, size_t size)
{
	struct strbuf sb = strbuf_on(buf, size);

	/* from the root down, by counting links from the far end: chains are a handful long */
	for (unsigned up = chain_length(in); up-- > 0;) {
		const struct instance *at = in;

		for (unsigned i = 0; i < up; i++)
			at = at->parent;
		if (!at->node) {
			strbuf_on(buf, size);
			return 0;
		}
		if (at->parent && (with_interposed || !at->interposed))
			add_component(&sb, at);
	}
	if (sb.want == 0)
		strbuf_char(&sb, '/');
	return sb.want;
}

int instance_call(struct instance *in, const char *method, struct stack *st)
{
	const struct method *m;

	if (!in->node)
		return E_STALE;
	m = method_find(in->node, method, strlen(method));
	return m ? method_call(m, in, st) : E_NOENT;
}
