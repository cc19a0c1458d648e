# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libnvram,libnvram))
$(eval $(call unit-test,test-libnvram-write,libnvram))
$(eval $(call fuzz-target,fuzz-nvram,libnvram))
