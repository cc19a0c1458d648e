/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client interface (IEEE 1275 6.3): one table of services, one decoder. A call is an array of
 * 32-bit big-endian cells in the client's memory: service name, number of arguments, number of
 * results, the arguments, room for the results.
 *
 * What goes wrong shows in one of two ways. A call that cannot be carried out at all returns -1: an
 * array outside the client's memory, more than CLIENT_CELLS arguments or results, fewer than the
 * service needs, an unknown service; result cells, where there are any, then hold -1. An argument
 * that is no phandle, ihandle, string or buffer of the client's is the service's own failure: 0 is
 * returned and the first result is -1 (0 for open, a catch result for call-method); a call without
 * result cells then returns -1. More arguments or results than a service knows are tolerated; the extra
 * results are 0.
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "base/compiler.h"

#define CLIENT_CELLS 32u /* arguments, and results, of one call */

/* Serve one call. array is the client's address of its cells. Never crashes, whatever it says. */
int64_t client_call(uint64_t array);

/*
 * Check and turn a client's address range into a pointer: NULL unless all of it is RAM that belongs
 * to neither nobody nor the firmware (and for len 0). The only door to client memory. The pointer
 * itself comes from ram_at() (of/memory.h), the link-time seam that is replaced on the host.
 */
void *client_ram(uint64_t addr, uint64_t len);

#endif
