/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Merging. The new tree is walked in step with the live one: a node of the new tree that has a
 * counterpart remembers it in its package field, which is free there. Three walks follow one
 * another. The first matches, updates properties and removes what has gone; the second moves what
 * is new; the third numbers what was moved and tells the caller. The order matters for phandles:
 * what vanishes frees its number before what appears asks for it, and numbers the new tree states
 * are handed out before our own. An index of the new tree's names keeps all of it linear.
 */
#include "dt/merge.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/panic.h"
#include "dt-priv.h"
#include "dt/prop.h"

#include <string.h>

struct merge {
	struct dt_tree *tree;
	struct dt_tree *from;
	const struct dt_merge_policy *policy;
	struct dt_merge_report report;
	struct dt_index names;  /* of from: children by &node->child, properties by &node->props */
	struct dt_node **moved; /* tops of what was moved */
	size_t moved_count, moved_room;
};

static void index_name(struct merge *m, const void *owner, const char *name, void *value)
{
	if (dt_index_add(&m->names, owner, name, value) == E_NOMEM)
		panic("dt: no memory to merge trees");
}

static bool states_phandle(const struct dt_node *node)
{
	return dt_prop_find(node, "phandle") || dt_prop_find(node, "linux,phandle");
}

/*
 * Prepare the new tree: its own table of phandles goes, a node keeps its number only if the giver
 * stated it, and the package field is empty until a counterpart is known.
 */
static void index_new_tree(struct merge *m)
{
	struct dt_node *root = m->from->root;

	assert(root && m->tree->root);
	heap_free(m->from->slot);
	m->from->slot = NULL;
	m->from->slots = 0;
	for (struct dt_node *n = root; n; n = dt_next(root, n)) {
		n->package = NULL;
		if (!states_phandle(n))
			n->phandle = 0;
		if (n->parent)
			index_name(m, &n->parent->child, n->name, n);
		for (struct dt_prop *p = n->props; p; p = p->next)
			index_name(m, &n->props, p->name, p);
	}
	root->package = m->tree->root;
}

/* ---- walking over the new tree's nodes that have a counterpart ---- */

static struct dt_node *first_matched(struct dt_node *n)
{
	while (n && !n->package)
		n = n->next;
	return n;
}

static struct dt_node *next_matched(struct dt_node *n)
{
	struct dt_node *next = first_matched(n->child);

	for (; !next && n->parent; n = n->parent)
		next = first_matched(n->next);
	return next;
}

/* ---- first walk: match, update, remove ---- */

static void take_value(struct merge *m, struct dt_prop *ours, struct dt_prop *theirs)
{
	struct dt_prop old = *ours;

	if (ours->len == theirs->len && memcmp(ours->data, theirs->data, ours->len) == 0)
		return;
	ours->data = theirs->data;
	ours->len = theirs->len;
	theirs->data = old.data; /* freed with the new tree */
	theirs->len = old.len;
	m->report.props_changed++;
}

static bool prop_may_go(const struct dt_prop *prop, bool keep)
{
	return prop->origin == DT_FROM_FDT && !keep && strcmp(prop->name, "name") != 0;
}

/* A property of the new tree that is dealt with is marked as the firmware's. */
static void update_props(struct merge *m, struct dt_node *ours, struct dt_node *theirs, bool keep)
{
	struct dt_prop **link = &ours->props, *p;

	ours->last_prop = NULL;
	ours->changes++;
	while ((p = *link)) {
		struct dt_prop *q = dt_index_find(&m->names, &theirs->props, p->name);

		if (!q && prop_may_go(p, keep)) {
			*link = p->next;
			dt_prop_free(p);
			m->report.props_removed++;
			continue;
		}
		if (q && p->origin == DT_FROM_FDT)
			take_value(m, p, q);
		if (q)
			q->origin = DT_FROM_FIRMWARE;
		ours->last_prop = p;
		link = &p->next;
	}
}

static void move_new_props(struct merge *m, struct dt_node *ours, struct dt_node *theirs)
{
	struct dt_prop **link = &theirs->props, *p;

	theirs->last_prop = NULL;
	while ((p = *link)) {
		if (p->origin == DT_FROM_FDT) {
			*link = p->next;
			dt_prop_link(ours, p);
			m->report.props_changed++;
		} else {
			theirs->last_prop = p;
			link = &p->next;
		}
	}
}

static void tell_removed(struct merge *m, struct dt_node *top)
{
	for (struct dt_node *n = top; n; n = dt_next(top, n)) {
		m->report.nodes_removed++;
		if (m->policy->removed)
			m->policy->removed(n, m->policy->ctx);
	}
}

static bool node_may_go(const struct merge *m, const struct dt_node *node, bool keep)
{
	return node->origin == DT_FROM_FDT && !keep && !(m->policy->keep && m->policy->keep(node));
}

static void match_children(struct merge *m, struct dt_node *ours, struct dt_node *theirs, bool keep)
{
	struct dt_node **link = &ours->child, *last = NULL, *c;

	while ((c = *link)) {
		struct dt_node *match = dt_index_find(&m->names, &theirs->child, c->name);

		if (!match && node_may_go(m, c, keep)) {
			tell_removed(m, c);
			*link = c->next;
			dt_node_destroy(m->tree, c);
			continue;
		}
		if (match)
			match->package = c;
		last = c;
		link = &c->next;
	}
	ours->last_child = last;
}

static void update_and_remove(struct merge *m)
{
	for (struct dt_node *n = m->from->root; n; n = next_matched(n)) {
		struct dt_node *ours = n->package;
		bool keep = m->policy->keep && m->policy->keep(ours);

		update_props(m, ours, n, keep);
		move_new_props(m, ours, n);
		match_children(m, ours, n, keep);
	}
}

/* ---- second walk: move ---- */

static void remember_moved(struct merge *m, struct dt_node *top)
{
	if (m->moved_count == m->moved_room) {
		size_t room = m->moved_room ? m->moved_room * 2 : 64;

		m->moved = try_resize(m->moved, m->moved_room * sizeof(struct dt_node *),
				      room * sizeof(struct dt_node *));
		if (!m->moved)
			panic("dt: no memory to merge trees");
		m->moved_room = room;
	}
	m->moved[m->moved_count++] = top;
}

/* Ask for the number the giver stated; refused, the properties must not repeat it. */
static void claim_stated(struct merge *m, struct dt_node *node)
{
	uint32_t stated = node->phandle;

	node->phandle = 0;
	if (stated && !dt_node_claim(m->tree, node, stated)) {
		dt_prop_delete(node, "phandle");
		dt_prop_delete(node, "linux,phandle");
	}
}

static void move_node(struct merge *m, struct dt_node *ours, struct dt_node *top)
{
	dt_node_link(ours, top);
	for (struct dt_node *n = top; n; n = dt_next(top, n)) {
		m->from->nodes--;
		m->tree->nodes++;
		m->report.nodes_added++;
		claim_stated(m, n);
	}
	remember_moved(m, top);
}

static void move_new_children(struct merge *m, struct dt_node *ours, struct dt_node *theirs)
{
	struct dt_node **link = &theirs->child, *c;

	theirs->last_child = NULL;
	while ((c = *link)) {
		if (c->package) {
			theirs->last_child = c;
			link = &c->next;
		} else {
			*link = c->next;
			move_node(m, ours, c);
		}
	}
}

/* A counterpart follows the number stated for it, unless a third node has that number. */
static void follow_phandle(struct merge *m, struct dt_node *ours, uint32_t stated)
{
	int err = stated ? dt_node_set_phandle(m->tree, ours, stated) : 0;

	if (err)
		err = dt_node_set_phandle(m->tree, ours, ours->phandle);
	assert(err == 0);
}

static void move_new(struct merge *m)
{
	for (struct dt_node *n = m->from->root; n; n = next_matched(n)) {
		struct dt_node *ours = n->package;

		follow_phandle(m, ours, n->phandle);
		move_new_children(m, ours, n);
	}
}

/* ---- third walk: number, tell ---- */

static void number_moved(struct merge *m)
{
	for (size_t i = 0; i < m->moved_count; i++) {
		struct dt_node *top = m->moved[i];

		for (struct dt_node *n = top; n; n = dt_next(top, n)) {
			if (n->phandle == 0)
				dt_node_number(m->tree, n);
		}
	}
}

static void tell_added(struct merge *m)
{
	for (size_t i = 0; i < m->moved_count && m->policy->added; i++) {
		struct dt_node *top = m->moved[i];

		for (struct dt_node *n = top; n; n = dt_next(top, n)) {
			if (n->origin == DT_FROM_FDT)
				m->policy->added(n, m->policy->ctx);
		}
	}
}

struct dt_merge_report dt_merge(struct dt_tree *tree, struct dt_tree *from,
				const struct dt_merge_policy *policy)
{
	static const struct dt_merge_policy no_policy;
	struct merge m = {.tree = tree, .from = from, .policy = policy ? policy : &no_policy};

	index_new_tree(&m);
	update_and_remove(&m);
	move_new(&m);
	number_moved(&m);
	tell_added(&m);
	heap_free(m.moved);
	dt_index_free(&m.names);
	dt_tree_free(from);
	return m.report;
}
