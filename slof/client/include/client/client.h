/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client interface (IEEE 1275 6.3): one table of services, one decoder. A call is an array of
 * 32-bit big-endian cells in the client's memory: service name, number of arguments, number of
 * results, the arguments, room for the results.
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "base/compiler.h"

/* Serve one call. array is the client's address of its cells. Returns 0, or -1 for a call that
 * could not be decoded or a service that does not exist. Never crashes, whatever the client says. */
int64_t client_call(uint64_t array);

/* Have check() called at every client call: the board looks after its guard words there. */
void client_set_guard(void (*check)(void));

/*
 * Check and turn a client's address range into a pointer: NULL unless all of it is RAM that belongs
 * to neither nobody nor the firmware. The only door to client memory. On the host a link-time seam
 * (tests/fake/fakeram.c) backs it.
 */
void *client_ram(uint64_t addr, uint64_t len);

#endif
