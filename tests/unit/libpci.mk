# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libpci-scan,libpci,fakepci.c))
