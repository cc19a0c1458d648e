/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keyboards in their boot protocol (HID 1.11 appendix B): a report has the modifiers and up to six keys that
 * are down. Keys that were not down in the report before become bytes, as a terminal with a US keyboard
 * sends them; the last one comes again while it is held.
 */
#define LOG_TAG "usb"
#include "usb-priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define SET_REPORT   9
#define SET_IDLE     10
#define SET_PROTOCOL 11
#define OUTPUT       0x200

#define PAGE        4096u
#define REPORT      8u
#define ROOM        64u
#define KEY_BYTES   8u  /* at most, of one key */
#define AT_ONCE     16u /* reports looked at in one read */
#define REPEAT_US   500000u
#define REPEAT_STEP 33000u

#define MOD_CTRL  0x11u
#define MOD_SHIFT 0x22u
#define MOD_ALT   0x04u /* the left one; the right one is another layout's */

#define KEY_A    0x04u
#define KEY_Z    0x1du
#define KEY_CAPS 0x39u
#define KEY_NUM  0x53u
#define LED_NUM  1u
#define LED_CAPS 2u

struct keyboard {
	struct condev con;
	struct usb_dev *dev;
	uint8_t *page; /* the report */
	uint64_t page_dev;
	struct usb_transfer t;
	bool under_way, dead;
	uint8_t before[REPORT], leds;
	uint8_t held, mods; /* the key that is repeated; 0: none */
	uint64_t repeat_at;
	char out[ROOM];
	unsigned n;
};

/* ---- keys -------------------------------------------------------------------------------- */

/* From KEY_A on, plain and shifted; those of 0 are in the table below or nothing. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyz1234567890\r\033\b\t -=[]\\#;'`,./";
static const char shifted[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()\r\033\b\t _+{}|~:\"~<>?";

struct special {
	uint8_t key;
	const char *text;
};
static const struct special specials[] = {
	{0x3a, "\033OP"},   {0x3b, "\033OQ"},   {0x3c, "\033OR"},   {0x3d, "\033OS"},
	{0x3e, "\033[15~"}, {0x3f, "\033[17~"}, {0x40, "\033[18~"}, {0x41, "\033[19~"},
	{0x42, "\033[20~"}, {0x43, "\033[21~"}, {0x44, "\033[23~"}, {0x45, "\033[24~"},
	{0x49, "\033[2~"},  {0x4a, "\033[H"},   {0x4b, "\033[5~"},  {0x4c, "\033[3~"},
	{0x4d, "\033[F"},   {0x4e, "\033[6~"},  {0x4f, "\033[C"},   {0x50, "\033[D"},
	{0x51, "\033[B"},   {0x52, "\033[A"},   {0x54, "/"},        {0x55, "*"},
	{0x56, "-"},        {0x57, "+"},        {0x58, "\r"},
};
/* The key pad from 0x59 on: digits, or what is printed below them. */
static const char pad_digits[] = "1234567890.";
static const uint8_t pad_others[] = {0x4d, 0x51, 0x4e, 0x50, 0, 0x4f, 0x4a, 0x52, 0x4b, 0x49, 0x4c};

static void put(struct keyboard *k, const char *text, size_t len)
{
	if (k->n + len > ROOM)
		return;
	memcpy(k->out + k->n, text, len);
	k->n += (unsigned)len;
}

static void put_special(struct keyboard *k, uint8_t key)
{
	for (size_t i = 0; i < ARRAY_SIZE(specials); i++)
		if (specials[i].key == key)
			put(k, specials[i].text, strlen(specials[i].text));
}

static char with_modifiers(const struct keyboard *k, uint8_t key, uint8_t mods)
{
	bool shift = mods & MOD_SHIFT;
	char c;

	if (key <= KEY_Z && k->leds & LED_CAPS)
		shift = !shift;
	c = (shift ? shifted : plain)[key - KEY_A];
	if (mods & MOD_CTRL && ((c >= '@' && c <= '_') || (c >= 'a' && c <= 'z')))
		c &= 0x1f;
	return c;
}

static void put_key(struct keyboard *k, uint8_t key, uint8_t mods)
{
	char c;

	if (key >= 0x59 && key <= 0x63) {
		if (k->leds & LED_NUM)
			put(k, &pad_digits[key - 0x59], 1);
		else
			put_special(k, pad_others[key - 0x59]);
	} else if (key >= KEY_A && key < KEY_A + sizeof(plain) - 1) {
		c = with_modifiers(k, key, mods);
		if (mods & MOD_ALT)
			put(k, "\033", 1);
		put(k, &c, 1);
	} else {
		put_special(k, key);
	}
}

/* ---- reports ----------------------------------------------------------------------------- */

static bool is_in(const uint8_t *report, uint8_t key)
{
	return memchr(report + 2, key, REPORT - 2) != NULL;
}

static void set_leds(struct keyboard *k)
{
	struct usb_request req = {0x21, SET_REPORT, OUTPUT, k->dev->state->interface, 1};

	if (usb_ask(k->dev, req, &k->leds, NULL))
		log_debug("%s: port %u: no lights", k->dev->usb->name, k->dev->port);
}

static void press(struct keyboard *k, uint8_t key, uint8_t mods)
{
	if (key == KEY_CAPS || key == KEY_NUM) {
		k->leds ^= key == KEY_CAPS ? LED_CAPS : LED_NUM;
		set_leds(k);
		return;
	}
	put_key(k, key, mods);
	k->held = key;
	k->mods = mods;
	k->repeat_at = clock_us() + REPEAT_US;
}

/* Too many keys at once are told as keys 1, which change nothing. */
static void take_report(struct keyboard *k)
{
	uint8_t report[REPORT];

	memcpy(report, k->page, REPORT);
	if (report[2] == 1)
		return;
	if (k->held && !is_in(report, k->held))
		k->held = 0;
	for (unsigned i = 2; i < REPORT; i++)
		if (report[i] > 3 && !is_in(k->before, report[i]))
			press(k, report[i], report[0]);
	memcpy(k->before, report, REPORT);
}

static void repeat(struct keyboard *k)
{
	if (!k->held || clock_us() < k->repeat_at)
		return;
	put_key(k, k->held, k->mods);
	k->repeat_at = clock_us() + REPEAT_STEP;
}

/* 0: there was a report. E_BUSY: nobody pressed anything. */
static int poll(struct keyboard *k)
{
	struct usb_pipe *pipe = &k->dev->state->pipe[0];
	int err = 0;

	if (!k->under_way) {
		memset(k->page, 0, REPORT);
		k->t = (struct usb_transfer){.dev = k->dev,
					     .pipe = pipe,
					     .in = true,
					     .at = k->page_dev,
					     .len = pipe->packet > REPORT ? pipe->packet : REPORT};
		err = usb_begin(&k->t);
		k->under_way = !err;
	}
	err = err ? err : usb_poll(&k->t);
	if (err != E_BUSY)
		k->under_way = false;
	if (!err && k->t.done >= 3)
		take_report(k);
	return err;
}

static size_t keyboard_read(struct condev *con, char *buf, size_t room)
{
	struct keyboard *k = container_of(con, struct keyboard, con);
	size_t n;
	int err = 0;

	for (unsigned i = 0; i < AT_ONCE && !k->dead && !err && k->n + 6 * KEY_BYTES <= ROOM; i++)
		err = poll(k);
	if (err == E_UNSUPP)
		err = usb_clear_halt(k->dev, &k->dev->state->pipe[0]);
	if (err && err != E_BUSY) {
		log_warn("%s: port %u: the keyboard fails: %s", k->dev->usb->name, k->dev->port,
			 err_text(err));
		k->dead = true;
	}
	repeat(k);
	n = k->n < room ? k->n : room;
	memcpy(buf, k->out, n);
	k->n -= (unsigned)n;
	memmove(k->out, k->out + n, k->n);
	return n;
}

static size_t keyboard_write(struct condev *con UNUSED, const char *text UNUSED, size_t len UNUSED)
{
	return 0;
}

static const struct condev_ops keyboard_ops = {keyboard_write, keyboard_read};

/* ---- life -------------------------------------------------------------------------------- */

/* The boot protocol, and reports only when something changes; that one some do not know. */
static int set_up(struct usb_dev *dev)
{
	uint8_t interface = dev->state->interface;
	int err = usb_tell(dev, 0x21, SET_PROTOCOL, 0, interface);

	if (err == 0)
		err = usb_tell(dev, 0x21, SET_IDLE, 0, interface);
	return err == E_UNSUPP ? 0 : err;
}

int usb_keyboard_start(struct usb_dev *dev, struct condev **keys)
{
	const struct dma *dma = dev->usb->dma;
	struct keyboard *k;
	int err = dev->kind == USB_KEYBOARD ? set_up(dev) : E_UNSUPP;

	if (err)
		return err;
	k = try_alloc(sizeof(*k));
	if (!k)
		return E_NOMEM;
	k->con.ops = &keyboard_ops;
	k->dev = dev;
	k->page = dma->ops->alloc(dma->ctx, PAGE, &k->page_dev);
	if (!k->page) {
		heap_free(k);
		return E_NOMEM;
	}
	*keys = &k->con;
	return 0;
}

void usb_keyboard_free(struct condev *keys)
{
	struct keyboard *k = container_of(keys, struct keyboard, con);
	const struct dma *dma = k->dev->usb->dma;

	if (k->under_way)
		k->dev->usb->ops->cancel(&k->t);
	dma->ops->free(dma->ctx, k->page, PAGE, k->page_dev);
	heap_free(k);
}
