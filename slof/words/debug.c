/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking at the firmware itself: version, log, how long each phase took. */
#include "words-priv.h"

#include <string.h>

#include "base/log.h"
#include "of/env.h"

static int w_version(struct forth *f)
{
	words_printf(f, "%s\r\n", of_platform()->version);
	return 0;
}

/* One byte of the log, piece 0 then 1; -1 behind the last. */
static int log_byte(const struct log_ring *ring, size_t at)
{
	if (at < ring->len[0])
		return (uint8_t)ring->piece[0][at];
	at -= ring->len[0];
	return at < ring->len[1] ? (uint8_t)ring->piece[1][at] : -1;
}

/* The lines of the log with this text in them; printing would make no new ones. */
static int show_log(struct forth *f, const char *with)
{
	struct log_ring ring = log_ring();
	char line[256];
	size_t n = 0;
	int err = 0, c;

	for (size_t at = 0; (c = log_byte(&ring, at)) >= 0 && !err; at++) {
		if (c != '\n' && c != '\r' && n < sizeof(line) - 1)
			line[n++] = (char)c;
		if (c != '\n')
			continue;
		line[n] = '\0';
		if (strstr(line, with)) {
			forth_type(f, line, n);
			forth_type(f, "\r\n", 2);
			err = words_poll();
		}
		n = 0;
	}
	return err;
}

static int w_dmesg(struct forth *f)
{
	return show_log(f, "");
}

static int w_phases(struct forth *f)
{
	return show_log(f, "] boot: phase ");
}

static int w_log_level(struct forth *f)
{
	cell_t level = forth_pop(f);

	if (level > LOG_TRACE)
		return forth_abort(f, "log-level!: 0 (errors) to %u (everything)", LOG_TRACE);
	log_set_serial_level((enum log_level)level);
	return 0;
}

static int w_log_level_fetch(struct forth *f)
{
	forth_push(f, (cell_t)log_serial_level());
	return 0;
}

static int w_quiesce(struct forth *f UNUSED)
{
	of_quiesce();
	return 0;
}

static int w_diagnostic_mode(struct forth *f)
{
	forth_push(f, env_get_flag("diag-switch?") ? ~(cell_t)0 : 0);
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{".version",   "( -- )",   w_version, FORTH_LINES, "Show the firmware's version"},
	{"banner",     "( -- )",   w_version, FORTH_LINES, "Show the firmware's version"},
	{"dmesg",      "( -- )",   w_dmesg, FORTH_LINES, "Show the whole log"},
	{".phases",    "( -- )",   w_phases, FORTH_LINES, "Show how long each phase of the start took"},
	{"log-level!", "( n -- )", w_log_level, 0, "What of the log is shown at once: 0 errors, 1 warnings, 2 notes, 3 info, 4 debug"},
	{"log-level@", "( -- n )", w_log_level_fetch, 0, "What of the log is shown at once"},
	{"quiesce",    "( -- )",   w_quiesce, 0, "Stop all devices, as before an operating system starts"},
	{"diagnostic-mode?", "( -- flag )", w_diagnostic_mode, 0, "Is diag-switch? true?"},
};
// clang-format on
const struct words_table words_debug = {rows, ARRAY_SIZE(rows)};
