/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMA windows: bus addresses a device may use, and the table (TCEs) by which the hypervisor turns them
 * into real addresses, in pages of 4 KiB (LoPAPR 14.5.4.2). A window serves everything below one node.
 */
#ifndef BOARD_TCE_H
#define BOARD_TCE_H

#include "dev/dma.h"
#include "dt/node.h"

struct tce_window;

/*
 * The window of a node's ibm,dma-window or ibm,my-dma-window, with nothing mapped. NULL (logged) if it has none or it is
 * malformed. Everything still mapped in any window is unmapped at quiesce, after the drivers' own
 * actions if they register theirs later than this.
 */
struct tce_window *tce_window_new(const struct dt_node *node);
/* Unmap everything and forget the window. NULL is allowed. */
void tce_window_free(struct tce_window *w);

/* The context is the window. */
extern const struct dma_ops tce_dma_ops;

#endif
