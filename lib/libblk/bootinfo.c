/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bootinfo.txt. Elements are found by their names, whatever the case and whatever attributes stand in the
 * tag; they do not nest in a way that matters, so that finding "<name" and the next "</name" is all the
 * parsing there is. Their text is copied with entities replaced. Carriage returns are dropped, lines
 * stay: a boot script is Forth.
 */
#include "blk/bootinfo.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"

#include <string.h>
#include <strings.h>

struct span {
	const char *text;
	size_t len;
};

/* ---- elements --------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_name(char c)
{
	return is_blank(c) || c == '>' || c == '/';
}

/* "<name" or "</name" from at on: the offset of its '<', and the offset behind its '>'. */
static bool find_tag(struct span s, size_t at, const char *opening, size_t *start, size_t *behind)
{
	size_t n = strlen(opening);

	for (; at + n < s.len; at++) {
		const char *close;

		if (s.text[at] != '<' || strncasecmp(s.text + at, opening, n) != 0 ||
		    !ends_name(s.text[at + n]))
			continue;
		close = memchr(s.text + at, '>', s.len - at);
		if (!close)
			return false;
		*start = at;
		*behind = (size_t)(close - s.text) + 1;
		return true;
	}
	return false;
}

/* What stands between <name> and </name>; a missing end tag means the end of the text. */
static bool find_element(struct span s, const char *opening, const char *closing, struct span *out)
{
	size_t start, body, end, behind;

	if (!find_tag(s, 0, opening, &start, &body))
		return false;
	if (!find_tag(s, body, closing, &end, &behind))
		end = s.len;
	*out = (struct span){s.text + body, end - body};
	return true;
}

/* ---- entities --------------------------------------------------------------------------- */

/* "NN" or "xHH" as one byte or the UTF-8 of a character; false if it is no number. */
static bool add_character(struct strbuf *sb, const char *digits, size_t len)
{
	uint32_t base = 10, v = 0;
	size_t i = 0;

	if (len > 0 && (digits[0] == 'x' || digits[0] == 'X')) {
		base = 16;
		i = 1;
	}
	if (i == len || len > 8)
		return false;
	for (; i < len; i++) {
		char c = (char)(digits[i] | 0x20);
		uint32_t d = c >= 'a' ? (uint32_t)(c - 'a') + 10 : (uint32_t)(digits[i] - '0');

		if (d >= base)
			return false;
		v = v * base + d;
	}
	if (v == 0 || v > 0x7f) /* a script is ASCII; 0 would end it */
		return false;
	strbuf_char(sb, (char)v);
	return true;
}

static bool add_entity(struct strbuf *sb, const char *name, size_t len,
		       const struct bootinfo_names *names)
{
	const struct {
		const char *name, *text;
	} known[] = {
		{"device", names->device},
		{"partition", names->partition},
		{"directory", names->directory},
		{"filename", names->filename},
		{"lt", "<"},
		{"gt", ">"},
		{"amp", "&"},
		{"quot", "\""},
		{"apos", "'"},
	};

	if (len > 0 && name[0] == '#')
		return add_character(sb, name + 1, len - 1);
	if (len == 9 && strncasecmp(name, "full-path", len) == 0) {
		strbuf_printf(sb, "%s:%s,%s%s", names->device, names->partition, names->directory,
			      names->filename);
		return true;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
		if (strlen(known[i].name) == len && strncasecmp(name, known[i].name, len) == 0) {
			strbuf_str(sb, known[i].text);
			return true;
		}
	}
	return false;
}

static void expand(struct strbuf *sb, struct span s, const struct bootinfo_names *names)
{
	for (size_t i = 0; i < s.len; i++) {
		const char *semicolon;
		size_t left = s.len - i - 1;

		if (s.text[i] == '&') {
			semicolon = memchr(s.text + i + 1, ';', left < 16 ? left : 16);
			if (semicolon && add_entity(sb, s.text + i + 1,
						    (size_t)(semicolon - s.text) - i - 1, names)) {
				i = (size_t)(semicolon - s.text);
				continue;
			}
		}
		if (s.text[i] != '\r' && s.text[i] != '\0')
			strbuf_char(sb, s.text[i]);
	}
}

static struct span trimmed(struct span s)
{
	while (s.len > 0 && is_blank(s.text[0])) {
		s.text++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.text[s.len - 1]))
		s.len--;
	return s;
}

/* An element's text as a heap string; *out stays NULL if there is no such element. */
static int take(struct span all, const char *opening, const char *closing,
		const struct bootinfo_names *names, char **out)
{
	struct span body;
	struct strbuf sb = strbuf_on(NULL, 0);
	char *text;

	if (!find_element(all, opening, closing, &body))
		return 0;
	body = trimmed(body);
	expand(&sb, body, names);
	if (sb.want > BOOTINFO_MAX)
		return E_NOSPC;
	text = try_alloc(sb.want + 1);
	if (!text)
		return E_NOMEM;
	sb = strbuf_on(text, sb.want + 1);
	expand(&sb, body, names);
	*out = text;
	return 0;
}

int bootinfo_parse(const char *text, size_t len, const struct bootinfo_names *names,
		   struct bootinfo *out)
{
	struct span all;
	struct bootinfo info = {0};
	int err;

	if (len > BOOTINFO_MAX)
		return E_NOSPC;
	if (!find_element((struct span){text, len}, "<chrp-boot", "</chrp-boot", &all))
		return E_FORMAT;
	err = take(all, "<description", "</description", names, &info.description);
	err = err ? err : take(all, "<os-name", "</os-name", names, &info.os_name);
	err = err ? err : take(all, "<bootargs", "</bootargs", names, &info.boot_args);
	err = err ? err : take(all, "<boot-script", "</boot-script", names, &info.script);
	if (!err && (!info.script || !*info.script))
		err = E_FORMAT;
	if (err)
		bootinfo_free(&info);
	else
		*out = info;
	return err;
}

void bootinfo_free(struct bootinfo *info)
{
	heap_free(info->description);
	heap_free(info->os_name);
	heap_free(info->boot_args);
	heap_free(info->script);
	*info = (struct bootinfo){0};
}

/* ---- scripts of one command ------------------------------------------------------------- */

static char *copy(const char *text, size_t len)
{
	char *c = try_alloc(len + 1);

	if (c)
		memcpy(c, text, len);
	return c;
}

int bootinfo_simple(const char *script, char **path, char **args)
{
	struct span s = trimmed((struct span){script, strlen(script)}), rest;
	char *p, *a = NULL;
	size_t n = 0;

	if (s.len < 6 || strncasecmp(s.text, "boot", 4) != 0 || !is_blank(s.text[4]))
		return E_UNSUPP;
	s = trimmed((struct span){s.text + 4, s.len - 4});
	if (memchr(s.text, '\n', s.len))
		return E_UNSUPP;
	while (n < s.len && !is_blank(s.text[n]))
		n++;
	rest = trimmed((struct span){s.text + n, s.len - n});
	p = copy(s.text, n);
	if (rest.len > 0)
		a = copy(rest.text, rest.len);
	if (!p || (rest.len > 0 && !a)) {
		heap_free(p);
		heap_free(a);
		return E_NOMEM;
	}
	*path = p;
	*args = a;
	return 0;
}
