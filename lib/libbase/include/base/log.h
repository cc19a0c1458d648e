/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The flight recorder. Every line of a level that is compiled in (LOG= at build time) goes to a
 * ring in memory; lines up to the serial level also go to the sink (the console). A file says
 * `#define LOG_TAG "pci"` before its includes; a line then reads
 *     [  0.012345] pci: 00:02.0 bar0 mem64 4000 at 210000000
 * err: the boot or a device will not work. warn: works, but the user would want to know.
 * note: a milestone, about 15 per boot. info: one line per object found. debug: decisions and
 * numbers. trace: every access. No line contains a newline; one is added.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/compiler.h"

enum log_level { LOG_ERR, LOG_WARN, LOG_NOTE, LOG_INFO, LOG_DEBUG, LOG_TRACE };

#ifndef LOG_COMPILED
#define LOG_COMPILED LOG_DEBUG
#endif
#ifndef LOG_TAG
#define LOG_TAG "?"
#endif

#define log_at(level, ...)                                        \
	do {                                                      \
		if ((level) <= LOG_COMPILED)                      \
			log_write((level), LOG_TAG, __VA_ARGS__); \
	} while (0)
#define log_err(...)   log_at(LOG_ERR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_WARN, __VA_ARGS__)
#define log_note(...)  log_at(LOG_NOTE, __VA_ARGS__)
#define log_info(...)  log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)
#define log_trace(...) log_at(LOG_TRACE, __VA_ARGS__)

void log_write(enum log_level level, const char *tag, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The sink gets whole lines, CR LF included. NULL: nobody listens. */
void log_set_sink(void (*sink)(const char *line, size_t len));
/*
 * Lines of level err and warn, without time and tag, are given to the catcher before they are written. True: it
 * will tell what they say in its own way, and the line goes on at level info. NULL: none.
 */
typedef bool log_catcher(const char *text);
void log_set_catcher(log_catcher *catcher);
void log_set_serial_level(enum log_level level);
enum log_level log_serial_level(void);

/* Walk the ring from its oldest byte: two pieces, the second may be empty. */
struct log_ring {
	const char *piece[2];
	size_t len[2];
};
struct log_ring log_ring(void);

#endif
