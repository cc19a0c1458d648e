# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libpci-rom,libpci))
$(eval $(call fuzz-target,fuzz-rom,libpci))
