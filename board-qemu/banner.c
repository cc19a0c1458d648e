/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first text of a boot. Test harnesses wait for a word beginning with "SLOF" with a row of asterisks
 * in the same line, and for "Open Firmware": both stay.
 */
#include "board.h"
#include "of/machine.h"
#include "version.h"

const char board_version[] = "Espalier " VERSION_TEXT;

void board_banner(void)
{
	of_printf("\r\n\r\nSLOF-compatible "
		  "*********************************************************\r\n"
		  "QEMU Starting\r\n"
		  " FW Version = %s, an Open Firmware\r\n\r\n",
		  board_version);
}
