# SPDX-License-Identifier: BSD-2-Clause
# What is on a disk: bytes out of blocks, partitions, file systems, CHRP boot scripts.
$(eval $(call module,libblk,lib/libblk,libbase libdev,deblock.c view.c))
