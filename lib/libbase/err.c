/* SPDX-License-Identifier: BSD-2-Clause */
/* The phrases of the closed error list. */
#include "base/err.h"

#include "base/compiler.h"

const char *err_text(int err)
{
	static const char *const text[] = {
		"success",
		"bad argument",
		"not found",
		"exists already",
		"out of memory",
		"too little room",
		"out of range",
		"malformed data",
		"device failure",
		"timed out",
		"busy",
		"not supported",
		"nested too deep or wrong number of cells",
		"stale handle",
		"not allowed",
		"given up on request",
		"stopped by an exception",
	};

	if (err > 0 || -err >= (int)ARRAY_SIZE(text))
		return "unknown reason";
	return text[-err];
}
