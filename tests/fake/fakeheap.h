/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap on the host, with a knob for running dry. */
#ifndef FAKEHEAP_H
#define FAKEHEAP_H

#include "base/heap.h"

/* try_alloc() fails after this many more calls; negative: never. xalloc() is not affected. */
extern int fakeheap_dry_after;

#endif
