/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any text as a program over the machine: it ends, the stack stays one, no instance is half closed, and tree
 * and engine work afterwards. Ctrl-C is always held down, so that what waits or loops is broken into.
 */
#include <string.h>

#include "base/panic.h"
#include "dt/path.h"
#include "fakeplatform.h"
#include "of/env.h"
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
