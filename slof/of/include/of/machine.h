/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Open Firmware machine: the tree, what the board offers, and the standard's own nodes. There is
 * one machine; its state is private to this module.
 */
#ifndef OF_MACHINE_H
#define OF_MACHINE_H

#include "dev/condev.h"
#include "dt/node.h"

/* A program ready to run: its segments are in place. */
struct client_image {
	uint64_t entry; /* address of the first instruction, not of a descriptor */
	uint64_t toc;   /* r2: 0, or what the function descriptor said */
	bool is_64bit;
	bool is_little;
	const char *args; /* what becomes r6/r7 */
};

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
	/*
	 * Run a program as the client: a fresh stack, r3/r4 the initrd of /chosen. 0 when it came back
	 * (exit, or a plain return), or E_NOMEM. NULL: not offered.
	 */
	int (*client_run)(const struct client_image *image);
	/* Code was written to [addr, addr+len): make it what is run there. NULL: nothing to do. */
	void (*code_written)(uint64_t addr, uint64_t len);
	/*
	 * Enter another client (service chain) at entry with its argument text; returns only if that
	 * is impossible. NULL: not offered.
	 */
	void (*client_chain)(uint64_t entry, uint64_t args, uint64_t len);
	/*
	 * Have the client that waits for a service run a routine of its own, func(array); rc becomes what it gives in
	 * r3. E_NOENT: no client waits, E_FAULT: its stack is no memory of its, E_NOMEM: too many wait for one another;
	 * E_ABORT: it left or broke in there, and is gone as soon as the service is over. NULL: not offered.
	 */
	int (*client_callback)(uint64_t func, uint64_t array, int32_t *rc);
	/* Did the client whose service runs leave like this? NULL: it never does. */
	bool (*client_is_gone)(void);
	/*
	 * Registers of devices at CPU addresses, little endian, size 1, 2, 4 or 8; ctx is not used. 0,
	 * E_INVAL or E_IO. NULL: not offered.
	 */
	int (*io_read)(void *ctx, uint64_t addr, uint8_t size, uint64_t *value);
	int (*io_write)(void *ctx, uint64_t addr, uint8_t size, uint64_t value);
	/*
	 * Is some of [addr, addr+len) the firmware's own program, variables, stacks, vectors or heap? A write there by
	 * a person's mistake would be the end. NULL: not known.
	 */
	bool (*is_vital)(uint64_t addr, uint64_t len);
	/* Sleep up to so many milliseconds, or until something happens. NULL: time is burnt. */
	void (*idle)(uint32_t ms);
};

/*
 * Start with an empty machine: no instances, no console, nothing to quiesce. The tree is the
 * caller's to make: dt_from_fdt(of_tree(), ...) or dt_tree_init(of_tree()).
 */
void of_init(const struct platform *platform);
const struct platform *of_platform(void);
/* After a fault of our own, when what ran then is never returned to: no boot and no client goes on. */
void of_recover(void);
struct dt_tree *of_tree(void);

/*
 * Make the standard's nodes and properties that do not depend on the board: /aliases, /options,
 * /openprom, /packages, /mmu, /chosen; classes for /memory nodes, CPUs and /mmu; opens the first
 * memory node, /mmu and the first CPU and stores their ihandles in /chosen. Needs a tree and a
 * memory map. What exists already (QEMU's /chosen, a variable in /options) is kept.
 */
void of_standard_nodes(void);
/*
 * A memory node that appears later (client-architecture-support): its class. of_standard_nodes()
 * does it for those that are there.
 */
void of_bind_memory(struct dt_node *node);
/* An alias. If the name is taken by another path: the first free of base1, base2, ... */
void of_alias(const char *base, const char *path);

/*
 * The console: bind a device to its node as "serial" package; open stdin/stdout on the node of
 * stdout-path (or the given default path) and store the ihandles in /chosen. con NULL: no console;
 * reads give nothing, writes vanish. Afterwards the variables input-device and output-device are obeyed.
 */
void of_bind_console(struct dt_node *node, struct condev *con);
void of_open_console(const char *default_path);
/*
 * Take another device for stdin or stdout; the one before is closed. E_NOENT, E_UNSUPP (it has no read, or
 * write), or what its open says; then nothing has changed.
 */
int of_set_input(const char *path) MUST_CHECK;
int of_set_output(const char *path) MUST_CHECK;
/* The same by the variables, where they are not empty; what cannot be used is told. */
void of_obey_console_variables(void);
/*
 * Print on stdout, or on the early console before it is open and after somebody closed it. Not a
 * log line: text for a person. A newline goes out as CR LF.
 */
void of_printf(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* A new line, unless one has just begun. */
void of_fresh_line(void);
/* The same for len bytes as they are. */
void of_print(const char *text, size_t len);

/*
 * Keys from stdin (the early console if there is none). They go through one queue, in order; none is
 * lost by looking, and a client that reads stdin gets those nobody took.
 */
int of_key(void);        /* the next byte, -1 if nothing waits */
bool of_key_ready(void); /* is there one? */
/* The byte i (0: the next) without taking it, -1 if there are not so many. */
int of_key_peek(size_t i);
/*
 * Was Ctrl-C pressed? Then it is taken, and as on a terminal what was typed before it is dropped; what
 * was typed behind it stays. Everything stays if it was not.
 */
bool of_key_break(void);
/* Sleep until a key is there: true, or so many milliseconds have passed: false. */
bool of_key_wait(uint32_t ms);
/* Let at most so many milliseconds pass without burning the host's processor. */
void of_idle(uint32_t ms);

void of_set_early_console(struct condev *con);

/*
 * Quiesce (IEEE 1275's client service): run the list of actions in reverse order of registration,
 * once, then the board's part. ihandles stay valid. Drivers register when they first touch hardware.
 */
void of_on_quiesce(void (*action)(void *), void *arg);
void of_quiesce(void);
bool of_is_quiesced(void);

#endif
