# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libterm,lib/libterm,libbase,complete.c history.c lineedit.c row.c text.c))
