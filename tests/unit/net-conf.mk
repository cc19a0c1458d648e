# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libnet-conf,libnet,fakenet.c))
$(foreach f,host be,$(O)/$(f)/tests/unit/test-libnet-conf.c.o): \
	$(addprefix lib/libnet/port/,lwipopts.h hooks.h arch/cc.h)
