/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making aliases: base, base1, base2, ... in a family, each path once. /aliases is the truth, and programs and
 * people change it, too. So that the thousandth alias costs what the first does, an index stands beside it,
 * by path and by name, and is made anew when the node says that somebody else changed it.
 */
#include "of/machine.h"

#include "base/heap.h"
#include "base/strbuf.h"
#include "dt/prop.h"

#include <string.h>

#include "of-priv.h"

enum { FIRST_SLOTS = 64 };

struct entry {
	const struct dt_prop *prop;
	struct entry *same_path, *same_name; /* hash, that is */
};

/* All numbers of a base below next are taken. */
struct family {
	struct family *older;
	unsigned next;
	char base[];
};

static struct alias_index {
	uint32_t phandle, changes; /* of /aliases when the index was right */
	struct entry **by_path, **by_name;
	uint32_t slots, used; /* a power of two, at least twice as many as used */
	struct family *families;
} known;

static uint32_t hash(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 16777619u;
	return h ^ h >> 15;
}

static void drop_entries(void)
{
	for (uint32_t i = 0; i < known.slots; i++) {
		while (known.by_path[i]) {
			struct entry *e = known.by_path[i];

			known.by_path[i] = e->same_path;
			heap_free(e);
		}
	}
	heap_free(known.by_path);
	heap_free(known.by_name);
	known.by_path = known.by_name = NULL;
	known.slots = known.used = 0;
}

void alias_reset(void)
{
	drop_entries();
	while (known.families) {
		struct family *f = known.families;

		known.families = f->older;
		heap_free(f);
	}
	known.phandle = 0;
}

static void enter(const struct dt_prop *prop)
{
	uint32_t mask = known.slots - 1;
	struct entry **path = &known.by_path[hash(prop->data, prop->len) & mask];
	struct entry **name = &known.by_name[hash(prop->name, strlen(prop->name)) & mask];
	struct entry *e = xalloc(sizeof(*e));

	*e = (struct entry){prop, *path, *name};
	*path = *name = e;
	known.used++;
}

/* All of /aliases, with room for as many more. */
static void make_entries(const struct dt_node *aliases)
{
	uint32_t n = 0, slots = FIRST_SLOTS;

	for (const struct dt_prop *p = aliases->props; p; p = p->next)
		n++;
	while (slots / 4 < n)
		slots *= 2;
	drop_entries();
	known.by_path = xalloc(slots * sizeof(struct entry *));
	known.by_name = xalloc(slots * sizeof(struct entry *));
	known.slots = slots;
	for (const struct dt_prop *p = aliases->props; p; p = p->next)
		enter(p);
}

static void bring_up_to_date(const struct dt_node *aliases)
{
	if (known.phandle == aliases->phandle && known.changes == aliases->changes) {
		if (known.used >= known.slots / 2)
			make_entries(aliases);
		return;
	}
	alias_reset();
	make_entries(aliases);
	known.phandle = aliases->phandle;
	known.changes = aliases->changes;
}

/* Is it base, base1, base2, ...? */
static bool is_of_family(const char *name, const char *base)
{
	size_t len = strlen(base);
	const char *digits = name + len;

	if (strncmp(name, base, len) != 0 || *digits == '0')
		return false;
	return digits[strspn(digits, "0123456789")] == '\0';
}

static bool has_path(const char *base, const char *path)
{
	size_t size = strlen(path) + 1;
	const struct entry *e = known.by_path[hash(path, size) & (known.slots - 1)];

	while (e && (e->prop->len != size || memcmp(e->prop->data, path, size) != 0 ||
		     !is_of_family(e->prop->name, base)))
		e = e->same_path;
	return e;
}

static bool has_name(const char *name)
{
	const struct entry *e = known.by_name[hash(name, strlen(name)) & (known.slots - 1)];

	while (e && strcmp(e->prop->name, name) != 0)
		e = e->same_name;
	return e;
}

static struct family *family_of(const char *base)
{
	struct family *f = known.families;

	while (f && strcmp(f->base, base) != 0)
		f = f->older;
	if (!f) {
		f = xalloc(sizeof(*f) + strlen(base) + 1);
		strcpy(f->base, base);
		f->older = known.families;
		known.families = f;
	}
	return f;
}

void of_alias(const char *base, const char *path)
{
	struct dt_node *aliases = dt_child_get(of_tree(), of_tree()->root, "aliases");
	struct family *family;
	char name[64];

	bring_up_to_date(aliases);
	if (has_path(base, path))
		return;
	family = family_of(base);
	do {
		struct strbuf sb = strbuf_on(name, sizeof(name));

		strbuf_str(&sb, base);
		if (family->next > 0)
			strbuf_printf(&sb, "%u", family->next);
		family->next++;
	} while (has_name(name));
	enter(dt_prop_add_str(aliases, name, path));
	known.changes = aliases->changes;
}
