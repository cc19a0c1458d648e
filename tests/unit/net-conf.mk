# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libnet-conf,libnet,fakenet.c))
$(eval $(call unit-test,test-libnet-args,libnet))
$(eval $(call fuzz-target,fuzz-dhcp4,libnet))
$(eval $(call fuzz-target,fuzz-dhcp6,libnet))
$(eval $(call fuzz-target,fuzz-netargs,libnet))
$(eval $(call fuzz-target,fuzz-frames,libnet,fakenet.c))
# lwIP's headers are system headers, so the compiler does not tell make about these.
$(foreach f,host be fuzz,$(O)/$(f)/tests/unit/test-libnet-conf.c.o $(O)/$(f)/tests/fuzz/fuzz-frames.c.o): \
	$(addprefix lib/libnet/port/,lwipopts.h hooks.h arch/cc.h)
