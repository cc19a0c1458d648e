/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of ci-test share: the TAP printer, the flags from bootargs, and one entry per
 * theme. What a check expects is what IEEE 1275-1994 says (and the PowerPC binding and PAPR where
 * 1275 is silent), never what one firmware happens to do. Texts are unique: ci-compare.py matches
 * results by text.
 */
#ifndef CI_TEST_H
#define CI_TEST_H

#include "ofci.h"

#define PATH_MAX 256

/* Result of a check, as a TAP line. All return whether it passed. */
bool tap_true(const char *text, bool passed);
bool tap_eq(const char *text, uint32_t got, uint32_t expected);
bool tap_either(const char *text, uint32_t got, uint32_t expected, uint32_t or_this);
bool tap_str(const char *text, const char *got, const char *expected);
void tap_skip(const char *text, const char *reason);
void tap_plan(void);

/* A line that explains a result; not counted. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * True if the run is "gentle": then the check @text, which hands garbage to the firmware, is
 * reported as skipped and must not be done.
 */
bool tap_skipped_gentle(const char *text);

/* True if @flag is a word of bootargs. */
bool flag(const char *flag_name);

/*
 * A service (subject, buffer, length -- length) turns @subject into the path @expected. Checked:
 * text and length with a large buffer; that a short one still yields the true length and is not
 * overrun; that 0 is allowed.
 */
void test_path_service(const char *service, uint32_t subject, const char *expected);

/* The themes. */
void test_tree(void);
void test_walk(const char *when);
void test_props(void);
void test_device(void);
void test_disk(void);
void test_memory(void);
void test_control(void);
void test_quiesce(void);
void test_rtas(void);
void test_cas(void);
void test_cpus(void);

#endif
