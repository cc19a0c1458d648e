/* SPDX-License-Identifier: BSD-2-Clause */
/* OHCI and EHCI as fuzz-usb plays them: they follow the driver's lists when a register is touched. */
#ifndef FUZZ_USB_CLASSIC_H
#define FUZZ_USB_CLASSIC_H

#include "fuzz-usb-devices.h"

static uint32_t port_state[4];
static uint32_t classic[0x20]; /* registers */

static void ohci_endpoint(uint8_t *ed)
{
	uint32_t tail = get_le32(ed + 4), at = get_le32(ed + 8) & ~15u;
	uint8_t setup[8] = {0}, code = next(), *td;

	if (code == 0xff)
		return;
	for (unsigned n = 0; n < 64 && at != tail && (td = memory(at, 16)); n++) {
		uint32_t from = get_le32(td + 4), len = from ? get_le32(td + 12) - from + 1 : 0;
		bool last = get_le32(td + 8) == tail;

		fill_block(setup, get_le32(ed) >> 7 & 15, from, len, (get_le32(td) >> 19 & 3) == 2);
		put_le32(td + 4, code >= 0xe0 && last && len ? from + next() % len : 0);
		put_le32(td, (get_le32(td) & 0x0fffffff) | (last && code >= 0xf0 ? code & 15u : 0)
								   << 28);
		at = get_le32(td + 8);
		if (code == 0xdf)
			scribble(td, 16);
	}
	put_le32(ed + 8, tail | (code >= 0xf0));
	if (code == 0xde)
		scribble(ed + 8, 4);
}

static void ohci_list(uint32_t at)
{
	uint8_t *ed;

	for (unsigned n = 0; n < 50 && at && (ed = memory(at, 16)); n++) {
		if (!(get_le32(ed) & 0x4000) && (get_le32(ed + 8) & ~15u) != get_le32(ed + 4))
			ohci_endpoint(ed);
		at = get_le32(ed + 12);
	}
}

static uint32_t ohci_read(uint32_t offset)
{
	if (offset == 0x08)
		return 0;
	if (offset == 0x48)
		return 4;
	if (offset >= 0x54 && offset < 0x64)
		return port_state[(offset - 0x54) / 4];
	return offset < sizeof(classic) ? classic[offset / 4] : 0;
}

static void ohci_write(uint32_t offset, uint32_t v)
{
	if (offset >= 0x54 && offset < 0x64) {
		port_state[(offset - 0x54) / 4] |= v & 0x10 ? 2 : 0;
		return;
	}
	if (offset < sizeof(classic))
		classic[offset / 4] = v;
	if (offset == 0x08 && v & 1)
		memset(classic, 0, sizeof(classic));
	if (offset != 0x08 || (classic[1] & 0xc0) != 0x80)
		return;
	ohci_list(classic[8]);
	ohci_list(classic[10]);
	ohci_list(memory(classic[6], 128) ? get_le32(memory(classic[6], 128)) : 0);
}

static void ehci_endpoint(uint8_t *qh)
{
	uint32_t at = get_le32(qh + 16);
	uint8_t setup[8] = {0}, code = next(), *td;

	if (code == 0xff)
		return;
	for (unsigned n = 0; n < 16 && !(at & 1) && (td = memory(at, 52)); n++) {
		uint32_t token = get_le32(td + 8), len = token >> 16 & 0x7fff, missing = 0;

		if (!(token & 0x80))
			break;
		at = get_le32(td);
		fill_block(setup, get_le32(qh + 4) >> 8 & 15, get_le32(td + 12), len,
			   (token >> 8 & 3) == 1);
		if (code >= 0xe0 && at & 1 && len)
			missing = next();
		put_le32(td + 8, (token & 0x80000f00) | missing << 16 |
					 (at & 1 && code >= 0xf0 ? 0x40 | (code & 8) : 0));
		if (code == 0xdf)
			scribble(td, 16);
	}
	put_le32(qh + 16, 1);
	if (code == 0xde)
		scribble(qh + 12, 16);
}

static void ehci_run(void)
{
	uint32_t first = classic[6], at = first;
	uint8_t *qh;

	for (unsigned list = 0; list < 2 && classic[0] & 0x20; list++) {
		for (unsigned n = 0; n < 50 && !(at & 1) && (qh = memory(at & ~31u, 68)); n++) {
			if (!(get_le32(qh + 24) & 0xc0) && !(get_le32(qh + 16) & 1))
				ehci_endpoint(qh);
			at = get_le32(qh);
			if ((at & ~31u) == first)
				break;
		}
		at = memory(classic[5], 4) ? get_le32(memory(classic[5], 4)) : 1;
	}
}

static uint32_t ehci_read(uint32_t offset)
{
	ehci_run();
	switch (offset) {
	case 0x00:
		return 0x01000020;
	case 0x04:
		return 4;
	case 0x20:
		return classic[0];
	case 0x24:
		return (classic[0] & 1 ? 0 : 0x1000) | (classic[0] & 0x30) << 10;
	}
	if (offset >= 0x64 && offset < 0x74)
		return port_state[(offset - 0x64) / 4];
	return 0;
}

static void ehci_write(uint32_t offset, uint32_t v)
{
	if (offset >= 0x64 && offset < 0x74) {
		uint32_t *port = &port_state[(offset - 0x64) / 4];

		*port = (*port & 1) | (*port & 0x100 && !(v & 0x100) && next() < 0xf0 ? 4 : 0) |
			(v & 0x3100);
		return;
	}
	if (offset >= 0x20 && offset < 0x20 + sizeof(classic))
		classic[(offset - 0x20) / 4] = v;
	if (offset == 0x20 && v & 2)
		memset(classic, 0, sizeof(classic));
	ehci_run();
}

#endif
