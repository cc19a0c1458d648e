/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client for tests: builds call arrays, strings and buffers in a window of the fake RAM that is closed
 * while the firmware works, so that AddressSanitizer sees what was not asked for by ram_at().
 */
#ifndef TEST_CLIENT_CALLS_H
#define TEST_CLIENT_CALLS_H

#include <stdarg.h>

#include "check.h"

#include "base/bytes.h"
#include "client/client.h"
#include "fakeplatform.h"
#include "fakeram.h"

#define WINDOW       0x100000u
#define WINDOW_BYTES 0x20000u
#define ARRAY        (WINDOW + 8) /* the call's cells */
#define TEXTS        (WINDOW + 0x1000)
#define BUF          (WINDOW + 0x10000)
#define MINUS_1      0xffffffffu
#define POISON       0xdeadbeefu

static uint32_t next_text = TEXTS;

static UNUSED void client_start(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	memset(fakeram_bytes(WINDOW), '!', WINDOW_BYTES);
	next_text = TEXTS;
}

/* A string in the client's memory. */
static UNUSED uint32_t text(const char *s)
{
	uint32_t at = next_text;

	memcpy(fakeram_bytes(at), s, strlen(s) + 1);
	next_text += (uint32_t)strlen(s) + 1;
	if (next_text > BUF)
		next_text = TEXTS;
	return at;
}

/* What is at BUF, as a string. */
static UNUSED const char *buf(void)
{
	return (const char *)fakeram_bytes(BUF);
}

static UNUSED void clear_buf(void)
{
	memset(fakeram_bytes(BUF), '!', 0x1000);
}

static UNUSED int64_t call_array(uint64_t array)
{
	int64_t rc;

	fakeram_close(WINDOW, WINDOW_BYTES);
	rc = client_call(array);
	fakeram_open(WINDOW, WINDOW_BYTES);
	return rc;
}

static UNUSED void put_cell(unsigned i, uint32_t v)
{
	put_be32(fakeram_bytes(ARRAY + 4 * i), v);
}

static UNUSED uint32_t result(unsigned nargs, unsigned i)
{
	return get_be32(fakeram_bytes(ARRAY + 4 * (3 + nargs + i)));
}

static int64_t vcall(const char *service, unsigned nargs, unsigned nrets, va_list ap)
{
	put_cell(0, text(service));
	put_cell(1, nargs);
	put_cell(2, nrets);
	for (unsigned i = 0; i < nargs; i++)
		put_cell(3 + i, va_arg(ap, uint32_t));
	for (unsigned i = 0; i <= nrets; i++)
		put_cell(3 + nargs + i, POISON);
	return call_array(ARRAY);
}

/* Call with nargs cells; results are poisoned before and stay in the array. Returns the handler's. */
static UNUSED int64_t call(const char *service, unsigned nargs, unsigned nrets, ...)
{
	va_list ap;
	int64_t rc;

	va_start(ap, nrets);
	rc = vcall(service, nargs, nrets, ap);
	va_end(ap);
	return rc;
}

/* The first result of a call that the handler carried out, writing nothing behind it. */
static UNUSED uint32_t ask(const char *service, unsigned nargs, ...)
{
	va_list ap;
	int64_t rc;

	va_start(ap, nargs);
	rc = vcall(service, nargs, 1, ap);
	va_end(ap);
	CHECK_EQ(rc, 0);
	CHECK_EQ(result(nargs, 1), POISON);
	return result(nargs, 0);
}

static UNUSED uint32_t find(const char *path)
{
	return ask("finddevice", 1, text(path));
}

static UNUSED uint32_t chosen_cell(const char *prop)
{
	CHECK_EQ(ask("getprop", 4, find("/chosen"), text(prop), BUF, 4), 4);
	return get_be32(fakeram_bytes(BUF));
}

#endif
