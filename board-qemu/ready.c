/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a boot that found nothing to run, or whose client came back: the prompt. And the words
 * only this board can offer: looking at what it knows, reset, power off.
 */
#include "board.h"

#include "rtas.h"

#include "base/err.h"
#include "base/log.h"
#include "base/trace.h"
#include "of/machine.h"
#include "words/words.h"

static int w_log(struct forth *f UNUSED)
{
	struct log_ring ring = log_ring();

	for (unsigned i = 0; i < ARRAY_SIZE(ring.piece); i++)
		of_print(ring.piece[i], ring.len[i]);
	return 0;
}

static int w_trace(struct forth *f UNUSED)
{
	const struct trace_record *r;
	char line[128];

	for (unsigned i = 0; (r = trace_youngest(i)); i++) {
		trace_format(r, line, sizeof(line));
		of_printf("%s\r\n", line);
	}
	return 0;
}

static int w_reset(struct forth *f UNUSED)
{
	rtas_reboot();
	return THROW_IO;
}

static int w_power_off(struct forth *f UNUSED)
{
	rtas_power_off();
	return THROW_IO;
}

// clang-format off
static const struct forth_word rows[] = {
	{".log",       "( -- )", w_log, FORTH_LINES, "Show the whole log, all levels"},
	{".trace",     "( -- )", w_trace, FORTH_LINES, "Show the last calls across the firmware's edges, youngest first"},
	{".registers", "( -- )", w_registers, FORTH_LINES, "Show the registers of the program that ended last, or of the last exception"},
	{"ctrace",     "( -- )", w_ctrace, FORTH_LINES, "Show who called whom there"},
	{"rom-fcode",  "( path len -- )", w_rom_fcode, FORTH_VARIES, "Evaluate the FCode in the ROM of a PCI function"},
	{"reset-all",  "( -- )", w_reset, FORTH_VARIES, "Restart the machine"},
	{"power-off",  "( -- )", w_power_off, FORTH_VARIES, "Switch the machine off"},
};
// clang-format on

int board_forth_init(void)
{
	int err = words_init(rows, ARRAY_SIZE(rows));

	words_also(board_words_pci, board_words_pci_count);
	return err;
}

static bool ready;

/* A prompt has been reached, the one behind the boot or a program's. */
bool board_is_ready(void)
{
	return ready || words_prompt_waits();
}

/* A phase may have failed before there was Forth; its message is then the last one. */
void board_ready(void)
{
	ready = words_forth() != NULL;
	if (ready) {
		of_printf("Ready! ");
		words_prompt();
	}
	for (;;)
		board_idle(1000);
}

/* The machine is as the fault left it; only who holds what for a while is forgotten. */
void board_ready_again(void)
{
	board_wake_end();
	board_client_forget();
	of_recover();
	words_recover();
	board_ready();
}
