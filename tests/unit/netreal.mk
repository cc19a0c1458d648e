# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call fuzz-target,fuzz-url,libnet))
$(eval $(call fuzz-target,fuzz-tftp,libnet,fakenet.c fakepeer.c))
$(eval $(call fuzz-target,fuzz-http,libnet,fakenet.c fakepeer.c))
$(eval $(call fuzz-target,fuzz-e1000,libe1000,$(PCI_FAKES) fakemmio.c fakedma.c fakee1000.c))
$(eval $(call fuzz-target,fuzz-llan,board-qemu,fakeram.c fakeplatform.c fakehv.c fakepci.c fakellan.c))
# lwIP's headers are system headers, so the compiler does not tell make about these.
$(foreach f,host be fuzz,$(foreach t,tftp http,$(O)/$(f)/tests/fuzz/fuzz-$(t).c.o)): \
	$(addprefix lib/libnet/port/,lwipopts.h hooks.h arch/cc.h)
