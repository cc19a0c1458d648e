# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libpci,lib/libpci,libbase libdt libdev,assign.c bars.c buses.c caps.c cfg.c check.c degrade.c dev.c doctor.c doctor-space.c doctor-text.c dump.c headroom.c host.c identify.c late.c list.c names.c pack.c program.c rom.c scan.c tree.c))
