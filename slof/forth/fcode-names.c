/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The FCode numbers of IEEE 1275-1994 and its 64-bit extension. They come in runs, so the table says
 * where a run begins and what follows; what only the evaluator knows has a name with "b(" or so.
 */
#include "forth/fcode.h"

#include <string.h>

#include "base/compiler.h"

// clang-format off
static const struct { unsigned first; const char *names; } runs[] = {
	{0x000, "end0"},
	{0x010, "b(lit) b(') b(\") bbranch b?branch b(loop) b(+loop) b(do) b(?do) i j b(leave) b(of) execute + -"},
	{0x020, "* / mod and or xor invert lshift rshift >>a /mod u/mod negate abs min max"},
	{0x030, ">r r> r@ exit 0= 0<> 0< 0<= 0> 0>= < > = <> u> u<="},
	{0x040, "u< u>= >= <= between within drop dup over swap rot -rot tuck nip pick roll"},
	{0x050, "?dup depth 2drop 2dup 2over 2swap 2rot 2/ u2/ 2* /c /w /l /n ca+ wa+"},
	{0x060, "la+ na+ char+ wa1+ la1+ cell+ chars /w* /l* cells on off +! @ l@ w@"},
	{0x070, "<w@ c@ ! l! w! c! 2@ 2! move fill comp noop lwsplit wljoin lbsplit bljoin"},
	{0x080, "wbflip upc lcc pack count body> >body fcode-revision span unloop expect alloc-mem free-mem key? key emit"},
	{0x090, "type (cr cr #out #line hold <# u#> sign u# u#s u. u.r . .r .s"},
	{0x0a0, "base convert $number digit -1 0 1 2 3 bl bs bell bounds here aligned wbsplit"},
	{0x0b0, "bwjoin b(<mark) b(>resolve) set-token-table set-table new-token named-token b(:) b(value) b(variable)"
		" b(constant) b(create) b(defer) b(buffer:) b(field) b(code)"},
	{0x0c0, "instance"},
	{0x0c2, "b(;) b(to) b(case) b(endcase) b(endof) # #s #> external-token $find offset16 evaluate"},
	{0x0d0, "c, w, l, , um* um/mod"},
	{0x0d8, "d+ d- get-token set-token state compile, behavior"},
	{0x0f0, "start0 start1 start2 start4"},
	{0x0fc, "ferror version1 4-byte-id end1"},
	{0x101, "dma-alloc my-address my-space memmap free-virtual >physical"},
	{0x10f, "my-params property encode-int encode+ encode-phys encode-string encode-bytes reg intr driver model"
		" device-type parse-2int is-install is-remove is-selftest new-device"},
	{0x120, "diagnostic-mode? display-status memory-test-suite group-code mask get-msecs ms finish-device decode-phys"},
	{0x12b, "interpose"},
	{0x130, "map-low sbus-intr>cpu"},
	{0x150, "#lines #columns line# column# inverse? inverse-screen? frame-buffer-busy? draw-character reset-screen"
		" toggle-cursor erase-screen blink-screen invert-screen insert-characters delete-characters insert-lines"},
	{0x160, "delete-lines draw-logo frame-buffer-adr screen-height screen-width window-top window-left"},
	{0x16a, "default-font set-font char-height char-width >font fontbytes"},
	{0x170, "fb1-draw-character fb1-reset-screen fb1-toggle-cursor fb1-erase-screen fb1-blink-screen fb1-invert-screen"
		" fb1-insert-characters fb1-delete-characters fb1-insert-lines fb1-delete-lines fb1-draw-logo fb1-install"
		" fb1-slide-up"},
	{0x180, "fb8-draw-character fb8-reset-screen fb8-toggle-cursor fb8-erase-screen fb8-blink-screen fb8-invert-screen"
		" fb8-insert-characters fb8-delete-characters fb8-insert-lines fb8-delete-lines fb8-draw-logo fb8-install"},
	{0x1a0, "return-buffer xmit-packet poll-packet"},
	{0x1a4, "mac-address"},
	{0x201, "device-name my-args my-self find-package open-package close-package find-method call-package"
		" $call-parent my-parent ihandle>phandle"},
	{0x20d, "my-unit $call-method $open-package processor-type firmware-version fcode-version alarm (is-user-word)"
		" suspend-fcode abort catch throw user-abort get-my-property decode-int decode-string"
		" get-inherited-property delete-property get-package-property"},
	{0x220, "cpeek wpeek lpeek cpoke wpoke lpoke lwflip lbflip lbflips adr-mask"},
	{0x22e, "rx@ rx! rb@ rb! rw@ rw! rl@ rl! wbflips lwflips probe probe-virtual"},
	{0x23b, "child peer next-property byte-load set-args left-parse-string bxjoin <l@ lxjoin wxjoin x, x@ x!"
		" /x /x* xa+ xa1+ xbflip xbflips xbsplit xlflip xlflips xlsplit xwflip xwflips xwsplit"},
};
// clang-format on

/* The next name of a run; length 0 at its end. */
static struct forth_text next_name(const char **at)
{
	const char *p = *at;
	size_t len;

	while (*p == ' ')
		p++;
	for (len = 0; p[len] && p[len] != ' '; len++)
		;
	*at = p + len;
	return (struct forth_text){p, len};
}

struct forth_text fcode_name(unsigned number)
{
	struct forth_text t = {"", 0};
	size_t i = ARRAY_SIZE(runs);
	const char *at;

	while (i > 0 && runs[i - 1].first > number)
		i--;
	if (i == 0)
		return t;
	at = runs[i - 1].names;
	for (unsigned n = runs[i - 1].first; n <= number; n++) {
		t = next_name(&at);
		if (t.len == 0)
			break;
	}
	return t;
}

unsigned fcode_number(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		const char *at = runs[i].names;
		unsigned n = runs[i].first;
		struct forth_text t;

		for (t = next_name(&at); t.len > 0; t = next_name(&at), n++) {
			if (t.len == len && memcmp(t.p, name, len) == 0)
				return n;
		}
	}
	return 0;
}

void fcode_each(void (*fn)(void *ctx, unsigned number, struct forth_text name), void *ctx)
{
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		const char *at = runs[i].names;
		unsigned n = runs[i].first;
		struct forth_text t;

		for (t = next_name(&at); t.len > 0; t = next_name(&at))
			fn(ctx, n++, t);
	}
}
