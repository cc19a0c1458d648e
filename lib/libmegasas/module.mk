# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libmegasas,lib/libmegasas,libbase libdt libdev libpci,frame.c megasas.c))
