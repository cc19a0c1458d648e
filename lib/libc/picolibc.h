/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration of picolibc 1.8.10 for the firmware: what its meson build would have written into
 * a file of this name. Integer-only printf, one thread, no locale, no TLS.
 */
#ifndef PICOLIBC_H
#define PICOLIBC_H

#define __PICOLIBC_VERSION__    "1.8.10"
#define __PICOLIBC__            1
#define __PICOLIBC_MINOR__      8
#define __PICOLIBC_PATCHLEVEL__ 10
#define _NEWLIB_VERSION         "4.3.0"
#define __NEWLIB__              4
#define __NEWLIB_MINOR__        3
#define __NEWLIB_PATCHLEVEL__   0

#define __TINY_STDIO
#define __IO_DEFAULT 'i'
#define __IO_LONG_LONG
#define __IO_C99_FORMATS
#define __IO_SMALL_ULTOA
#define __SINGLE_THREAD
#define __GLOBAL_ERRNO
#define __FAST_STRCMP
#define __ATOMIC_UNGETC
#define __IEEE_LIBM
#define __NANO_MALLOC
#define __PICO_EXIT

#endif
