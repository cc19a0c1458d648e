# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,client,slof/client,libbase libdt libdev of,client.c ci-control.c ci-device.c ci-memory.c ci-tree.c))
