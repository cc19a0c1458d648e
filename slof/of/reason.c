/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Collects reasons while a candidate is tried. Several may come: a block that cannot be read, and then the
 * table that is not understood without it. Each is there once, in order, as long as there is room; a
 * device that is not the candidate itself (a boot script may name another) is named.
 */
#include "reason-priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"

#define TEXT_MAX 160u

static const char *trying; /* NULL: nothing is */
static char collected[TEXT_MAX];

void reason_start(const char *path)
{
	trying = path;
	collected[0] = '\0';
}

void reason_end(void)
{
	trying = NULL;
}

const char *reason_text(void)
{
	return collected;
}

static bool is_candidate(const char *who)
{
	size_t len = strlen(who);

	return !strncmp(trying, who, len) && (!trying[len] || strchr(":/", trying[len]));
}

static void collect(const char *who, const char *text)
{
	size_t used = strlen(collected);
	struct strbuf sb = strbuf_on(collected + used, sizeof(collected) - used);

	if (strstr(collected, text))
		return;
	if (used)
		strbuf_str(&sb, "; ");
	if (!is_candidate(who))
		strbuf_printf(&sb, "%s: ", who);
	strbuf_str(&sb, text);
}

void reason_tell(enum log_level level, const char *tag, const char *who, const char *args,
		 const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (trying) {
		collect(who, text);
		level = level < LOG_INFO ? LOG_INFO : level;
	}
	if (level <= LOG_COMPILED)
		log_write(level, tag, "%s%s%s: %s", who, args ? ":" : "", args ? args : "", text);
}
