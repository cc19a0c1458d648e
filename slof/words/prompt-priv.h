/* SPDX-License-Identifier: BSD-2-Clause */
/* The prompt and its completion. */
#ifndef PROMPT_PRIV_H
#define PROMPT_PRIV_H

#include "term/lineedit.h"

/* What could stand at the end of the line: words, device paths, aliases, variables. */
size_t prompt_complete(void *ctx, const char *line, size_t len, struct lineedit_matches *m);

#endif
