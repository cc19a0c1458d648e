/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The start nobody commands: keys typed so far, the image QEMU loaded by -kernel, then boot-command. A key
 * that means nothing here stays in the queue for whoever reads next.
 */
#define LOG_TAG "boot"
#include "boot-priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/env.h"
#include "of/evaluate.h"

#define MENU_WAIT_MS 3000u /* for F12, when the host wants a menu */
#define WAIT_MOST_MS 600000u
#define ONCE         "boot-command-once"

enum key_wish { NO_WISH, STAY, MENU };

/* ---- keys ----------------------------------------------------------------------------------- */

static bool menu_is_on(void)
{
	const struct dt_node *chosen = dt_path_find(of_tree(), "/chosen");

	return chosen && dt_prop_u32_or(chosen, "qemu,boot-menu", 0) == 1;
}

static enum key_wish look_at_keys(bool menu)
{
	if (of_key_peek(0) == 's') {
		while (of_key_peek(0) == 's')
			(void)of_key();
		return STAY;
	}
	return menu && menu_key() ? MENU : NO_WISH;
}

/* How long to wait for a key: the variable boot-key-wait, in milliseconds, if there is one. */
static uint32_t key_wait(bool menu, bool has_kernel)
{
	const char *text = env_get_str("boot-key-wait");
	unsigned long ms = menu && !has_kernel ? MENU_WAIT_MS : 0;

	if (text && *text)
		ms = strtoul(text, NULL, 10);
	return ms < WAIT_MOST_MS ? (uint32_t)ms : WAIT_MOST_MS;
}

/* Is there a key, and if it begins an escape sequence, as much as F12 has? */
static bool key_is_whole(void)
{
	int key = of_key_peek(0);

	return key >= 0 && (key != 0x1b || of_key_peek(4) >= 0);
}

/* Until something is typed or the time is over. What is whole and means nothing is somebody else's. */
static enum key_wish wait_for_keys(bool menu, uint32_t ms)
{
	struct deadline end = deadline_in_ms(ms);

	for (;;) {
		bool whole =
			key_is_whole(); /* looked at before its meaning: more may come in between */
		enum key_wish wish = look_at_keys(menu);

		if (wish != NO_WISH || whole || deadline_passed(&end))
			return wish;
		of_idle(10);
	}
}

/* ---- the image of -kernel ------------------------------------------------------------------- */

/* Loaders look for both, also when there is nothing to say (GRUB complains otherwise). */
static void complete_chosen(struct dt_node *chosen)
{
	if (!dt_prop_find(chosen, "bootpath"))
		dt_prop_set_str(chosen, "bootpath", "");
	if (!dt_prop_find(chosen, "bootargs"))
		dt_prop_set_str(chosen, "bootargs", "");
}

static bool find_kernel(struct dt_node *chosen, uint64_t *base, uint64_t *size)
{
	struct dt_reader r = dt_read(chosen, "qemu,boot-kernel");

	*base = dt_read_u64(&r);
	*size = dt_read_u64(&r);
	return !r.short_of && *size > 0;
}

/*
 * It is in memory and its entry is its base. It is entered 32-bit big endian, as this machine's
 * firmware always has: a little-endian or 64-bit kernel's first instructions cope, and zImage
 * wrappers and GRUB need it.
 */
static void run_kernel(struct dt_node *chosen, uint64_t base, uint64_t size)
{
	const char *args;
	struct memory_mark nothing = {0}; /* QEMU put it there, and it stays */
	struct client_image image = {.entry = base};

	complete_chosen(chosen);
	args = dt_prop_get_str(chosen, "bootargs");
	image.args = args ? args : "";
	of_printf("Detected RAM kernel at %llx (%llx bytes)\n", (unsigned long long)base,
		  (unsigned long long)size);
	of_printf("  Welcome to Open Firmware\n\nBooting from memory...\n");
	(void)!boot_run(&image, &nothing); /* told */
}

/* ---- boot-command --------------------------------------------------------------------------- */

/* The word boot without Forth: "boot", "boot device arguments". False: it is something else. */
static bool is_plain_boot(const char *text, const char **rest)
{
	text += strspn(text, " ");
	if (strncmp(text, "boot", 4) != 0 || (text[4] && text[4] != ' '))
		return false;
	*rest = text + 4 + strspn(text + 4, " ");
	return true;
}

static int boot_words(const char *rest)
{
	size_t len = strcspn(rest, " ");
	char *device = xstrndup(rest, len);
	const char *args = rest + len + strspn(rest + len, " ");
	int err = of_boot(device, *args ? args : NULL);

	heap_free(device);
	return err;
}

static void run_command(const char *what, const char *text)
{
	const char *rest = "";
	int err;

	if (is_plain_boot(text, &rest) && (!*rest || !of_has_evaluator()))
		err = boot_words(rest);
	else
		err = of_evaluate(what, text, strlen(text));
	if (err)
		log_debug("%s \"%s\": %d", what, text, err);
}

/* What a client asked for by the service boot: gone before it runs, so that it happens once. */
static bool run_once(void)
{
	const char *text = env_get_str(ONCE);
	char *command;

	if (!text || !*text)
		return false;
	command = xstrdup(text);
	if (env_set_default(ONCE))
		log_warn("%s cannot be taken from NVRAM: it may be obeyed again", ONCE);
	run_command(ONCE, command);
	heap_free(command);
	return true;
}

int of_boot_request(const char *bootspec)
{
	char *text = boot_concat("boot ", bootspec);
	int err;

	if (!text)
		return E_NOMEM;
	err = env_set(ONCE, text, strlen(text));
	heap_free(text);
	return err;
}

/* ---- the start ------------------------------------------------------------------------------ */

static void boot_by_command(void)
{
	if (run_once())
		return;
	if (!env_get_flag("auto-boot?")) {
		log_info("auto-boot? is false");
		return;
	}
	run_command("boot-command", env_get_str("boot-command"));
}

void of_boot_automatic(void)
{
	struct dt_node *chosen = dt_child_get(of_tree(), of_tree()->root, "chosen");
	uint64_t base, size;
	bool menu = menu_is_on(), has_kernel = find_kernel(chosen, &base, &size);
	enum key_wish wish;

	if (menu)
		of_printf("Press F12 for boot menu.\n\n");
	wish = wait_for_keys(menu, key_wait(menu, has_kernel));
	if (has_kernel && wish == NO_WISH && of_platform()->client_run)
		run_kernel(chosen, base, size);
	else
		of_printf("  Welcome to Open Firmware\n\n");
	if (wish == STAY || (wish == MENU && !of_boot_menu()))
		return;
	boot_by_command();
}
