/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unit addresses: a small grammar, read from left to right with no look back. Letters tell the
 * space and the flags, then come two to four hexadecimal fields with a limit each.
 */
#include "pciaddr/unit.h"

#include "base/err.h"
#include "base/strbuf.h"

struct text {
	const char *at, *end;
};

/* ---- reading ---- */

static bool take(struct text *t, char c)
{
	if (t->at == t->end || *t->at != c)
		return false;
	t->at++;
	return true;
}

/* A letter of either case. */
static bool take_letter(struct text *t, char lower)
{
	return take(t, lower) || take(t, (char)(lower - 'a' + 'A'));
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int take_hex(struct text *t, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	const char *start = t->at;

	for (; t->at < t->end && digit(*t->at) >= 0; t->at++) {
		if (v > max >> 4)
			return E_RANGE;
		v = v << 4 | (unsigned)digit(*t->at);
		if (v > max)
			return E_RANGE;
	}
	if (t->at == start)
		return E_FORMAT;
	*out = v;
	return 0;
}

/* ",N" */
static int take_field(struct text *t, uint64_t max, uint64_t *out)
{
	return take(t, ',') ? take_hex(t, max, out) : E_FORMAT;
}

static uint32_t take_flag(struct text *t, char letter, uint32_t flag)
{
	return take_letter(t, letter) ? flag : 0;
}

/* The letters in front: flags and space. */
static int take_kind(struct text *t, uint32_t *hi)
{
	uint32_t absolute = take_flag(t, 'n', PCI_PHYS_ABSOLUTE);

	if (take_letter(t, 'i')) {
		*hi = absolute | PCI_SPACE_IO << 24;
		*hi |= take_flag(t, 't', PCI_PHYS_ALIASED);
	} else if (take_letter(t, 'm')) {
		*hi = absolute | PCI_SPACE_MEM32 << 24;
		*hi |= take_flag(t, 't', PCI_PHYS_ALIASED);
		*hi |= take_flag(t, 'p', PCI_PHYS_PREF);
	} else if (take_letter(t, 'x')) {
		*hi = absolute | PCI_SPACE_MEM64 << 24;
		*hi |= take_flag(t, 'p', PCI_PHYS_PREF);
	} else {
		*hi = PCI_SPACE_CONFIG;
		return absolute ? E_FORMAT : 0;
	}
	return 0;
}

/* Register and address: what stands behind the function except in configuration space. */
static int take_place(struct text *t, struct pci_phys *phys)
{
	bool wide = PCI_PHYS_SPACE(phys->hi) == PCI_SPACE_MEM64;
	uint64_t reg, addr;
	int err = take_field(t, 0xff, &reg);

	if (!err)
		err = take_field(t, wide ? UINT64_MAX : UINT32_MAX, &addr);
	if (err)
		return err;
	phys->hi |= (uint32_t)reg;
	phys->mid = (uint32_t)(addr >> 32);
	phys->lo = (uint32_t)addr;
	return 0;
}

int pci_unit_decode(const char *text, size_t len, uint8_t bus, struct pci_phys *out)
{
	struct text t = {text, text + len};
	struct pci_phys phys = {0, 0, 0};
	uint64_t device = 0, function = 0;
	bool config;
	int err = len == 0 ? 0 : take_kind(&t, &phys.hi);

	config = PCI_PHYS_SPACE(phys.hi) == PCI_SPACE_CONFIG;
	if (!err && len > 0)
		err = take_hex(&t, 0x1f, &device);
	if (!err && (!config || t.at < t.end))
		err = take_field(&t, 7, &function);
	if (!err && !config)
		err = take_place(&t, &phys);
	if (err)
		return err;
	if (t.at < t.end)
		return E_FORMAT;
	phys.hi |= PCI_PHYS_BUS(bus) | (uint32_t)device << 11 | (uint32_t)function << 8;
	*out = phys;
	return 0;
}

/* ---- writing ---- */

static void put_flag(struct strbuf *sb, uint32_t hi, uint32_t flag, char letter)
{
	if (hi & flag)
		strbuf_char(sb, letter);
}

static void put_kind(struct strbuf *sb, uint32_t hi)
{
	enum pci_space space = PCI_PHYS_SPACE(hi);

	if (space == PCI_SPACE_CONFIG)
		return;
	put_flag(sb, hi, PCI_PHYS_ABSOLUTE, 'n');
	strbuf_char(sb, "?imx"[space]);
	if (space != PCI_SPACE_MEM64)
		put_flag(sb, hi, PCI_PHYS_ALIASED, 't');
	if (space != PCI_SPACE_IO)
		put_flag(sb, hi, PCI_PHYS_PREF, 'p');
}

static void put_field(struct strbuf *sb, uint64_t v)
{
	strbuf_char(sb, ',');
	strbuf_hex(sb, v);
}

size_t pci_unit_encode(const struct pci_phys *phys, char *text, size_t room)
{
	struct strbuf sb = strbuf_on(text, room);
	enum pci_space space = PCI_PHYS_SPACE(phys->hi);
	unsigned function = phys->hi >> 8 & 7;

	put_kind(&sb, phys->hi);
	strbuf_hex(&sb, phys->hi >> 11 & 0x1f);
	if (space != PCI_SPACE_CONFIG || function)
		put_field(&sb, function);
	if (space != PCI_SPACE_CONFIG) {
		uint64_t upper = space == PCI_SPACE_MEM64 ? phys->mid : 0;

		put_field(&sb, PCI_PHYS_REG(phys->hi));
		put_field(&sb, upper << 32 | phys->lo);
	}
	return sb.want;
}
