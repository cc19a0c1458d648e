/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a candidate does not boot. While one is tried, what its device has to say goes into the line that tells the
 * failure, and into the log at level info; at any other time it is a line of the log by itself. The same goes for
 * what libraries log as a warning, who do not know of this.
 */
#ifndef OF_REASON_PRIV_H
#define OF_REASON_PRIV_H

#include "base/compiler.h"
#include "base/log.h"

/* An attempt at this path begins: what was said about an earlier one is forgotten. */
void reason_start(const char *path);
/* It is over. Warnings of libraries that came during one that went well are logged now. */
void reason_end(bool success);
/* Is something being tried? Then a reason that was told before may be told again. */
bool reason_is_wanted(void);
/* What was said since the start, "" if nothing. Stays until the next start. */
const char *reason_text(void);

/*
 * Device who (args may be NULL) cannot do what it was asked. level: that of the line when nothing is
 * being tried.
 */
void reason_tell(enum log_level level, const char *tag, const char *who, const char *args,
		 const char *fmt, ...) PRINTF_LIKE(5, 6);

/* The same in a word for what was told already, on the console and to the log: nothing outside an attempt. */
void reason_refer(const char *who, const char *word);

#define tell_err(who, args, ...)  reason_tell(LOG_ERR, LOG_TAG, who, args, __VA_ARGS__)
#define tell_warn(who, args, ...) reason_tell(LOG_WARN, LOG_TAG, who, args, __VA_ARGS__)
#define tell_info(who, args, ...) reason_tell(LOG_INFO, LOG_TAG, who, args, __VA_ARGS__)

#endif
