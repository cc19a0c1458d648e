# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libe1000,lib/libe1000,libbase libdt libdev libpci,e1000.c))
