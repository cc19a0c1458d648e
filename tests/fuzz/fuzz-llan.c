/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual Ethernet of a hypervisor that lies: queue entries, buffers that do not come back or come back twice,
 * calls that fail, all from the input. It writes only where it was given memory. Frames fit the room there
 * is for them; nothing stays mapped or registered.
 */
#include <stdlib.h>
#include <string.h>

#include "fakellan.h"
#include "of/instance.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *in;
static size_t left;

static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

static uint64_t next64(void)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | next();
	return v;
}

/* Mostly it works. */
static int64_t refuse(const uint64_t *reg)
{
	static const int8_t results[] = {-1, -4, -16, 1};
	uint8_t how = left ? next() : 0;

	(void)reg;
	return (how & 0xfc) == 0xfc ? results[how & 3] : 0;
}

/* A frame: what is written into a buffer, and what the entry says of it. */
static void arrive(void)
{
	uint8_t how = next(), frame[1600];
	uint32_t len = next() * 6u;
	uint64_t correlator;

	memset(frame, how, sizeof(frame));
	if (!fakellan_fill(frame, len, how & 1, &correlator))
		return;
	fakellan_entry(how & 2 ? next() : (uint8_t)(fakellan.toggle | 0x40),
		       how & 4 ? (uint16_t)next64() : 8, how & 8 ? (uint32_t)next64() : len,
		       how & 16 ? next64() : correlator ^ (how & 32 ? next() : 0));
}

static void transfer(struct instance *nic, const char *method, uint64_t len)
{
	if (fakellan_transfer(nic, method, len) > (int64_t)len)
		abort();
}

static void use(void)
{
	struct instance *nic = NULL;

	while (left > 0) {
		uint8_t what = next();

		if (!nic && instance_open(FAKELLAN_NIC, &nic))
			nic = NULL;
		if (!nic)
			continue;
		if (what < 0x80)
			arrive();
		else if (what < 0xc0)
			transfer(nic, "read", next() * 6u);
		else if (what < 0xf0)
			transfer(nic, "write", next() * 6u);
		else {
			instance_close(nic);
			nic = NULL;
		}
	}
	if (nic)
		instance_close(nic);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x57};

	in = data;
	left = size;
	fakellan_start(next() & 1, mac, sizeof(mac));
	fakellan.refuse = refuse;
	use();
	fakellan_stop();
	return 0;
}
