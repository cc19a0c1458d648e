# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libnet-url,libnet))
$(eval $(call unit-test,test-libnet-rtt,libnet))
$(eval $(call unit-test,test-libnet-tftp,libnet,fakenet.c fakepeer.c))
$(eval $(call unit-test,test-libnet-random,libnet,fakenet.c fakepeer.c))
$(eval $(call unit-test,test-libnet-hostile,libnet,fakenet.c fakepeer.c))
$(eval $(call unit-test,test-libnet-http,libnet,fakenet.c fakepeer.c))
# lwIP's headers are system headers, so the compiler does not tell make about these.
$(foreach f,host be fuzz,$(foreach t,tftp http random hostile,$(O)/$(f)/tests/unit/test-libnet-$(t).c.o)): \
	$(addprefix lib/libnet/port/,lwipopts.h hooks.h arch/cc.h)
$(eval $(call unit-test,test-libnet-pxelinux,libnet))
$(eval $(call fuzz-target,fuzz-pxelinux,libnet))
