/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The IEEE 1275 client interface as a client sees it, for 32-bit and 64-bit big-endian PowerPC.
 * Written from the published ABI alone; it shares nothing with the firmware, so that a mistake
 * cannot hide in a common header.
 *
 * A call hands over the address of an array of 32-bit big-endian cells: service name, number of
 * arguments, number of results, arguments, results. The handler returns 0 in r3, or -1 if it could
 * not do the call at all. Pointers, handles and lengths are single cells: a client lives below 4
 * GiB.
 */
#ifndef OFCI_H
#define OFCI_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OF_ERR      0xffffffffu /* -1 in a cell: what most services answer on failure */
#define OF_POISON   0xdeadbeefu /* what result cells hold before the call */
#define OF_MAX_ARGS 24          /* arguments plus results of one of_call() */
/*
 * Buffer for a property name. The standard says 31 characters and a NUL; PAPR has longer ones
 * ("ibm,associativity-reference-points"), so clients of this platform must give more.
 */
#define OF_NAME_MAX 128

/* What the firmware handed over at entry. */
struct of_boot {
	uint32_t initrd_base;
	uint32_t initrd_size;
	uint32_t entry; /* the client interface handler */
	uint32_t args;  /* argument string, not necessarily NUL terminated */
	uint32_t args_len;
	uint64_t timebase; /* at the first instruction of the client */
};

extern struct of_boot of_boot;
extern char of_bootargs[256]; /* /chosen/bootargs, "" if there is none */
extern uint32_t of_stdout;    /* ihandle, 0 or OF_ERR if there is none */
extern uint32_t of_stdin;

static inline uint32_t of_ptr(const void *p)
{
	return (uint32_t)(uintptr_t)p;
}

/* The program proper; returning from it returns to the firmware. */
int client_main(void);

/*
 * Call @service with @nargs cells (uint32_t; pointers through of_ptr()), then @nrets pointers to
 * uint32_t that receive the results. Returns what the handler returned: 0 or -1. Results not
 * written are OF_POISON.
 */
int of_call(const char *service, unsigned int nargs, unsigned int nrets, ...);

/* A service with one result: that result, or OF_ERR if the handler refused the call. */
uint32_t of_ask(const char *service, unsigned int nargs, ...);

/* The bare call: @cells is the array as the ABI defines it, complete with service, nargs, nrets. */
int of_call_array(uint32_t *cells);

/* Device tree. Phandles; 0 is "none", OF_ERR is failure. */
uint32_t of_finddevice(const char *path);
uint32_t of_peer(uint32_t phandle);
uint32_t of_child(uint32_t phandle);
uint32_t of_parent(uint32_t phandle);
uint32_t of_getproplen(uint32_t phandle, const char *name);
uint32_t of_getprop(uint32_t phandle, const char *name, void *buf, uint32_t len);
uint32_t of_nextprop(uint32_t phandle, const char *previous, char *name);
uint32_t of_setprop(uint32_t phandle, const char *name, const void *value, uint32_t len);
uint32_t of_package_to_path(uint32_t phandle, char *buf, uint32_t len);
uint32_t of_instance_to_path(uint32_t ihandle, char *buf, uint32_t len);
uint32_t of_instance_to_package(uint32_t ihandle);
uint32_t of_canon(const char *path, char *buf, uint32_t len);
uint32_t of_getprop_u32(uint32_t phandle, const char *name, uint32_t otherwise);

/* Devices. */
uint32_t of_open(const char *path);
void of_close(uint32_t ihandle);
uint32_t of_read(uint32_t ihandle, void *buf, uint32_t len);
uint32_t of_write(uint32_t ihandle, const void *buf, uint32_t len);
uint32_t of_seek(uint32_t ihandle, uint64_t position);

/* Memory, time, control. */
uint32_t of_claim(uint32_t addr, uint32_t size, uint32_t align);
void of_release(uint32_t addr, uint32_t size);
uint32_t of_milliseconds(void);
uint64_t of_timebase(void);
void of_exit(void) __attribute__((noreturn));
void of_power_off(void) __attribute__((noreturn)); /* RTAS power-off; exit if that fails */

/* Token of an RTAS function (the property of /rtas with that name), 0 if missing. */
uint32_t of_rtas_token(const char *name);

/*
 * RTAS through the hypercall, without an instantiated RTAS. The block @args is {token, nargs,
 * nrets, args, rets}. Returns 0 or a negative hypervisor code.
 */
int hv_rtas(uint32_t *args);

/* Console. Formats: %s %c %d %u %x %llu %llx %%, with width and leading zero. "\n" is sent as CR
 * LF. */
void of_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int of_vsnprintf(char *buf, size_t size, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));
int of_snprintf(char *buf, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Freestanding string functions. */
void *memset(void *dst, int c, size_t len);
void *memcpy(void *dst, const void *src, size_t len);
int memcmp(const void *a, const void *b, size_t len);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
const char *of_strstr(const char *text, const char *word);

/* Assembly (start32.S, start64.S). */
int client_call(uint32_t *cells, uintptr_t entry);
unsigned int client_call_checked(uint32_t *cells, uintptr_t entry);
#ifdef __powerpc64__
int client_call_sf0(uint32_t *cells, uintptr_t entry, uint64_t msr[2]);
#endif
void rtas_enter(uintptr_t entry, uint32_t *args, uintptr_t base);
void cpu_park(void);

#endif
