# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libnvram,lib/libnvram,libbase,part.c vars.c))
