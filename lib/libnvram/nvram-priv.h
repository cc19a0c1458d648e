/* SPDX-License-Identifier: BSD-2-Clause */
/* Headers, for the files of this library. */
#ifndef NVRAM_PRIV_H
#define NVRAM_PRIV_H

#include "nvram/nvram.h"

#define NVRAM_HEADER 16u

/* What a header's checksum byte must be. */
uint8_t nvram_checksum(const uint8_t *header);

#endif
