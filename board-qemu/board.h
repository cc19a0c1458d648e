/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this board offer each other; one line a function, the prose is where it is made. */
#ifndef BOARD_BOARD_H
#define BOARD_BOARD_H

#include "dev/condev.h"
#include "dev/nvdev.h"
#include "dt/merge.h"
#include "dt/node.h"
#include "forth/forth.h"

/* banner.c: the text a boot begins with; the version */
void board_banner(void);
extern const char board_version[];

/* clock.c: the timebase */
void board_clock_init(void);
void board_clock_set_frequency(uint64_t hz);
uint64_t board_ticks_per_us(void);

/* vio-vty.c: the virtual terminal */
struct condev *vty_early(void); /* the vty with the lowest unit, before there is a tree */
void vty_bind_all(void);        /* serial packages on all vty nodes */

/* vio-vscsi.c: virtual SCSI hosts */
void vscsi_bind_all(void);

/* vio-llan.c: virtual Ethernet */
void llan_bind_all(void);

/* random.c: what the machine has of chance goes into random_u64() */
void board_random_init(void);

/* vio-nvram.c: NVRAM; NULL if there is none */
struct nvdev *nvram_device(void);

/* needed.c: what the boot list and stdout-path name, and the bridges on the way there */
void board_find_needed(void);
void board_forget_needed(void); /* nodes may go afterwards */
bool board_is_needed(void *ctx, const struct dt_node *node);
/* Name those that are not there. */
void board_examine_needed(void (*emit)(void *ctx, const char *line));

/* phb.c: host bridges */
struct pci_host;
void phb_probe_all(void);
void phb_renumber_all(void);
void phb_each(void (*fn)(const struct pci_host *host, void *ctx), void *ctx);
void phb_node_added(struct dt_node *node);
struct pci_dev;
int phb_device(struct dt_node *node, struct pci_dev *dev); /* E_NOENT: below no host bridge */
void phb_node_removed(struct dt_node *node);

/* fcode-rom.c: FCode in expansion ROMs, when the variable fcode-rom? asks for it; the word rom-fcode */
void board_probe_roms(void);
struct forth;
int w_rom_fcode(struct forth *f);

/* cas.c: ibm,client-architecture-support, a method of the root */
void cas_init(void);
/* handoff.c: the board's part of quiesce */
void board_quiesce(void);
/* drivers.c: which driver serves which node */
void board_bind_drivers(void);

/* client.c: running programs; members of struct platform */
struct client_image;
int board_client_run(const struct client_image *image);
void board_client_chain(uint64_t entry, uint64_t args, uint64_t len);
void board_client_exit(void);
int board_client_callback(uint64_t func, uint64_t array, int32_t *rc);
bool board_client_is_gone(void);
int board_start_cpu(uint32_t server, uint64_t entry, uint64_t r3);
/* After a fault of our own: no client that waits is returned to. */
void board_client_forget(void);
/* Is the client's code running, as opposed to ours? */
bool board_in_client(void);
/* An exception in it: can it be ended? Then end it; board_client_run() gives E_FAULT. */
bool board_client_may_end(void);
void board_client_broke(void) NORETURN;

/* words-pci.c: pci-map, lspci, pci-doctor */
extern const struct forth_word board_words_pci[];
extern const size_t board_words_pci_count;

/* ready.c: nothing is left to boot: the prompt; Forth with the board's own words */
void board_ready(void) NORETURN;
bool board_is_ready(void);             /* has it ever come there? */
void board_ready_again(void) NORETURN; /* after a fault of ours: on an empty stack */
int board_forth_init(void) MUST_CHECK;

/* stopped.c: the words .registers and ctrace */
int w_registers(struct forth *f), w_ctrace(struct forth *f);

/* exception.c */
void board_exceptions_init(void);

/* idle.c: sleep up to so many milliseconds, or until something happens */
void board_idle(uint32_t ms);
/* wake.c: around the sleep; a key ends it */
void board_wake_begin(void);
void board_wake_end(void);

#endif
