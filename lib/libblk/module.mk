# SPDX-License-Identifier: BSD-2-Clause
# What is on a disk: bytes out of blocks, partitions, file systems, CHRP boot scripts.
$(eval $(call module,libblk,lib/libblk,libbase libdev,bootinfo.c deblock.c ext-map.c ext.c fat.c fs.c iso9660.c part-gpt.c part-mbr.c part.c view.c))
