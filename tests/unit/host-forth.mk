# SPDX-License-Identifier: BSD-2-Clause
# The firmware's Forth as a program for the developer's machine.
$(eval $(call test-program,host,forth,words,host/forth.c fake/fakepanic.c fake/fakeheap.c fake/fakeram.c fake/fakeplatform.c))
.PHONY: host-forth
host-forth: $(O)/host/forth
$(O)/host/forth: $(O)/host/tests/forth
	$(Q)cp $< $@
