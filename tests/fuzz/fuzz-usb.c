/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile USB: the input decides what the devices say (descriptors, hubs, status blocks, reports), how transfers and commands
 * end, and which events the controller invents. The driver must end, within bounded time, give all memory
 * back, and use no device memory after it took it back.
 */
#include "base/clock.h"
#include "base/err.h"
#include "fakeclock.h"
#include "fakemmio.h"
#include "scsi/scsi.h"
#include "usb/hcd.h"

#include "fuzz-usb-classic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SLOTS  20u
#define RUNNER 0x40u

enum { XHCI, OHCI = 2, EHCI = 3 };
static unsigned kind;
static uint64_t reg[4]; /* command ring, contexts, event segments, what was taken of them */
static uint64_t ring[SLOTS + 1][32], events;
static uint8_t cycle[SLOTS + 1][32], event_cycle;
static uint16_t event_at;
static unsigned slots;

/* ---- the controller ---------------------------------------------------------------------- */

static void event(uint64_t at, uint32_t status, uint32_t control)
{
	uint8_t *e = memory(events + 16ull * event_at, 16), how = next();

	if (!e || how == 0xff)
		return;
	if (how == 0xfe)
		at += 16ull * next() - 128;
	if (how == 0xfd)
		control ^= next_bytes(2) << 16;
	if (how == 0xfc)
		status ^= next_bytes(4) & 0xff00ffff;
	put_le64(e, at);
	put_le32(e + 8, status);
	put_le32(e + 12, (control & ~1u) | event_cycle);
	if (++event_at == 256) {
		event_at = 0;
		event_cycle ^= 1;
	}
}

static bool fetch(uint64_t *at, uint8_t *c, uint8_t **trb)
{
	for (unsigned links = 0; links < 2; links++) {
		*trb = memory(*at, 16);
		if (!*trb || ((*trb)[12] & 1) != *c)
			return false;
		if ((get_le32(*trb + 12) >> 10 & 63) != 6) {
			*at += 16;
			return true;
		}
		*c ^= (*trb)[12] >> 1 & 1;
		*at = get_le64(*trb);
	}
	return false;
}

static void take_pipes(const uint8_t *input, unsigned slot)
{
	for (unsigned ep = 1; input && ep < 32; ep++)
		if (get_le32(input + 4) >> ep & 1) {
			uint64_t to = get_le64(input + 32 * (ep + 1) + 8);

			ring[slot][ep] = to & ~15ull;
			cycle[slot][ep] = to & 1;
		}
}

static void command(void)
{
	uint8_t *trb, code = next();

	while (fetch(&ring[0][0], &cycle[0][0], &trb)) {
		unsigned type = get_le32(trb + 12) >> 10 & 63, slot = trb[15], ep = trb[14] & 31;

		if (type == 9)
			slot = slots < SLOTS ? ++slots : 0;
		if (slot <= SLOTS && (type == 11 || type == 12))
			take_pipes(memory(get_le64(trb), 33 * 32), slot);
		if (slot <= SLOTS && type == 16) {
			ring[slot][ep] = get_le64(trb) & ~15ull;
			cycle[slot][ep] = trb[0] & 1;
		}
		event(ring[0][0] - 16, (code & 0xf0) == 0xf0 ? (uint32_t)code << 20 : 1u << 24,
		      33u << 10 | slot << 24);
	}
}

static void transfer(unsigned slot, unsigned ep)
{
	uint8_t *trb, code = next();
	uint64_t at = ring[slot][ep], setup = 0;
	uint32_t control = 0, size = 0;

	if (!at || code == 0xff)
		return;
	for (unsigned n = 0; n < 64 && fetch(&ring[slot][ep], &cycle[slot][ep], &trb); n++) {
		uint8_t *mem;

		control = get_le32(trb + 12);
		size = get_le32(trb + 8) & 0x1ffff;
		at = ring[slot][ep] - 16;
		if ((control >> 10 & 63) == 2) {
			setup = get_le64(trb);
			continue;
		}
		mem = size ? memory(get_le64(trb), size) : NULL;
		if (size && !mem)
			abort(); /* memory that is not mapped was given out */
		if (mem && (ep == 1 ? setup & 0x80 : ep & 1))
			fill(setup, ep, mem, size);
		else if (mem && size == 31)
			memcpy(last_cbw, mem, 31);
		if (control & 0x20)
			break;
	}
	if (code >= 0xe0 && code < 0xf0)
		event(at, 13u << 24 | (size ? next() % (size + 1) : 0),
		      32u << 10 | slot << 24 | ep << 16);
	else
		event(at, (code >= 0xf0 ? code & 15u : 1u) << 24,
		      32u << 10 | slot << 24 | ep << 16);
}

/* ---- registers --------------------------------------------------------------------------- */

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	static const uint32_t caps[] = {0x01000040, 4u << 24 | SLOTS, 0, 0, 8 << 16, 0x800, 0x600};

	(void)ctx, (void)bar, (void)size;
	if (kind != XHCI)
		return kind == OHCI ? ohci_read((uint32_t)offset) : ehci_read((uint32_t)offset);
	if (offset < sizeof(caps))
		return caps[offset / 4];
	if (offset == 0x20)
		return 0x02000002 | next() << 8;
	if (offset == 0x28)
		return next_bytes(2);
	if (offset == RUNNER)
		return reg[3] & 1;
	if (offset == RUNNER + 4)
		return !(reg[3] & 1);
	if (offset == RUNNER + 8)
		return 1;
	if (offset >= 0x440 && offset < 0x480 && offset % 16 == 0)
		return port_state[(offset - 0x440) / 16];
	return 0;
}

static void set_half(uint64_t *r, uint64_t offset, uint64_t v)
{
	unsigned shift = offset & 4 ? 32 : 0;

	*r = (*r & ~(0xffffffffull << shift)) | (v & 0xffffffff) << shift;
}

static void run(void)
{
	const uint8_t *segment = memory(reg[2], 16);

	if (!segment)
		abort();
	events = get_le64(segment);
	ring[0][0] = reg[0] & ~63ull;
	cycle[0][0] = reg[0] & 1;
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t v)
{
	(void)ctx, (void)bar, (void)size;
	if (kind == OHCI) {
		ohci_write((uint32_t)offset, (uint32_t)v);
	} else if (kind == EHCI) {
		ehci_write((uint32_t)offset, (uint32_t)v);
	} else if (offset == RUNNER) {
		reg[3] = v & 1;
		if (v & 1)
			run();
		else
			events = 0;
	} else if (offset == RUNNER + 0x18 || offset == RUNNER + 0x1c) {
		set_half(&reg[0], offset, v);
	} else if (offset == RUNNER + 0x30 || offset == RUNNER + 0x34) {
		set_half(&reg[1], offset, v);
	} else if (offset == 0x630 || offset == 0x634) {
		set_half(&reg[2], offset, v);
	} else if (offset >= 0x440 && offset < 0x480 && v & 0x10) {
		port_state[(offset - 0x440) / 16] |= 2 | (next() & 1 ? 1u << 21 : 0);
	} else if (offset == 0x800) {
		command();
	} else if (offset > 0x800 && offset < 0x804 + 4 * SLOTS && v < 32) {
		transfer((unsigned)(offset - 0x800) / 4, (unsigned)v);
	}
}

/* ---- use --------------------------------------------------------------------------------- */

static struct blkdev *disk;

static void found(void *ctx, uint64_t unit, const struct scsi_identity *who)
{
	(void)who;
	if (!disk)
		(void)!scsi_disk_start(ctx, unit, &disk);
}

static void use_storage(struct usb_dev *dev)
{
	static uint8_t buf[1 << 18];
	struct scsi_host *host;

	if (usb_storage_start(dev, "fuzz", &host))
		return;
	disk = NULL;
	scsi_scan(host, found, host);
	for (unsigned i = 0; disk && i < 3; i++) {
		uint64_t n = sizeof(buf) / disk->block_size, first = next();

		(void)!blkdev_read(disk, first, next() % n + 1, buf);
		(void)!blkdev_write(disk, next(), 1, buf);
	}
	blkdev_stop(disk);
	scsi_host_stop(host);
}

static void use_keyboard(struct usb_dev *dev)
{
	struct condev *keys;
	char buf[16];

	if (usb_keyboard_start(dev, &keys))
		return;
	for (unsigned i = 0; i < 8; i++)
		if (condev_read(keys, buf, sizeof(buf)) > sizeof(buf))
			abort();
	usb_keyboard_free(keys);
}

static void use(struct usb_dev *dev, unsigned depth)
{
	if (depth > 6)
		abort();
	for (; dev; dev = dev->next) {
		if (dev->kind == USB_STORAGE)
			use_storage(dev);
		if (dev->kind == USB_KEYBOARD)
			use_keyboard(dev);
		use(dev->child, depth + 1);
	}
}

static void reset(const uint8_t *data, size_t size)
{
	in = data;
	left = size;
	memset(reg, 0, sizeof(reg));
	memset(ring, 0, sizeof(ring));
	slots = event_at = 0;
	events = 0;
	event_cycle = 1;
	memset(classic, 0, sizeof(classic));
	kind = size ? data[0] >> 6 : XHCI;
	kind = kind == 1 ? XHCI : kind;
	for (unsigned i = 0; i < 4; i++) {
		uint8_t how = next();

		port_state[i] =
			kind != XHCI ? !(how & 8)
				     : 0x200 | (how & 8 ? 0 : 1) | (uint32_t)((how & 3) + 1) << 10;
	}
	spoiled = false;
	fake_look_us = 1000; /* deadlines are fewer looks away */
	fakemmio_reset();
	fakedma_go_on_at(0x10000000);
}

static int start(const struct pci_dev *dev, struct usb **usb)
{
	if (kind == XHCI)
		return usb_xhci_start(dev, usb);
	return kind == OHCI ? usb_ohci_start(dev, usb) : usb_ehci_start(dev, usb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fakemmio_regs regs = {regs_read, regs_write, NULL};
	struct fake_pci *pci = fake_pci_new();
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x0c0330);
	struct fakemmio_rig rig;
	struct usb *usb;

	reset(data, size);
	fake_bar(fn, 0, 0x4000, 4);
	fakemmio_attach(fn, &regs);
	fakemmio_rig_start(&rig, pci, fn, &fakedma, NULL);
	if (start(&rig.dev, &usb) == 0) {
		use(usb_first(usb), 0);
		usb_stop(usb);
	}
	if (fakedma_mappings())
		abort();
	fakemmio_rig_stop(&rig);
	return 0;
}
