# SPDX-License-Identifier: BSD-2-Clause
# gzip'd files in memory.
$(eval $(call module,libgunzip,lib/libgunzip,libbase zlib,gunzip.c))
