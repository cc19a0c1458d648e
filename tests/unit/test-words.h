/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of words over the machine share: the board of fakeplatform, Forth on it, what it says. */
#ifndef TEST_WORDS_H
#define TEST_WORDS_H

#include "check.h"

#include "dt/path.h"
#include "dt/prop.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/env.h"
#include "of/evaluate.h"
#include "words/words.h"

/* A machine with Forth. */
static inline void words_start(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	env_reset();
	env_init(NULL);
	CHECK_EQ(words_init(NULL, 0), 0);
	CHECK(words_forth());
	fakecon.sent_len = 0;
	fakecon.sent[0] = 0;
}

static inline void words_stop(void)
{
	fakeplatform_stop();
	CHECK_EQ(words_init(NULL, 0), 0);
}

/* Run text; what it printed is in fakecon.sent. */
static inline int run(const char *text)
{
	fakecon.sent_len = 0;
	fakecon.sent[0] = 0;
	return forth_evaluate(words_forth(), text, strlen(text));
}

/* Text must run and print this. */
#define SAYS(prog, want)                                                                \
	do {                                                                            \
		int err_ = run(prog);                                                   \
		if (err_)                                                               \
			printf("# %s: %s\n", (prog), forth_error(words_forth())->text); \
		CHECK_EQ(err_, 0);                                                      \
		CHECK_STR(fakecon.sent, want);                                          \
	} while (0)

/* Text must throw, with this message. */
#define FAILS(prog, want)                                                     \
	do {                                                                  \
		CHECK(run(prog) != 0);                                        \
		CHECK_STR(forth_error(words_forth())->text, "line 1: " want); \
		forth_reset(words_forth());                                   \
	} while (0)

#endif
