/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making the hardware safe before the client takes it over. A driver registers what must be undone
 * when it first touches its device; the actions run newest first, so that a device stops before the
 * bus it sits on, and the board's part comes last, with nothing of ours running by itself any more.
 */
#define LOG_TAG "of"
#include "of/machine.h"

#include "base/heap.h"
#include "base/log.h"

#include "of-priv.h"

struct action {
	struct action *next; /* registered before this one */
	void (*run)(void *);
	void *arg;
};

static struct action *actions; /* newest first */
static bool quiesced;

void of_on_quiesce(void (*run)(void *), void *arg)
{
	struct action *a = xalloc(sizeof(*a));

	a->run = run;
	a->arg = arg;
	a->next = actions;
	actions = a;
}

/* Take the newest off the list. */
static struct action next_action(void)
{
	struct action *a = actions, copy = *a;

	actions = a->next;
	heap_free(a);
	return copy;
}

void of_quiesce(void)
{
	unsigned n = 0;

	if (quiesced)
		return;
	quiesced = true;
	for (; actions; n++) {
		struct action a = next_action();

		a.run(a.arg);
	}
	log_info("quiesced, %u actions", n);
	for (struct dt_node *node = of_tree()->root; node; node = dt_next(of_tree()->root, node))
		of_refresh(node); /* the board may hand the tree on */
	of_platform()->quiesce();
}

bool of_is_quiesced(void)
{
	return quiesced;
}

void quiesce_reset(void)
{
	while (actions)
		(void)next_action();
	quiesced = false;
}
