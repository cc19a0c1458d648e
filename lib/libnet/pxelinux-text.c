/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of configuration files, taken apart and kept. */
#include "pxelinux-priv.h"

#include "base/err.h"
#include "base/heap.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct pxe_text pxe_trim(struct pxe_text t)
{
	while (t.len && is_blank(*t.at))
		t.at++, t.len--;
	while (t.len && is_blank(t.at[t.len - 1]))
		t.len--;
	return t;
}

struct pxe_text pxe_take_word(struct pxe_text *rest)
{
	struct pxe_text t = pxe_trim(*rest), word = {t.at, 0};

	while (word.len < t.len && !is_blank(t.at[word.len]))
		word.len++;
	*rest = pxe_trim((struct pxe_text){t.at + word.len, t.len - word.len});
	return word;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool pxe_is_word(struct pxe_text t, const char *word)
{
	for (size_t i = 0; i < t.len; i++)
		if (!word[i] || lower(t.at[i]) != word[i])
			return false;
	return word[t.len] == 0;
}

char *pxe_copy(struct pxe_text t)
{
	char *s = try_alloc(t.len + 1);

	for (size_t i = 0; s && i < t.len; i++)
		s[i] = (uint8_t)t.at[i] < ' ' || t.at[i] == 0x7f ? ' ' : t.at[i];
	return s;
}

int pxe_keep(char **to, struct pxe_text t)
{
	char *s = pxe_copy(t);

	if (!s)
		return E_NOMEM;
	heap_free(*to);
	*to = s;
	return 0;
}

uint32_t pxe_number(struct pxe_text t, uint32_t max)
{
	unsigned base = t.len > 2 && t.at[0] == '0' && lower(t.at[1]) == 'x' ? 16 : 10;
	uint64_t v = 0;

	for (size_t i = base == 16 ? 2 : 0; i < t.len && v <= max; i++) {
		char c = lower(t.at[i]);
		unsigned digit = c >= 'a' ? (unsigned)(c - 'a') + 10 : (unsigned)(c - '0');

		if (digit >= base)
			break;
		v = v * base + digit;
	}
	return v < max ? (uint32_t)v : max;
}
