/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Open Firmware machine: the tree, what the board offers, and the standard's own nodes. There is
 * one machine; its state is private to this module.
 */
#ifndef OF_MACHINE_H
#define OF_MACHINE_H

#include "dev/condev.h"
#include "dt/node.h"

/* What the board hands up at start. All members are mandatory unless said otherwise. */
struct platform {
	const char *version; /* "Espalier 0.1.0-12-gabcdef" */
	void (*power_off)(void);
	void (*reboot)(void); /* both return only if the hypervisor refused */
	/* Start a stopped CPU, named by its node's interrupt server number. 0 or E_. */
	int (*start_cpu)(uint32_t server, uint64_t entry, uint64_t r3);
	/* Stop the running CPU (of_exit when there is nowhere to return to); does not return. */
	void (*client_exit)(void);
	/* The board's part of quiesce: hardware safe, tree handed to the hypervisor. Called once. */
	void (*quiesce)(void);
};

/* Start with an empty machine. */
void of_init(const struct platform *platform);
const struct platform *of_platform(void);
struct dt_tree *of_tree(void);

/*
 * Make the standard's nodes and properties that do not depend on the board: /aliases, /options,
 * /openprom, /packages, /mmu, /chosen; classes for /memory nodes and /mmu; opens memory and mmu and
 * stores their ihandles in /chosen. Needs a tree and a memory map.
 */
void of_standard_nodes(void);
/* An alias. If the name is taken by another path, base1, base2, ... without limit. */
void of_alias(const char *base, const char *path);

/*
 * The console: bind a device to its node as "serial" package; open stdin/stdout on the node of
 * stdout-path (or the given default path) and store the ihandles in /chosen. con NULL: no console;
 * reads give nothing, writes vanish.
 */
void of_bind_console(struct dt_node *node, struct condev *con);
void of_open_console(const char *default_path);
/* Print on stdout, or on the early console before it is open. Not a log line: text for a person. */
void of_printf(const char *fmt, ...) PRINTF_LIKE(1, 2);
void of_set_early_console(struct condev *con);

/*
 * Quiesce (IEEE 1275's client service): run the list of actions in reverse order of registration,
 * once, then the board's part. ihandles stay valid. Drivers register when they first touch hardware.
 */
void of_on_quiesce(void (*action)(void *), void *arg);
void of_quiesce(void);
bool of_is_quiesced(void);

#endif
