# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-pciaddr-unit,libpciaddr))
$(eval $(call fuzz-target,fuzz-pci-unit,libpciaddr))
