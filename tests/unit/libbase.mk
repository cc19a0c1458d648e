# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libbase-text,libbase))
$(eval $(call unit-test,test-libbase-heap,libbase,none))
$(eval $(call unit-test,test-libbase-log,libbase))
$(eval $(call unit-test,test-libbase-random,libbase))
$(eval $(call unit-test,test-libc-mem,libbase))
# the firmware's own mem*(), under other names, held against the host's
$(foreach f,host be,$(eval $(O)/$(f)/tests/test-libc-mem: $(O)/$(f)/lib/libc/mem.c.o))
$(foreach f,host be,$(eval $(O)/$(f)/tests/test-libc-mem: EXTRA_LINK := $(O)/$(f)/lib/libc/mem.c.o))
