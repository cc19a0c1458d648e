/* SPDX-License-Identifier: BSD-2-Clause */
/* ibm,client-architecture-support (LoPAPR B.6.2.3). */
#ifndef CAS_H
#define CAS_H

#include <stdint.h>

#define CAS_XICS 0x00
#define CAS_XIVE 0x40

/* Call it, asking for interrupts by XICS or XIVE. Both results are 0 when it worked. */
void cas_call(unsigned char interrupts, uint32_t *caught, uint32_t *failed);

#endif
