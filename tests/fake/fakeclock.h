/* SPDX-License-Identifier: BSD-2-Clause */
/* A clock that moves only when asked, and by delays. */
#ifndef FAKECLOCK_H
#define FAKECLOCK_H

#include "base/clock.h"

extern uint64_t fake_now_us;
extern uint64_t fake_look_us; /* what each look adds; 1 */

#endif
