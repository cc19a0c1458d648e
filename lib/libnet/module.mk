# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libnet,lib/libnet,lwip libbase libdev,stack.c config.c dhcp-options.c dhcp4-message.c dhcp6-message.c dhcp4.c dhcp6.c args.c dns.c ping.c url.c fetch.c tftp.c tftp-options.c rtt.c http.c http-parse.c pxelinux.c pxelinux-text.c pxelinux-name.c pxelinux-choose.c))
# Its headers are system headers to the compiler, which therefore does not tell make about these.
$(foreach f,$(FLAVOURS),$(patsubst %,$(O)/$(f)/%.o,$(filter %.c,$(SOURCES_libnet)))) \
	$(foreach f,host be fuzz,$(O)/$(f)/tests/unit/test-libnet-stack.c.o): \
	$(addprefix lib/libnet/port/,lwipopts.h hooks.h arch/cc.h)
