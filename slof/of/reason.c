/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Collects reasons while a candidate is tried. Several may come: a block that cannot be read, and then the
 * table that is not understood without it. Each is there once, in order, as long as there is room; a
 * device that is not the candidate itself (a boot script may name another) is named. What libraries below log
 * as a warning meanwhile is a reason too: they know nothing of attempts. If the attempt succeeds all
 * the same, such warnings are told after it.
 */
#define LOG_TAG "boot"

#include "reason-priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"

#define TEXT_MAX 192u

static const char *trying; /* NULL: nothing is */
static char collected[TEXT_MAX];
static bool warned;

static void add(const char *who, const char *text)
{
	size_t used = strlen(collected);
	struct strbuf sb = strbuf_on(collected + used, sizeof(collected) - used);

	if (strstr(collected, text))
		return;
	if (used)
		strbuf_str(&sb, "; ");
	if (who)
		strbuf_printf(&sb, "%s: ", who);
	strbuf_str(&sb, text);
}

/* A line of a library names its object by itself. */
static bool catch_warning(const char *text)
{
	warned = true;
	add(NULL, text);
	return true;
}

void reason_start(const char *path)
{
	trying = path;
	collected[0] = '\0';
	warned = false;
	log_set_catcher(catch_warning);
}

void reason_end(bool success)
{
	log_set_catcher(NULL);
	if (success && warned)
		log_warn("%s: %s", trying, collected);
	trying = NULL;
}

bool reason_is_wanted(void)
{
	return trying;
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

void reason_refer(const char *who, const char *word)
{
	if (trying)
		add(is_candidate(who) ? NULL : who, word);
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
		add(is_candidate(who) ? NULL : who, text);
		level = level < LOG_INFO ? LOG_INFO : level;
	}
	if (level <= LOG_COMPILED)
		log_write(level, tag, "%s%s%s: %s", who, args ? ":" : "", args ? args : "", text);
}
