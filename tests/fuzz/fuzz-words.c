/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any text as a program over the machine: it ends, the stack stays one, no instance is half closed, and tree
 * and engine work afterwards. Ctrl-C is always held down, so that what waits or loops is broken into.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/panic.h"
#include "dt/path.h"
#include "fakeplatform.h"
#include "of/callback.h"
#include "of/env.h"
#include "of/evaluate.h"
#include "of/memory.h"
#include "words/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t con_write(struct condev *dev UNUSED, const char *text UNUSED, size_t len)
{
	return len;
}

static unsigned looks;

static size_t con_read(struct condev *dev UNUSED, char *buf, size_t room)
{
	if (room == 0 || ++looks % 3)
		return 0;
	*buf = 3;
	return 1;
}

static const struct condev_ops con_ops = {con_write, con_read};
static struct condev con = {&con_ops};

/*
 * A program waits. What its routine answers is what it was given: the first argument says how many results there
 * are, the others are the results; it leaves when there are three, and calls again when there are two.
 */
static void answer(uint64_t array)
{
	static const char again[] = "7 0 \" x\" $callback clear";
	uint8_t *p = ram_at(array, 12 + 8 * OF_CALLBACK_CELLS);
	uint32_t n = get_be32(p + 4);

	if (n > 0)
		put_be32(p + 8, get_be32(p + 12));
	for (uint32_t i = 1; i < n; i++)
		put_be32(p + 12 + 4 * (n + i - 1), get_be32(p + 12 + 4 * i));
	fakeplatform.callback.result = n == 3 ? E_ABORT : 0;
	fakeplatform.gone = n == 3;
	if (n == 2 && fakeplatform.callback.count < 20)
		(void)!of_evaluate("routine", again, strlen(again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int err;

	if (size > 2048)
		return 0;
	fakeplatform_start(FAKE_TREE_ONLY);
	of_bind_console(dt_path_find(of_tree(), "/vdevice/vty"), &con);
	of_standard_nodes();
	of_open_console(NULL);
	env_reset();
	env_init(NULL);
	err = words_init(NULL, 0);
	assert(!err && words_forth());
	fakeplatform.callback.act = answer;
	(void)of_set_callback(0x400000);
	if (forth_evaluate(words_forth(), (const char *)data, size))
		assert(forth_error(words_forth())->code != 0);
	forth_reset(words_forth());
	err = forth_evaluate(words_forth(), "device-end", 10);
	assert(!err || forth_find(words_forth(), "device-end", 10) != 0);
	assert(dt_path_find(of_tree(), "/"));
	fakeplatform_stop();
	err = words_init(NULL, 0);
	assert(!err);
	return 0;
}
