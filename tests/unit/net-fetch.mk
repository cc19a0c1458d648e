# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libnet-url,libnet))
$(eval $(call unit-test,test-libnet-tftp,libnet,fakenet.c))
# lwIP's headers are system headers, so the compiler does not tell make about these.
$(foreach f,host be fuzz,$(O)/$(f)/tests/unit/test-libnet-tftp.c.o): \
	$(addprefix lib/libnet/port/,lwipopts.h hooks.h arch/cc.h)
