# SPDX-License-Identifier: BSD-2-Clause
$(foreach t,scan bars assign tree property,$(eval $(call unit-test,test-libpci-$(t),libpci,fakepci.c)))
$(eval $(call fuzz-target,fuzz-pci,libpci,fakepci.c))
