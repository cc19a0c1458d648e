/* SPDX-License-Identifier: BSD-2-Clause */
/* panic() on the host: say why and abort, so that sanitizers and fuzzers see it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"

void panic(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "panic: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	abort();
}
