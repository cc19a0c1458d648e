# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libscsi,lib/libscsi,libbase libdev,cmd.c disk.c report.c))
