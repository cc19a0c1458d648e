/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a boot that found nothing to run: a person may look at what the firmware knows, reset,
 * or power off, one key each. The Forth prompt will take this place.
 */
#include "board.h"

#include "rtas.h"

#include "base/log.h"
#include "base/trace.h"
#include "of/machine.h"

static void print_line(void *ctx, const char *line)
{
	(void)ctx;
	of_printf("%s\r\n", line);
}

static void print_log(void)
{
	struct log_ring ring = log_ring();

	for (unsigned i = 0; i < ARRAY_SIZE(ring.piece); i++)
		condev_write(vty_early(), ring.piece[i], ring.len[i]);
}

static void print_trace(void)
{
	const struct trace_record *r;
	char line[128];

	for (unsigned i = 0; (r = trace_youngest(i)); i++) {
		trace_format(r, line, sizeof(line));
		of_printf("%s\r\n", line);
	}
}

static void print_map(void)
{
	phb_dump_all(print_line);
}

static const struct {
	char key;
	void (*act)(void);
} keys[] = {
	{'r', rtas_reboot}, {'p', rtas_power_off}, {'m', print_map},
	{'l', print_log},   {'t', print_trace},
};

static void say_ready(void)
{
	of_printf("Ready! Press r to reset, p to power off, m for the PCI map, l for the log, "
		  "t for the last calls.\r\n");
}

void board_ready(void)
{
	say_ready();
	for (;;) {
		char c;

		if (condev_read(vty_early(), &c, 1) == 0) {
			board_idle(20);
			continue;
		}
		for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
			if (keys[i].key == c) {
				keys[i].act();
				say_ready();
			}
		}
	}
}
