# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libahci,lib/libahci,libbase libdt libdev libpci libscsi,ata.c atapi.c hba.c port.c))
