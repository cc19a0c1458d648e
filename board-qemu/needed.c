/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which devices this boot needs: those the host's boot list and stdout-path name. PCI gives them
 * addresses before all others. A path of QEMU's may end below what is in the tree (a disk behind a
 * controller): then the deepest node there is counts.
 */
#include "board.h"

#include <string.h>

#include "base/heap.h"
#include "base/strbuf.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"

static struct dt_node **needed;
static unsigned count;

/* Add what a path of len bytes leads to, as far as it goes. */
static void add(const char *path, size_t len)
{
	char *copy = xstrndup(path, len);
	const char *rest;
	struct dt_node *node = dt_path_follow(of_tree(), copy, &rest);

	if (node != of_tree()->root)
		needed[count++] = node;
	heap_free(copy);
}

static unsigned words_in(const char *list)
{
	unsigned n = 0;

	while (*(list += strspn(list, " \n"))) {
		list += strcspn(list, " \n");
		n++;
	}
	return n;
}

void board_forget_needed(void)
{
	heap_free(needed);
	needed = NULL;
	count = 0;
}

void board_find_needed(void)
{
	const struct dt_node *chosen = dt_path_find(of_tree(), "/chosen");
	const char *lists[2] = {chosen ? dt_prop_get_str(chosen, "qemu,boot-list") : NULL,
				chosen ? dt_prop_get_str(chosen, "stdout-path") : NULL};
	unsigned room = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(lists); i++)
		room += lists[i] ? words_in(lists[i]) : 0;
	board_forget_needed();
	needed = xalloc(room * sizeof(struct dt_node *));
	for (unsigned i = 0; i < ARRAY_SIZE(lists); i++) {
		const char *p = lists[i] ? lists[i] : "";

		while (*(p += strspn(p, " \n"))) {
			size_t len = strcspn(p, " \n");

			add(p, len);
			p += len;
		}
	}
}

bool board_is_needed(void *ctx, const struct dt_node *node)
{
	(void)ctx;
	for (unsigned i = 0; i < count; i++)
		for (const struct dt_node *n = needed[i]; n; n = n->parent)
			if (n == node)
				return true;
	return false;
}

/* A bus has children of its own to find; below anything else a driver looks for them. */
static bool is_bus(const struct dt_node *node)
{
	return node == of_tree()->root || dt_prop_lists(node, "device_type", "pci") ||
	       dt_prop_lists(node, "device_type", "vdevice");
}

void board_examine_needed(void (*emit)(void *ctx, const char *line))
{
	const struct dt_node *chosen = dt_path_find(of_tree(), "/chosen");
	const char *p = chosen ? dt_prop_get_str(chosen, "qemu,boot-list") : NULL;

	while (p && *(p += strspn(p, " \n"))) {
		size_t len = strcspn(p, " \n");
		char *path = xstrndup(p, len), text[300];
		struct strbuf sb = strbuf_on(text, sizeof(text));
		const char *rest;
		const struct dt_node *node = dt_path_follow(of_tree(), path, &rest);

		if (*path == '/' && *rest && is_bus(node)) {
			strbuf_printf(&sb, "* A bootindex= leads nowhere: %s: there is no %s.",
				      path, rest);
			emit(NULL, text);
		}
		heap_free(path);
		p += len;
	}
}
