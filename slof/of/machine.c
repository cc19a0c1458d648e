/* SPDX-License-Identifier: BSD-2-Clause */
/* The one machine: what the board offers, and the tree. Everything else asks here. */
#include "of/machine.h"

#include "of-priv.h"

#include "of/env.h"
#include "of/memory.h"

static const struct platform *board;
static struct dt_tree tree;

void of_init(const struct platform *platform)
{
	board = platform;
	tree = (struct dt_tree){0};
	instances_reset();
	alias_reset();
	console_reset();
	quiesce_reset();
	block_reset();
	net_reset();
	boot_reset();
	drives_reset();
	scsi_reset();
	usb_reset();
	env_reset();
}

void of_recover(void)
{
	(void)mem_distrust(false);
	boot_abandon();
}

const struct platform *of_platform(void)
{
	return board;
}

struct dt_tree *of_tree(void)
{
	return &tree;
}
