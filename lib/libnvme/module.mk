# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libnvme,lib/libnvme,libbase libdt libdev libpci,block.c controller.c queue.c))
