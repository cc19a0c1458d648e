/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot menu: every candidate in boot order. A line per candidate as scripts know it from SLOF,
 * "N) alias : path", and one below for people. Numbers are typed with digits and Enter, or without Enter
 * where no longer number begins like that; letters stand for 10 to 35, as in SLOF. Nobody
 * typing anything is taken for ESC after a while.
 */
#define LOG_TAG "menu"
#include "boot-priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/block.h"
#include "of/env.h"

#define ESC            0x1b
#define F12            "\033[24~"
#define WAIT_SECONDS   60u
#define WAIT_MOST      86400u
#define PIECE_WAIT_MS  100u  /* the rest of an escape sequence */
#define NUMBER_WAIT_MS 1500u /* one more digit, or Enter */

bool menu_key(void)
{
	bool found = false;

	for (;;) {
		for (unsigned i = 0; i < strlen(F12); i++)
			if (of_key_peek(i) != F12[i])
				return found;
		for (unsigned i = 0; i < strlen(F12); i++)
			(void)of_key();
		found = true;
	}
}

/* ---- the text ------------------------------------------------------------------------------- */

/* The alias of a node, or of the nearest there is: "disk2", "net"; "" if it has none. */
static const char *alias_of(const struct dt_node *node)
{
	const struct dt_node *aliases = dt_path_find(of_tree(), "/aliases");

	for (const struct dt_prop *p = aliases ? aliases->props : NULL; node && p; p = p->next) {
		bool is_boot = !strncmp(p->name, "disk", 4) || !strncmp(p->name, "cdrom", 5) ||
			       !strncmp(p->name, "net", 3);
		const char *path = is_boot ? dt_prop_get_str(aliases, p->name) : NULL;

		if (path && dt_path_find(of_tree(), path) == node)
			return p->name;
	}
	return "";
}

/* A drive without a medium does not start: that it is one for CDs only its alias tells. */
static const char *kind_of(const struct dt_node *node, const struct blkdev *bd, const char *alias)
{
	const char *type = node ? dt_prop_get_str(node, "device_type") : NULL;

	if (!node)
		return "not there";
	if (bd ? bd->is_cdrom : !strncmp(alias, "cdrom", 5))
		return "CD-ROM";
	if (bd)
		return "disk";
	if (type && !strcmp(type, "network"))
		return "network";
	return type && !strcmp(type, "block") ? "disk" : "device";
}

static void describe(const char *kind, const struct blkdev *bd, const char *origin)
{
	of_printf("           %s", kind);
	if (bd) {
		uint64_t mib = bd->blocks / (1048576u / bd->block_size);

		if (bd->blocks == 0)
			of_printf(", no medium");
		else if (mib >= 10240)
			of_printf(", %llu GiB", (unsigned long long)mib >> 10);
		else
			of_printf(", %llu MiB", (unsigned long long)mib);
		if (bd->about[0])
			of_printf(", %s", bd->about);
	}
	of_printf(" [%s]\n", origin);
}

/* A disk's size and name are known once it was started. */
static struct blkdev *started(struct dt_node *node, const char *path)
{
	struct blkdev *bd = node ? of_block_started(node) : NULL;
	struct instance *in;
	const char *type = node ? dt_prop_get_str(node, "device_type") : NULL;

	if (bd || !type || strcmp(type, "block") != 0 || instance_open(path, &in))
		return bd;
	bd = of_block_started(node);
	instance_close(in);
	return bd;
}

static void print_entry(unsigned number, const struct boot_candidate *c)
{
	struct dt_node *node = dt_path_find(of_tree(), c->path);
	const char *alias = alias_of(node);
	const struct blkdev *bd;

	of_printf("%u) %6s : %s\n", number, *alias ? alias : "-", c->path);
	bd = started(node, c->path);
	describe(kind_of(node, bd, alias), bd, c->origin);
}

static unsigned print_all(void)
{
	struct boot_candidate c;
	unsigned at = 0, n = 0;

	while (of_boot_next(&at, &c, NULL)) {
		if (n == 0)
			of_printf("\nSelect boot device (or press '0' to abort):\n\n");
		print_entry(++n, &c);
	}
	return n;
}

/* ---- the answer ----------------------------------------------------------------------------- */

#define ANSWER_ORDER UINT32_MAX /* ESC, or nobody there */

/* The rest of an escape sequence is swallowed; a lone ESC is an answer. */
static bool is_lone_escape(void)
{
	int key;

	if (!of_key_wait(PIECE_WAIT_MS) || of_key_peek(0) != '[')
		return true;
	do {
		key = of_key_wait(PIECE_WAIT_MS) ? of_key() : -1;
	} while (key >= 0 && (key < '@' || key == '['));
	return false;
}

/* More digits of a number that n entries allow. */
static uint32_t more_digits(uint32_t number, unsigned n)
{
	while (number > 0 && number <= n / 10 && of_key_wait(NUMBER_WAIT_MS)) {
		int key = of_key_peek(0);

		if (key >= '0' && key <= '9')
			number = 10 * number + (uint32_t)(key - '0');
		if ((key < '0' || key > '9') && key != '\r' && key != '\n')
			break;
		(void)of_key();
		if (key == '\r' || key == '\n')
			break;
	}
	return number;
}

static uint32_t wait_ms_of(const char *name)
{
	const char *text = env_get_str(name);
	unsigned long s = text && *text ? strtoul(text, NULL, 10) : WAIT_SECONDS;

	return (uint32_t)(s < WAIT_MOST ? s : WAIT_MOST) * 1000;
}

/* Nobody types: say how long, and wait; 0: for ever. False: the time is over. */
static bool wait_for_somebody(uint32_t ms)
{
	if (ms == 0) {
		while (!of_key_wait(60000))
			;
		return true;
	}
	of_printf("(the usual order in %u s, or with ESC)\n", (unsigned)(ms / 1000));
	return of_key_wait(ms);
}

/* A number from 1 to n, 0, or ANSWER_ORDER. */
static uint32_t read_answer(unsigned n)
{
	bool somebody = wait_for_somebody(wait_ms_of("boot-menu-timeout"));
	uint32_t answer = UINT32_MAX;

	while (somebody) {
		int key;

		while (!of_key_wait(60000))
			;
		key = of_key();
		if (key == ESC && is_lone_escape())
			return ANSWER_ORDER;
		if (key == '0')
			return 0;
		if (key >= '1' && key <= '9')
			answer = more_digits((uint32_t)(key - '0'), n);
		else if (key >= 'a' && key <= 'z')
			answer = (uint32_t)(key - 'a') + 10;
		else if (key == 3)
			return 0;
		else
			continue;
		if (answer >= 1 && answer <= n)
			return answer;
		of_printf("%u is not in the list\n", (unsigned)answer);
	}
	return ANSWER_ORDER;
}

static void boot_number(uint32_t number)
{
	struct boot_candidate c = {NULL, NULL};
	unsigned at = 0;
	char *path;
	int err;

	for (uint32_t i = 0; i < number; i++)
		if (!of_boot_next(&at, &c, NULL))
			return;
	if (!c.path)
		return;
	path = xstrdup(c.path);
	of_printf("%u\n\n", (unsigned)number);
	err = boot_only(path);
	if (err)
		log_debug("%s: %s", path, err_text(err));
	heap_free(path);
}

bool of_boot_menu(void)
{
	unsigned n = print_all();
	uint32_t answer;

	if (n == 0) {
		of_printf("No available boot devices!\n");
		return true;
	}
	answer = read_answer(n);
	of_printf("\n");
	if (answer == 0)
		return false;
	if (answer != ANSWER_ORDER)
		boot_number(answer);
	return true;
}
