/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Client side of the IEEE 1275 client interface: builds the cell array, calls the handler the
 * firmware passed in r5, and offers one small function per service. Also the little runtime a
 * client needs (start, console output, string functions). Errors are passed on as the firmware gave
 * them; nothing is retried or repaired, since the callers are tests.
 */
#include "ofci.h"

struct of_boot of_boot;
char of_bootargs[256];
uint32_t of_stdout;
uint32_t of_stdin;

void client_start(uint32_t r3, uint32_t r4, uint32_t r5, uint32_t r6, uint32_t r7, uint64_t tb);

/* ---- strings ---- */

void *memset(void *dst, int c, size_t len)
{
	unsigned char *p = dst;

	while (len--)
		*p++ = (unsigned char)c;
	return dst;
}

void *memcpy(void *dst, const void *src, size_t len)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	while (len--)
		*d++ = *s++;
	return dst;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *p = a, *q = b;

	for (; len; len--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

const char *of_strstr(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (; *text; text++)
		if (!memcmp(text, word, len))
			return text;
	return NULL;
}

/* ---- formatted output ---- */

struct out {
	char *buf;
	size_t size, len;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_string(struct out *o, const char *s)
{
	for (s = s ? s : "(null)"; *s; s++)
		put(o, *s);
}

/* Divide by 10 without libgcc's 64-bit division, which a 32-bit freestanding program does not have.
 */
static uint64_t divide_by_10(uint64_t value, unsigned int *remainder)
{
	uint64_t quotient = 0;
	uint32_t rest = 0;
	int bit;

	for (bit = 63; bit >= 0; bit--) {
		rest = rest << 1 | (uint32_t)(value >> 63);
		value <<= 1;
		quotient <<= 1;
		if (rest >= 10) {
			rest -= 10;
			quotient |= 1;
		}
	}
	*remainder = rest;
	return quotient;
}

static void put_number(struct out *o, uint64_t value, bool hex, int width, char pad)
{
	char digits[24];
	int n = 0;

	do {
		unsigned int digit;

		if (hex) {
			digit = (unsigned int)value & 15;
			value >>= 4;
		} else {
			value = divide_by_10(value, &digit);
		}
		digits[n++] = "0123456789abcdef"[digit];
	} while (value);
	for (; width > n; width--)
		put(o, pad);
	while (n)
		put(o, digits[--n]);
}

static void put_signed(struct out *o, int64_t value)
{
	if (value < 0)
		put(o, '-');
	put_number(o, value < 0 ? -(uint64_t)value : (uint64_t)value, false, 0, ' ');
}

/* One conversion; @format points behind the '%'. Returns a pointer behind the conversion. */
static const char *convert(struct out *o, const char *format, va_list *ap)
{
	char pad = *format == '0' ? '0' : ' ';
	int width = 0, longs = 0;
	bool wide;

	for (; *format >= '0' && *format <= '9'; format++)
		width = width * 10 + *format - '0';
	for (; *format == 'l'; format++)
		longs++;
	wide = longs > 1 || (longs == 1 && sizeof(long) == 8);
	switch (*format) {
	case 's':
		put_string(o, va_arg(*ap, const char *));
		break;
	case 'c':
		put(o, (char)va_arg(*ap, int));
		break;
	case 'd':
		put_signed(o, wide ? va_arg(*ap, int64_t) : va_arg(*ap, int32_t));
		break;
	case 'u':
	case 'x':
		put_number(o, wide ? va_arg(*ap, uint64_t) : va_arg(*ap, uint32_t), *format == 'x',
			   width, pad);
		break;
	default:
		put(o, *format);
		break;
	}
	return *format ? format + 1 : format;
}

int of_vsnprintf(char *buf, size_t size, const char *format, va_list ap)
{
	struct out o = {buf, size, 0};
	va_list copy;

	va_copy(copy, ap);
	while (*format) {
		if (*format == '%')
			format = convert(&o, format + 1, &copy);
		else
			put(&o, *format++);
	}
	va_end(copy);
	if (size)
		buf[o.len < size ? o.len : size - 1] = '\0';
	return (int)o.len;
}

int of_snprintf(char *buf, size_t size, const char *format, ...)
{
	va_list ap;
	int len;

	va_start(ap, format);
	len = of_vsnprintf(buf, size, format, ap);
	va_end(ap);
	return len;
}

void of_printf(const char *format, ...)
{
	static char text[512], line[1024];
	uint32_t len = 0;
	va_list ap;
	char *p;

	va_start(ap, format);
	of_vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	for (p = text; *p; p++) {
		if (*p == '\n')
			line[len++] = '\r';
		line[len++] = *p;
	}
	if (of_stdout && of_stdout != OF_ERR)
		of_write(of_stdout, line, len);
}

/* ---- calls ---- */

int of_call_array(uint32_t *cells)
{
	return client_call(cells, of_boot.entry);
}

int of_call(const char *service, unsigned int nargs, unsigned int nrets, ...)
{
	uint32_t cells[3 + OF_MAX_ARGS];
	unsigned int i;
	va_list ap;
	int err;

	cells[0] = of_ptr(service);
	cells[1] = nargs;
	cells[2] = nrets;
	va_start(ap, nrets);
	for (i = 0; i < nargs; i++)
		cells[3 + i] = va_arg(ap, uint32_t);
	for (i = 0; i < nrets; i++)
		cells[3 + nargs + i] = OF_POISON;
	err = of_call_array(cells);
	for (i = 0; i < nrets; i++) {
		uint32_t *result = va_arg(ap, uint32_t *);

		*result = cells[3 + nargs + i];
	}
	va_end(ap);
	return err;
}

uint32_t of_ask(const char *service, unsigned int nargs, ...)
{
	uint32_t cells[3 + OF_MAX_ARGS];
	unsigned int i;
	va_list ap;

	cells[0] = of_ptr(service);
	cells[1] = nargs;
	cells[2] = 1;
	va_start(ap, nargs);
	for (i = 0; i < nargs; i++)
		cells[3 + i] = va_arg(ap, uint32_t);
	va_end(ap);
	cells[3 + nargs] = OF_POISON;
	return of_call_array(cells) ? OF_ERR : cells[3 + nargs];
}

uint32_t of_finddevice(const char *path)
{
	return of_ask("finddevice", 1, of_ptr(path));
}

uint32_t of_peer(uint32_t phandle)
{
	return of_ask("peer", 1, phandle);
}

uint32_t of_child(uint32_t phandle)
{
	return of_ask("child", 1, phandle);
}

uint32_t of_parent(uint32_t phandle)
{
	return of_ask("parent", 1, phandle);
}

uint32_t of_getproplen(uint32_t phandle, const char *name)
{
	return of_ask("getproplen", 2, phandle, of_ptr(name));
}

uint32_t of_getprop(uint32_t phandle, const char *name, void *buf, uint32_t len)
{
	return of_ask("getprop", 4, phandle, of_ptr(name), of_ptr(buf), len);
}

uint32_t of_nextprop(uint32_t phandle, const char *previous, char *name)
{
	return of_ask("nextprop", 3, phandle, of_ptr(previous), of_ptr(name));
}

uint32_t of_setprop(uint32_t phandle, const char *name, const void *value, uint32_t len)
{
	return of_ask("setprop", 4, phandle, of_ptr(name), of_ptr(value), len);
}

uint32_t of_package_to_path(uint32_t phandle, char *buf, uint32_t len)
{
	return of_ask("package-to-path", 3, phandle, of_ptr(buf), len);
}

uint32_t of_instance_to_path(uint32_t ihandle, char *buf, uint32_t len)
{
	return of_ask("instance-to-path", 3, ihandle, of_ptr(buf), len);
}

uint32_t of_instance_to_package(uint32_t ihandle)
{
	return of_ask("instance-to-package", 1, ihandle);
}

uint32_t of_canon(const char *path, char *buf, uint32_t len)
{
	return of_ask("canon", 3, of_ptr(path), of_ptr(buf), len);
}

uint32_t of_getprop_u32(uint32_t phandle, const char *name, uint32_t otherwise)
{
	uint32_t value;

	return of_getprop(phandle, name, &value, 4) == 4 ? value : otherwise;
}

uint32_t of_open(const char *path)
{
	return of_ask("open", 1, of_ptr(path));
}

void of_close(uint32_t ihandle)
{
	of_call("close", 1, 0, ihandle);
}

uint32_t of_read(uint32_t ihandle, void *buf, uint32_t len)
{
	return of_ask("read", 3, ihandle, of_ptr(buf), len);
}

uint32_t of_write(uint32_t ihandle, const void *buf, uint32_t len)
{
	return of_ask("write", 3, ihandle, of_ptr(buf), len);
}

uint32_t of_seek(uint32_t ihandle, uint64_t position)
{
	return of_ask("seek", 3, ihandle, (uint32_t)(position >> 32), (uint32_t)position);
}

uint32_t of_claim(uint32_t addr, uint32_t size, uint32_t align)
{
	return of_ask("claim", 3, addr, size, align);
}

void of_release(uint32_t addr, uint32_t size)
{
	of_call("release", 2, 0, addr, size);
}

uint32_t of_milliseconds(void)
{
	return of_ask("milliseconds", 0);
}

uint64_t of_timebase(void)
{
#ifdef __powerpc64__
	uint64_t tb;

	__asm__ volatile("mftb %0" : "=r"(tb));
	return tb;
#else
	uint32_t high, low, again;

	do
		__asm__ volatile("mftbu %0; mftb %1; mftbu %2"
				 : "=&r"(high), "=&r"(low), "=&r"(again));
	while (high != again);
	return (uint64_t)high << 32 | low;
#endif
}

void of_exit(void)
{
	for (;;)
		of_call("exit", 0, 0);
}

uint32_t of_rtas_token(const char *name)
{
	return of_getprop_u32(of_finddevice("/rtas"), name, 0);
}

void of_power_off(void)
{
	uint32_t args[6] = {of_rtas_token("power-off"), 2, 1, OF_ERR, OF_ERR, 0};

	if (args[0])
		hv_rtas(args);
	of_exit();
}

/* ---- start ---- */

static void init_console(void)
{
	uint32_t chosen = of_finddevice("/chosen");
	uint32_t len;

	of_stdout = of_getprop_u32(chosen, "stdout", 0);
	of_stdin = of_getprop_u32(chosen, "stdin", 0);
	len = of_getprop(chosen, "bootargs", of_bootargs, sizeof(of_bootargs) - 1);
	of_bootargs[len < sizeof(of_bootargs) ? len : 0] = '\0';
}

/* Called by the assembly entry with the registers as the firmware set them. */
void client_start(uint32_t r3, uint32_t r4, uint32_t r5, uint32_t r6, uint32_t r7, uint64_t tb)
{
	of_boot.initrd_base = r3;
	of_boot.initrd_size = r4;
	of_boot.entry = r5;
	of_boot.args = r6;
	of_boot.args_len = r7;
	of_boot.timebase = tb;
	init_console();
	client_main();
}
