/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The doctor's paragraphs: marked as problem or note, broken into lines of a terminal's width, with
 * functions named as the tree and QEMU's command line name them.
 */
#include "doctor-priv.h"

#include <stdarg.h>
#include <string.h>

#define WIDTH     78u /* of a line */
#define NAMES_MAX 6u  /* of functions in one paragraph */

/* ---- paragraphs ---- */

void doctor_begin(struct doctor *d, bool problem)
{
	d->problems += problem;
	d->notes += !problem;
	d->sb = strbuf_on(d->text, sizeof(d->text));
	strbuf_str(&d->sb, problem ? "* " : "- ");
}

void doctor_say(struct doctor *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&d->sb, fmt, ap);
	va_end(ap);
}

/* How much of a text goes into a line: whole words, if there is a place to break. */
static size_t fitting(const char *p, size_t room)
{
	size_t n = strlen(p);

	if (n <= room)
		return n;
	for (n = room; n && p[n] != ' '; n--)
		;
	return n ? n : room;
}

void doctor_end(struct doctor *d)
{
	const char *p = d->text, *lead = "";

	while (*p) {
		char line[WIDTH + 1];
		struct strbuf sb = strbuf_on(line, sizeof(line));
		size_t n = fitting(p, WIDTH - strlen(lead));

		strbuf_str(&sb, lead);
		strbuf_add(&sb, p, n);
		d->emit(d->ctx, line);
		p += n;
		p += strspn(p, " ");
		lead = "  ";
	}
}

/* ---- naming ---- */

void doctor_name(struct doctor *d, const struct pci_fn *fn)
{
	doctor_say(d, PCI_BDF_FMT " %s", PCI_BDF_ARGS(fn),
		   fn->node ? fn->node->name : pci_class_name(fn->class_rev >> 8));
	if (*pci_qemu_name(fn))
		doctor_say(d, " (%s)", pci_qemu_name(fn));
}

void doctor_size(struct doctor *d, uint64_t size)
{
	pci_size_text(&d->sb, size);
}

unsigned doctor_count(const struct doctor *d, fn_test *is)
{
	unsigned n = 0;

	for (const struct pci_fn *fn = &d->host->root; (fn = pci_fn_next(d->host, fn));)
		n += is(d, fn);
	return n;
}

void doctor_names(struct doctor *d, fn_test *is)
{
	unsigned n = 0;

	for (const struct pci_fn *fn = &d->host->root; (fn = pci_fn_next(d->host, fn));) {
		if (!is(d, fn) || n++ >= NAMES_MAX)
			continue;
		doctor_say(d, "%s", n > 1 ? ", " : "");
		doctor_name(d, fn);
		doctor_say(d, "%s", fn->preferred ? ", which this boot needs" : "");
	}
	if (n > NAMES_MAX)
		doctor_say(d, " and %u more", n - NAMES_MAX);
}

bool doctor_about(struct doctor *d, bool problem, fn_test *is, const char *lead, const char *rest)
{
	if (!doctor_count(d, is))
		return false;
	doctor_begin(d, problem);
	doctor_say(d, "%s: ", lead);
	doctor_names(d, is);
	doctor_say(d, ". %s", rest);
	doctor_end(d);
	return true;
}
