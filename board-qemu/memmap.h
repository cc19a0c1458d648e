/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory map.
 *
 *   0           .. LOW_END     vectors of the image QEMU loaded, guard pattern below 0x60; ours
 *   LOW_END     .. 4 MiB       the rest of that image: free as soon as startup.S has copied it
 *   kernel, initrd             where QEMU put them (-kernel at 4 MiB unless moved); "loaded"
 *   ...                        free; clients claim from here
 *   heap                       grows downwards from the image, 64 KiB and more at a time
 *   image_base  .. image_end   our code, data, bss and stacks, below the tree QEMU gave, 64 KiB aligned
 *   min(RMA, 2 GiB) - 2 MiB    the flattened tree; free once it is a live tree
 *   2 GiB       ..             all other memory nodes: free; nothing of ours goes there
 *
 * All of ours is below 2 GiB, so that addresses fit the 32-bit cells of clients and of RTAS.
 */
#ifndef BOARD_MEMMAP_H
#define BOARD_MEMMAP_H

#include "asm.h"
#include "base/compiler.h"

#define RAM_32BIT_LIMIT 0x80000000ull

/* Remember where the image runs and arm the guards; needs nothing. */
void board_memory_start(uint64_t image_base);
/* Build the map from the tree's blob and our own place; afterwards the heap works. */
int board_memory_init(const void *fdt);
/* Add every memory node of the live tree (after intake, and again after a CAS reply). */
void board_memory_add_nodes(void);
/* The blob is not needed any more. */
void board_memory_drop_fdt(void);

/*
 * Look whether the firmware wrote through a null pointer (told once) or past a stack's end (the end).
 * A client may write to the first words itself: adopt takes what is there as what has to be there.
 */
void board_memory_guard_check(void);
void board_memory_guard_adopt(void);

/* A member of struct platform: vectors (but not what a client may scribble on), image and heap. */
bool board_memory_is_vital(uint64_t addr, uint64_t len);

/* Where the image runs: addresses less this are those of slof.elf and slof.map. */
uint64_t board_image_base(void);

#endif
