# SPDX-License-Identifier: BSD-2-Clause
$(foreach t,node prop path fdt merge translate print,$(eval $(call unit-test,test-libdt-$(t),libdt)))
$(eval $(call fuzz-target,fuzz-fdt,libdt))
