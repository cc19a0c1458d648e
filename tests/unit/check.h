/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test harness: a test is a void function whose name is a sentence; a program is a const array
 * of them. Prints TAP. A failing check ends its test, prints where and what, and the next test runs.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"

struct test {
	const char *name;
	void (*fn)(void);
};
#define TEST(fn)        \
	{               \
#fn, fn \
	}

static jmp_buf check_failed;

#define check_fail(...)                                  \
	do {                                             \
		printf("# %s:%d: ", __FILE__, __LINE__); \
		printf(__VA_ARGS__);                     \
		printf("\n");                            \
		longjmp(check_failed, 1);                \
	} while (0)

#define CHECK(cond)                                        \
	do {                                               \
		if (!(cond))                               \
			check_fail("not true: %s", #cond); \
	} while (0)

#define CHECK_EQ(got, want)                                                                \
	do {                                                                               \
		uint64_t got_ = (uint64_t)(got), want_ = (uint64_t)(want);                 \
		if (got_ != want_)                                                         \
			check_fail("%s is %llx, not %llx", #got, (unsigned long long)got_, \
				   (unsigned long long)want_);                             \
	} while (0)

#define CHECK_STR(got, want)                                                                 \
	do {                                                                                 \
		const char *got_ = (got), *want_ = (want);                                   \
		if (!got_ || strcmp(got_, want_))                                            \
			check_fail("%s is \"%s\", not \"%s\"", #got, got_ ? got_ : "(null)", \
				   want_);                                                   \
	} while (0)

static inline int run_tests(const struct test *tests, unsigned n)
{
	volatile unsigned failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (volatile unsigned i = 0; i < n; i++) {
		if (setjmp(check_failed)) {
			failed++;
			printf("not ok %u - %s\n", i + 1, tests[i].name);
			continue;
		}
		tests[i].fn();
		printf("ok %u - %s\n", i + 1, tests[i].name);
	}
	printf("1..%u\n", n);
	return failed ? 1 : 0;
}

#define TEST_MAIN(list)                                   \
	int main(void)                                    \
	{                                                 \
		return run_tests(list, ARRAY_SIZE(list)); \
	}

#endif
