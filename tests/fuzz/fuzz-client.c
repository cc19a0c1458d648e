/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile client: the input is a list of calls, each a service and arguments of every kind, right
 * and wrong: handles that exist, pointers to the end of RAM or into the firmware, lengths without
 * measure. The oracles: AddressSanitizer around what ram_at() was asked for, the firmware's low memory
 * untouched, nothing written behind the results, claims that add up, a memory map that covers all RAM.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "client/client.h"
#include "dt/node.h"
#include "fakeplatform.h"
#include "fakeram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WINDOW       0x100000u
#define WINDOW_BYTES 0x8000u
#define ARRAY        WINDOW
#define ARRAY_CELLS  (3 + 2 * CLIENT_CELLS + 1)
#define TEXTS        (WINDOW + 0x1000)
#define BUF          (WINDOW + 0x4000)
#define CANARY       0xca9a6700u
#define CALLS_MAX    64

static const char *const services[] = {"test",
				       "canon",
				       "peer",
				       "child",
				       "parent",
				       "finddevice",
				       "getproplen",
				       "getprop",
				       "nextprop",
				       "setprop",
				       "package-to-path",
				       "instance-to-package",
				       "instance-to-path",
				       "instance-to-interposed-path",
				       "open",
				       "close",
				       "read",
				       "write",
				       "seek",
				       "call-method",
				       "test-method",
				       "claim",
				       "release",
				       "boot",
				       "enter",
				       "exit",
				       "chain",
				       "interpret",
				       "set-callback",
				       "milliseconds",
				       "quiesce",
				       "start-cpu",
				       "no-such"};

static const char *const texts[] = {"/",
				    "/chosen",
				    "/memory",
				    "/memory@2000000",
				    "/mmu",
				    "/aliases",
				    "/vdevice/vty@71000000:a,b",
				    "/vdevice/vty",
				    "/pci/pci/scsi@0:1,\\file",
				    "/packages",
				    "/cpus/@8",
				    "hvterm",
				    "hvterm:1",
				    "name",
				    "reg",
				    "available",
				    "device_type",
				    "stdout",
				    "bootargs",
				    "#address-cells",
				    "#size-cells",
				    "ibm,ppc-interrupt-server#s",
				    "stdout-path",
				    "write",
				    "read",
				    "claim",
				    "release",
				    "map",
				    "unmap",
				    "translate",
				    "",
				    "ci-x"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct input {
	const uint8_t *at;
	size_t left;
	uint32_t next_text;
	uint32_t last[8]; /* first results of the last calls */
	unsigned calls;
};

static uint8_t take(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

static uint32_t take32(struct input *in)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v = v << 8 | take(in);
	return v;
}

static void fail(const char *why)
{
	fprintf(stderr, "fuzz-client: %s\n", why);
	abort();
}

/* Bytes into the client's memory, with a NUL. */
static uint32_t put_text(struct input *in, const void *s, size_t len)
{
	uint32_t at = in->next_text;

	if (at + len + 1 > BUF)
		at = TEXTS;
	memcpy(fakeram_bytes(at), s, len);
	fakeram_bytes(at)[len] = 0;
	in->next_text = at + (uint32_t)len + 1;
	return at;
}

static uint32_t nth_phandle(unsigned n)
{
	struct dt_node *node = of_tree()->root;

	while (n-- > 0 && node)
		node = dt_next(of_tree()->root, node);
	return node ? node->phandle : 0;
}

/* The handles of the standard's instances, in the order they were opened. */
static uint32_t nth_ihandle(unsigned n)
{
	return 1u << 20 | (n & 31);
}

static uint32_t input_text(struct input *in)
{
	size_t len = take(in);
	uint32_t at;

	if (len > in->left)
		len = in->left;
	at = put_text(in, in->at, len);
	in->at += len;
	in->left -= len;
	return at;
}

static uint32_t argument(struct input *in)
{
	uint8_t kind = take(in);
	const char *text;

	switch (kind % 10) {
	case 0:
		return nth_phandle(take(in));
	case 1:
		return nth_ihandle(take(in));
	case 2:
		text = texts[take(in) % COUNT(texts)];
		return put_text(in, text, strlen(text));
	case 3:
		return input_text(in);
	case 4:
		return BUF + take(in);
	case 5:
		return take32(in);
	case 6:
		return take(in);
	case 7:
		return FAKERAM_BYTES - take(in);
	case 8:
		return FAKERAM_LOW_END - 128 + take(in);
	default:
		return in->last[take(in) % COUNT(in->last)];
	}
}

static uint32_t count(struct input *in)
{
	uint8_t n = take(in);

	return n == 255 ? take32(in) : n % (CLIENT_CELLS + 2);
}

/* ---- oracles ------------------------------------------------------------------------------ */

static uint64_t total(enum mem_owner owner)
{
	uint64_t at = 0, addr, size, sum = 0, last = 0;

	while (mem_next(owner, &at, &addr, &size)) {
		if (size == 0 || (last && addr <= last) || addr + size > FAKERAM_BYTES)
			fail("a stretch of the memory map is wrong");
		last = addr + size;
		sum += size;
	}
	return sum;
}

static void check_map(void)
{
	if (total(MEM_FREE) + total(MEM_FIRMWARE) + total(MEM_LOADED) + total(MEM_CLIENT) !=
	    FAKERAM_BYTES)
		fail("the memory map does not cover all RAM");
}

static void check_low(void)
{
	for (unsigned i = 0; i < FAKERAM_LOW_END; i += 4)
		if (get_be32(fakeram_bytes(i)) != CANARY + i)
			fail("the firmware's memory was written");
}

/* What claim and release may do to the client's total. */
static void check_claims(const char *service, uint64_t before, const uint32_t *arg, bool won)
{
	uint64_t after = total(MEM_CLIENT);

	if (!strcmp(service, "claim") && after != before + (won ? arg[1] : 0))
		fail("claim does not add up");
	if (!strcmp(service, "release") && after != before && after != before - arg[1])
		fail("release does not add up");
}

/* ---- calls -------------------------------------------------------------------------------- */

static void one_call(struct input *in)
{
	const char *service = services[take(in) % COUNT(services)];
	uint32_t nargs = count(in), nrets = count(in), arg[CLIENT_CELLS + 2] = {0};
	uint64_t before = total(MEM_CLIENT);
	int64_t rc;

	for (unsigned i = 0; i < ARRAY_CELLS; i++)
		put_be32(fakeram_bytes(ARRAY + 4 * i), CANARY + i);
	for (unsigned i = 0; i < nargs && i < CLIENT_CELLS; i++) {
		arg[i] = argument(in);
		put_be32(fakeram_bytes(ARRAY + 12 + 4 * i), arg[i]);
	}
	put_be32(fakeram_bytes(ARRAY), put_text(in, service, strlen(service)));
	put_be32(fakeram_bytes(ARRAY + 4), nargs);
	put_be32(fakeram_bytes(ARRAY + 8), nrets);
	fakeram_close(WINDOW, WINDOW_BYTES);
	rc = client_call(ARRAY);
	fakeram_open(WINDOW, WINDOW_BYTES);
	if (rc != 0 && rc != -1)
		fail("neither 0 nor -1");
	if (nargs <= CLIENT_CELLS && nrets <= CLIENT_CELLS) {
		uint32_t first = get_be32(fakeram_bytes(ARRAY + 12 + 4 * nargs));

		check_claims(service, before, arg, rc == 0 && first != 0xffffffff);
		in->last[in->calls % COUNT(in->last)] = first;
	}
}

/* Nothing but what a service was told to write may change the cells behind an array; reads and
 * getprops may be told to write there, so only a call without buffers is held to it. */
static void check_results_end(uint32_t nrets)
{
	uint32_t at = ARRAY + 12 + 4 * (1 + nrets);

	put_be32(fakeram_bytes(ARRAY), put_text(&(struct input){.next_text = TEXTS}, "peer", 4));
	put_be32(fakeram_bytes(ARRAY + 4), 1);
	put_be32(fakeram_bytes(ARRAY + 8), nrets);
	put_be32(fakeram_bytes(at), CANARY);
	(void)client_call(ARRAY);
	if (get_be32(fakeram_bytes(at)) != CANARY)
		fail("written behind the results");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {.at = data, .left = size, .next_text = TEXTS};

	fakeplatform_start(FAKE_COMPLETE);
	of_alias("hvterm", "/vdevice/vty@71000000");
	fakecon.input = "typed by somebody who does not wait";
	memset(fakeram_bytes(WINDOW), 0, WINDOW_BYTES);
	for (unsigned i = 0; i < FAKERAM_LOW_END; i += 4)
		put_be32(fakeram_bytes(i), CANARY + i);
	for (; in.left > 0 && in.calls < CALLS_MAX; in.calls++)
		one_call(&in);
	check_results_end(size % CLIENT_CELLS);
	check_map();
	check_low();
	fakeplatform_stop();
	return 0;
}
