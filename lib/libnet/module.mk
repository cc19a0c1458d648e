# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libnet,lib/libnet,lwip libbase libdev,stack.c))
