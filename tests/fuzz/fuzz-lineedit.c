/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any keys: no escape sequence comes out, the screen shows the line with the cursor where it is, and rows
 * end before the edge once something other than typing at the end happened. The first byte chooses the
 * width; 0xff lets time pass.
 */
#include <stdlib.h>
#include <string.h>

#include "fakescreen.h"
#include "term/lineedit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fakescreen screen;

static size_t offer(void *ctx, const char *line, size_t len, struct lineedit_matches *m)
{
	(void)ctx;
	assert(len > 0);
	for (unsigned i = 0; i < (uint8_t)line[len - 1] % 5u; i++) {
		lineedit_match(m, "node@12", i < 3 ? 7 : 4, (enum lineedit_match_kind)(i % 3));
		lineedit_match(m, line, len, LINEEDIT_WORD);
	}
	return len - 1;
}

/* Only what the row can show at once is compared. */
static void judge(const struct lineedit *le, unsigned columns)
{
	char want[300] = "2 > ";
	size_t len, at = lineedit_cursor(le);
	const char *p = lineedit_text(le, &len);

	assert(at <= len && p[len] == '\0');
	if (len + 4 > columns - 1)
		return;
	for (size_t i = 0; i < len; i++)
		want[4 + i] = (uint8_t)p[i] < ' ' || p[i] == 127 ? '.' : p[i];
	for (size_t n = 4 + len; n > 0 && want[n - 1] == ' '; n--)
		want[n - 1] = '\0';
	assert(!strcmp(screen.row, want));
	assert(screen.at == 4 + at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct lineedit_ops ops = {&screen, fakescreen_emit, offer};
	unsigned columns = size > 0 && data[0] >= 64 ? data[0] : 80;
	struct lineedit *le;

	if (size > 3000)
		return 0;
	le = lineedit_new(&ops, columns);
	assert(le);
	screen = (struct fakescreen){.at = 0};
	lineedit_start(le, "2 > ");
	for (size_t i = 1; i < size; i++) {
		enum lineedit_event e = LINEEDIT_MORE;

		if (data[i] == 0xff)
			lineedit_timeout(le);
		else
			e = lineedit_key(le, (char)data[i]);
		if (e != LINEEDIT_MORE) {
			fakescreen_emit(&screen, "\r\n", 2);
			lineedit_start(le, "2 > ");
		}
		judge(le, columns);
	}
	lineedit_free(le);
	return 0;
}
