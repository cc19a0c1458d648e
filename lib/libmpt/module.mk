# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libmpt,lib/libmpt,libbase libdt libdev libpci,handshake.c mpt.c))
