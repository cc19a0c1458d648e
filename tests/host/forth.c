/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware's Forth on the developer's machine: engine, words and prompt as in the image, over the fake
 * board's small tree or a flattened tree from a file.
 *
 *     forth [--dtb FILE] [FILE]...
 *
 * Files are interpreted in turn; the first fault ends it with status 1. Without files there is the
 * prompt, on a terminal or a pipe, until the end of input or bye.
 */
#define LOG_TAG "host"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "dt/fdt.h"
#include "fakeplatform.h"
#include "of/evaluate.h"
#include "words/words.h"

/* ---- time, which here is real; idling ends with the input ------------------------------------- */

static bool at_end;

uint64_t clock_us(void)
{
	static uint64_t start;
	struct timespec t;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
	if (!start)
		start = now;
	return now - start;
}

void clock_delay_us(uint64_t us)
{
	struct pollfd in = {STDIN_FILENO, POLLIN, 0};

	if (at_end)
		exit(0);
	poll(&in, 1, (int)((us + 999) / 1000));
}

/* ---- the console -------------------------------------------------------------------------------- */

static struct termios before;
static bool is_raw;

static void cook(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	printf("\n");
}

static void make_raw(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &before))
		return;
	t = before;
	t.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG | IEXTEN);
	t.c_iflag &= (tcflag_t) ~(ICRNL | IXON);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 0;
	is_raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &t) == 0;
}

static size_t host_write(struct condev *con UNUSED, const char *text, size_t len)
{
	fwrite(text, 1, len, stdout);
	fflush(stdout);
	return len;
}

static size_t host_read(struct condev *con UNUSED, char *buf, size_t room)
{
	struct pollfd in = {STDIN_FILENO, POLLIN, 0};
	ssize_t n;

	if (at_end || poll(&in, 1, 0) <= 0)
		return 0;
	n = read(STDIN_FILENO, buf, room);
	if (n <= 0)
		at_end = true;
	return n > 0 ? (size_t)n : 0;
}

static const struct condev_ops host_ops = {host_write, host_read};
static struct condev host_console = {&host_ops};

/* ---- files -------------------------------------------------------------------------------------- */

/* All of a file, in memory that is never given back. */
static char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	size_t room = 1 << 16, n;
	char *p = malloc(room);

	if (!f || !p) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	*len = 0;
	while ((n = fread(p + *len, 1, room - *len, f)) > 0) {
		*len += n;
		if (*len == room)
			p = realloc(p, room *= 2);
		if (!p)
			exit(1);
	}
	fclose(f);
	return p;
}

static void use_tree(const char *path)
{
	const char *why = "";
	size_t len;
	void *blob = slurp(path, &len);
	int err = dt_fdt_check(blob, len, &len, &why);

	instance_forget_node(of_tree()->root);
	dt_tree_free(of_tree());
	if (!err)
		err = dt_from_fdt(of_tree(), blob);
	if (err) {
		fprintf(stderr, "%s: %s %s\n", path, err_text(err), why);
		exit(1);
	}
	free(blob);
}

static void tell(const char *line, size_t len)
{
	fwrite(line, 1, len, stderr);
}

static int w_bye(struct forth *f UNUSED)
{
	exit(0);
}

static const struct forth_word rows[] = {{"bye", "( -- )", w_bye, 0, "End this program"}};

int main(int argc, char **argv)
{
	int i = 1;

	log_set_sink(tell);
	fakeplatform_start(FAKE_TREE_ONLY);
	if (argc > 2 && !strcmp(argv[1], "--dtb")) {
		use_tree(argv[2]);
		i = 3;
	}
	of_standard_nodes();
	of_set_early_console(&host_console);
	if (words_init(rows, ARRAY_SIZE(rows)))
		return 1;
	if (i == argc) {
		make_raw();
		atexit(cook);
		words_prompt();
	}
	for (; i < argc; i++) {
		size_t len;
		char *text = slurp(argv[i], &len);

		if (of_evaluate(argv[i], text, len))
			exit(1);
		free(text);
	}
	return 0;
}
