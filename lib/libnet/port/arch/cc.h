/* SPDX-License-Identifier: BSD-2-Clause */
/* The compiler and the machine, for lwIP. */
#ifndef NET_PORT_CC_H
#define NET_PORT_CC_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef SSIZE_MAX
#define SSIZE_MAX LONG_MAX
#endif

/* lwIP believes in little endian when nobody says otherwise. */
#ifndef BYTE_ORDER
#define BYTE_ORDER __BYTE_ORDER__
#endif
#ifndef LITTLE_ENDIAN
#define LITTLE_ENDIAN __ORDER_LITTLE_ENDIAN__
#define BIG_ENDIAN    __ORDER_BIG_ENDIAN__
#endif
_Static_assert((BYTE_ORDER == BIG_ENDIAN) == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__),
	       "lwIP would swap bytes the wrong way round");

#define LWIP_NO_INTTYPES_H 1
#define X8_F               "02x"
#define U16_F              "u"
#define S16_F              "d"
#define X16_F              "x"
#define U32_F              "u"
#define S32_F              "d"
#define X32_F              "x"
#define SZT_F              "zu"

void net_assert(const char *what, const char *file, int line) __attribute__((noreturn));
void net_diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

uint32_t net_random(void);
#define LWIP_RAND()             net_random()
#define LWIP_PLATFORM_ASSERT(x) net_assert(x, __FILE__, __LINE__)
#define LWIP_PLATFORM_DIAG(x)   net_diag x

#endif
