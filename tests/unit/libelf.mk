# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libelf,libelf,fakeelf.c))
$(eval $(call fuzz-target,fuzz-elf,libelf,))
