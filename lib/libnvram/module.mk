# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libnvram,lib/libnvram,libbase,format.c part.c vars.c))
