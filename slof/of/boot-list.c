/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to boot, in order. There are four sources: the host's list (bootindex), the host's letters
 * (-boot once, boot_set), the variable boot-device, and every other device with a driver. A list is
 * filled from them one after the other as far as it is walked, because the last ones make all disks
 * be looked for. Each device with its arguments is in it once. HALT behind the host's list closes it.
 */
#define LOG_TAG "boot"
#include "boot-priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/env.h"
#include "of/scsi.h"

#define BLANKS " \t\r\n"

/* ---- entries -------------------------------------------------------------------------------- */

static char *copy(const char *text, size_t len)
{
	char *p = try_alloc(len + 1);

	if (p)
		memcpy(p, text, len);
	return p;
}

static bool has(const struct boot_list *list, const char *path)
{
	for (unsigned i = 0; i < list->n; i++)
		if (!strcmp(list->entry[i].path, path))
			return true;
	return false;
}

static bool make_room(struct boot_list *list)
{
	unsigned more = list->room ? 2 * list->room : 16;
	struct boot_entry *e;

	if (list->n < list->room)
		return true;
	e = try_resize(list->entry, list->room * sizeof(*e), more * sizeof(*e));
	if (!e)
		return false;
	list->entry = e;
	list->room = more;
	return true;
}

/* One more candidate, unless it is there. A path nobody knows stays as it is, to be told when it is tried. */
static void append(struct boot_list *list, const char *text, size_t len, const char *origin)
{
	char *given = copy(text, len);
	char *path = given ? boot_path_resolve(given) : NULL;
	char *from = copy(origin, strlen(origin));

	if (path)
		heap_free(given);
	else
		path = given;
	if (!path || !from || has(list, path) || !make_room(list)) {
		heap_free(path);
		heap_free(from);
		return;
	}
	list->entry[list->n++] = (struct boot_entry){path, from};
}

/* The next word of a list; NULL at its end. */
static const char *next_word(const char **text, size_t *len)
{
	const char *word = *text + strspn(*text, BLANKS);

	*len = strcspn(word, BLANKS);
	*text = word + *len;
	return *len ? word : NULL;
}

static void append_words(struct boot_list *list, const char *text, const char *origin)
{
	const char *word;
	size_t len;

	while (text && (word = next_word(&text, &len)))
		append(list, word, len, origin);
}

/* ---- aliases -------------------------------------------------------------------------------- */

struct numbered {
	unsigned number;
	const char *name;
};

static int by_number(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* Is it base or base1, base2, ...? */
static bool in_family(const char *name, const char *base, unsigned *number)
{
	size_t len = strlen(base);
	const char *digits = name + len;

	if (strncmp(name, base, len) != 0)
		return false;
	*number = 0;
	if (!*digits)
		return true;
	if (*digits == '0' || digits[strspn(digits, "0123456789")] || strlen(digits) > 9)
		return false;
	*number = (unsigned)strtoul(digits, NULL, 10);
	return true;
}

static void append_family(struct boot_list *list, const char *base)
{
	const struct dt_node *aliases = dt_path_find(of_tree(), "/aliases");
	struct numbered *all;
	unsigned n = 0, room = 0, number;

	for (const struct dt_prop *p = aliases ? aliases->props : NULL; p; p = p->next)
		room += in_family(p->name, base, &number);
	all = room ? try_alloc(room * sizeof(*all)) : NULL;
	if (!all)
		return;
	for (const struct dt_prop *p = aliases->props; p; p = p->next)
		if (in_family(p->name, base, &number))
			all[n++] = (struct numbered){number, p->name};
	qsort(all, n, sizeof(*all), by_number);
	for (unsigned i = 0; i < n; i++)
		append(list, all[i].name, strlen(all[i].name), all[i].name);
	heap_free(all);
}

/* ---- the sources ---------------------------------------------------------------------------- */

static const char *chosen_text(const char *name)
{
	const struct dt_node *chosen = dt_path_find(of_tree(), "/chosen");

	return chosen ? dt_prop_get_str(chosen, name) : NULL;
}

/* Does the list end in HALT? Its length without it. */
static size_t strip_halt(const char *text, bool *halt)
{
	size_t len = strlen(text);

	while (len > 0 && strchr(BLANKS, text[len - 1]))
		len--;
	*halt = len >= 4 && !memcmp(text + len - 4, "HALT", 4) &&
		(len == 4 || strchr(BLANKS, text[len - 5]));
	return *halt ? len - 4 : len;
}

static void from_given(struct boot_list *list)
{
	append_words(list, list->given, "asked for");
}

static void from_host_list(struct boot_list *list)
{
	const char *text = list->given ? NULL : chosen_text("qemu,boot-list");
	char *words;

	if (!text)
		return;
	words = copy(text, strip_halt(text, &list->halt));
	append_words(list, words, "boot list");
	heap_free(words);
}

static void from_host_letters(struct boot_list *list)
{
	const char *letters = list->given ? NULL : chosen_text("qemu,boot-device");

	if (!letters || !*letters)
		return;
	of_populate_all();
	for (; *letters; letters++) {
		if (*letters == 'c')
			append_family(list, "disk");
		else if (*letters == 'd')
			append_family(list, "cdrom");
		else if (*letters == 'n')
			append_family(list, "net");
	}
}

const char *boot_variable(const char *name, const char *diag_name)
{
	const char *diag = env_get_flag("diag-switch?") ? env_get_str(diag_name) : NULL;

	return diag && *diag ? diag : env_get_str(name);
}

static void from_variable(struct boot_list *list)
{
	append_words(list, boot_variable("boot-device", "diag-device"), "boot-device");
}

static void from_all(struct boot_list *list)
{
	if (list->given)
		return;
	of_populate_all();
	append_family(list, "disk");
	append_family(list, "cdrom");
	append_family(list, "net");
}

static void (*const sources[])(struct boot_list *list) = {
	from_given, from_host_list, from_host_letters, from_variable, from_all,
};

void boot_list_init(struct boot_list *list, const char *device)
{
	*list = (struct boot_list){0};
	if (device && *device)
		list->given = copy(device, strlen(device));
}

void boot_list_free(struct boot_list *list)
{
	for (unsigned i = 0; i < list->n; i++) {
		heap_free(list->entry[i].path);
		heap_free(list->entry[i].origin);
	}
	heap_free(list->entry);
	heap_free(list->given);
	*list = (struct boot_list){0};
}

const struct boot_entry *boot_list_get(struct boot_list *list, unsigned i)
{
	while (i >= list->n && !list->halt && list->stage < ARRAY_SIZE(sources))
		sources[list->stage++](list);
	return i < list->n ? &list->entry[i] : NULL;
}
