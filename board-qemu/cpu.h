/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The few things only instructions can do. In assembly (cpu.S), so that every C file of the board also
 * builds for the developer's machine, where tests/fake/fakehv.c stands in.
 */
#ifndef BOARD_CPU_H
#define BOARD_CPU_H

#include <stdint.h>

uint64_t cpu_timebase(void);
/* Make [addr, addr + len) visible to instruction fetch after it was written. */
void cpu_flush_code(uint64_t addr, uint64_t len);
void cpu_set_decrementer(uint32_t ticks);
uint64_t cpu_msr(void);
/* Sets all but ME and LE, which only rfid changes. */
void cpu_set_msr(uint64_t msr);
/* Go on with a function that does not return, on an empty stack that ends at top. */
void cpu_run_on(void *top, void (*fn)(void)) __attribute__((noreturn));

/*
 * A 64-bit or 32-bit word of low memory. Address 0 is real here; to the compiler a null pointer is a
 * mistake, so it must not see these.
 */
uint64_t cpu_low_get(uint32_t addr);
void cpu_low_put(uint32_t addr, uint64_t value);
void cpu_low_put32(uint32_t addr, uint32_t value);

#endif
