/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trying candidates. One attempt is one line, with the reason when it fails; a program that comes back
 * makes room for the next candidate, and so does a script that ends. Scripts may boot in turn, up to a
 * depth.
 */
#define LOG_TAG "boot"
#include "boot-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/env.h"

#include "of-priv.h"
#include "reason-priv.h"

#define DEPTH_MAX 8u

static unsigned depth;
static bool automatic; /* the candidates are the usual ones */

/* ---- one attempt ---------------------------------------------------------------------------- */

static const struct {
	unsigned code;
	const char *text;
} messages[] = {
	{3401, "Aborting boot"},
	{3402, "Aborting boot, internal error"},
	{3403, "Bad executable"},
	{3404, "Not a bootable device!"},
	{3405, "No such device"},
	{3407, "Load failed"},
	{3408, "Failed to claim memory for the executable"},
};

static void say(const struct load_failure *f)
{
	const char *text = "";

	for (unsigned i = 0; i < ARRAY_SIZE(messages); i++)
		if (messages[i].code == f->code)
			text = messages[i].text;
	of_fresh_line();
	of_printf("E%u: %s (%s)\n", f->code, text, f->why);
}

void boot_set_chosen(const char *path, const char *args)
{
	struct dt_node *chosen = dt_child_get(of_tree(), of_tree()->root, "chosen");

	dt_prop_set_str(chosen, "bootpath", path);
	dt_prop_set_str(chosen, "bootargs", args);
}

/* Why a path does not open. */
static const char *why_not(const char *path, int err)
{
	const struct dt_node *node = dt_path_find(of_tree(), path);

	if (err == E_NOENT)
		return node ? "no medium, or not what is asked for on it" : "no node of that name";
	if (err == E_UNSUPP && node && !of_class(node))
		return "no driver";
	return err_text(err);
}

static int open_and_load(const char *path, struct load_failure *f)
{
	struct instance *in;
	int err = instance_open(path, &in);

	if (err) {
		struct strbuf sb = strbuf_on(f->why, sizeof(f->why));

		f->code = 3405;
		strbuf_str(&sb, *reason_text() ? reason_text() : why_not(path, err));
		return err;
	}
	err = loader_load(in, f);
	instance_close(in);
	return err;
}

static int attempt(const char *path, const char *args)
{
	struct load_failure f = {0, ""};
	int err;

	of_printf("Trying to load: %s from: %s ... ", args, path);
	boot_set_chosen(path, args);
	reason_start(path);
	err = open_and_load(path, &f);
	if (err)
		say(&f);
	else
		of_printf("  Successfully loaded\n");
	reason_end(err == 0);
	return err;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static int nothing_left(const struct boot_list *list)
{
	struct load_failure f = {3407, ""};
	struct strbuf sb = strbuf_on(f.why, sizeof(f.why));

	if (list->n == 0)
		strbuf_str(&sb, "there is no bootable device");
	else
		strbuf_printf(&sb, "%u candidate%s tried%s", list->n, list->n == 1 ? "" : "s",
			      list->halt ? ", the host allows no others" : "");
	say(&f);
	return list->halt ? E_PERM : E_NOENT;
}

enum then { ONLY_LOAD, AND_RUN };

static int try_all(struct boot_list *list, const char *args, enum then then)
{
	const struct boot_entry *e;

	for (unsigned i = 0; (e = boot_list_get(list, i)); i++) {
		int err = of_key_break() ? E_ABORT : attempt(e->path, args);

		if (err == E_ABORT)
			return err;
		if (err)
			continue;
		if (then == ONLY_LOAD)
			return 0;
		err = loader_run();
		if (err)
			log_debug("%s came back: %s", e->path, err_text(err));
		if (of_is_quiesced())
			log_warn("the program stopped the devices before it came back; reset-all "
				 "starts them again");
	}
	return nothing_left(list);
}

/* Is the word a device, or the first of the arguments ("-s", "root=/dev/sda")? */
static bool is_device(const char *word)
{
	size_t plain = strcspn(word, ":/,=");

	return *word != '-' && word[plain] != '=';
}

/* The words as one text. */
static char *join(const char *first, const char *rest)
{
	char *blank = boot_concat(first, *rest ? " " : "");
	char *text = blank ? boot_concat(blank, rest) : NULL;

	heap_free(blank);
	return text;
}

static int boot(const char *device, const char *args, enum then then)
{
	struct boot_list list;
	bool before = automatic;
	int err;

	if (depth >= DEPTH_MAX) {
		log_warn("boot within boot, %u deep: refused", depth);
		return E_DEPTH;
	}
	depth++;
	automatic = !device || !*device;
	boot_list_init(&list, device);
	err = try_all(&list, args, then);
	boot_list_free(&list);
	automatic = before;
	depth--;
	return err;
}

static int start(const char *device, const char *args, enum then then)
{
	char *all = NULL;
	int err;

	if (device && *device && !is_device(device)) {
		all = join(device, args ? args : "");
		device = NULL;
	} else {
		if (!args)
			args = boot_variable("boot-file", "diag-file");
		all = xstrdup(args ? args : "");
	}
	if (!all)
		return E_NOMEM;
	err = boot(device, all, then);
	heap_free(all);
	return err;
}

bool boot_is_automatic(void)
{
	return automatic;
}

int of_boot(const char *device, const char *args)
{
	return start(device, args, AND_RUN);
}

int boot_only(const char *path)
{
	const char *args = boot_variable("boot-file", "diag-file");
	char *copy = xstrdup(args ? args : ""); /* a client may change the variable */
	int err = attempt(path, copy);

	heap_free(copy);
	return err ? err : loader_run();
}

int of_load(const char *device, const char *args)
{
	return start(device, args, ONLY_LOAD);
}

int of_go(void)
{
	return loader_run();
}

/* ---- the order, for whoever shows it -------------------------------------------------------- */

static struct boot_list shown;

bool of_boot_next(unsigned *at, struct boot_candidate *c, bool *halt)
{
	const struct boot_entry *e;

	if (*at == 0) {
		boot_list_free(&shown);
		boot_list_init(&shown, NULL);
	}
	e = boot_list_get(&shown, *at);
	if (halt)
		*halt = shown.halt;
	if (!e)
		return false;
	++*at;
	*c = (struct boot_candidate){e->path, e->origin};
	return true;
}

void boot_reset(void)
{
	boot_list_free(&shown);
	loader_drop();
	automatic = false;
	depth = 0;
}

void boot_abandon(void)
{
	loader_abandon();
	depth = 0;
}
