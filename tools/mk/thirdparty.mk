# SPDX-License-Identifier: BSD-2-Clause
#
# L0: third-party sources. Fetched pinned into $(O)/src, compiled unedited with their own flags.
# picolibc gives the firmware its C library (a subset compiled directly, no meson); libfdt is used
# at both ends of the device tree's life; of zlib, inflate is used. The host flavours use the host's C library.

PICOLIBC := $(O)/src/picolibc-1.8.10
DTC      := $(O)/src/dtc-1.7.2
LWIP     := $(O)/src/lwip-2.2.1
ZLIB     := $(O)/src/zlib-1.3.1

$(O)/src/.picolibc: tools/sources.pins
	@$(call say,FETCH,picolibc)
	$(Q)tools/fetch-src.sh $(O)/src picolibc
	$(Q)rm -rf $(PICOLIBC) && mkdir -p $(PICOLIBC) && \
	tar -xf $(O)/src/picolibc_1.8.10.orig.tar.gz -C $(PICOLIBC) --strip-components=1 && touch $@
$(O)/src/.dtc: tools/sources.pins
	@$(call say,FETCH,'dtc (libfdt)')
	$(Q)tools/fetch-src.sh $(O)/src dtc
	$(Q)rm -rf $(DTC) && mkdir -p $(DTC) && \
	tar -xf $(O)/src/device-tree-compiler_1.7.2.orig.tar.xz -C $(DTC) --strip-components=1 && touch $@

$(O)/src/.lwip: tools/sources.pins
	@$(call say,FETCH,lwIP)
	$(Q)tools/fetch-src.sh $(O)/src lwip
	$(Q)rm -rf $(LWIP) && mkdir -p $(LWIP) && \
	tar -xf $(O)/src/lwip_2.2.1+dfsg1.orig.tar.xz -C $(LWIP) --strip-components=1 && touch $@

$(O)/src/.zlib: tools/sources.pins
	@$(call say,FETCH,zlib)
	$(Q)tools/fetch-src.sh $(O)/src zlib
	$(Q)rm -rf $(ZLIB) && mkdir -p $(ZLIB) && \
	tar -xf $(O)/src/zlib_1.3.dfsg+really1.3.1.orig.tar.gz -C $(ZLIB) --strip-components=1 && touch $@

# Everything that includes third-party headers waits for them, without being rebuilt by them.
.PHONY: $(addprefix thirdparty-headers-,$(FLAVOURS))
thirdparty-headers-fw: | $(O)/src/.picolibc $(O)/src/.dtc $(O)/src/.lwip $(O)/src/.zlib
thirdparty-headers-host thirdparty-headers-be thirdparty-headers-fuzz: | $(O)/src/.dtc $(O)/src/.lwip $(O)/src/.zlib

LIBC_INC_fw = -nostdinc -isystem $(shell $(CC_fw) -print-file-name=include) -Ilib/libc \
	-isystem $(PICOLIBC)/newlib/libc/machine/powerpc -isystem $(PICOLIBC)/newlib/libc/tinystdio \
	-isystem $(PICOLIBC)/newlib/libc/include

# ---- libfdt, in every flavour -------------------------------------------------------------
LIBFDT_SRC := fdt.c fdt_addresses.c fdt_check.c fdt_empty_tree.c fdt_ro.c fdt_rw.c \
	fdt_strerror.c fdt_sw.c fdt_wip.c
define libfdt-flavour
$(patsubst %.c,$(O)/$(1)/libfdt/%.o,$(LIBFDT_SRC)): $(O)/$(1)/libfdt/%.o: $(O)/$(1)/flags | thirdparty-headers-$(1)
	@mkdir -p $$(@D)
	@$$(call say,CC,'libfdt/$$*.c [$(1)]')
	$(Q)$$(CC_$(1)) $$(filter-out -W%,$$(CFLAGS_$(1))) $$(LIBC_INC_$(1)) -I$(DTC)/libfdt -c -o $$@ $(DTC)/libfdt/$$*.c
$(O)/$(1)/libfdt.a: $(patsubst %.c,$(O)/$(1)/libfdt/%.o,$(LIBFDT_SRC))
	@rm -f $$@
	$(Q)$$(AR_$(1)) rcsD $$@ $$^
endef
$(foreach f,$(FLAVOURS),$(eval $(call libfdt-flavour,$(f))))
MODULES += libfdt
INCLUDES_libfdt := -isystem $(DTC)/libfdt
CLOSURE_libfdt :=

# ---- lwIP, in every flavour; its options and hooks are lib/libnet/port ------------------------
LWIP_SRC := $(addprefix core/,altcp.c altcp_alloc.c altcp_tcp.c def.c dns.c inet_chksum.c init.c ip.c mem.c memp.c \
	netif.c pbuf.c raw.c stats.c sys.c tcp.c tcp_in.c tcp_out.c timeouts.c udp.c \
	$(addprefix ipv4/,dhcp.c etharp.c icmp.c ip4.c ip4_addr.c ip4_frag.c) \
	$(addprefix ipv6/,dhcp6.c ethip6.c icmp6.c inet6.c ip6.c ip6_addr.c ip6_frag.c mld6.c nd6.c)) netif/ethernet.c
LWIP_INC := -Ilib/libnet/port -isystem $(LWIP)/src/include
define lwip-flavour
$(patsubst %.c,$(O)/$(1)/lwip/%.o,$(LWIP_SRC)): $(O)/$(1)/lwip/%.o: $(O)/$(1)/flags lib/libnet/port/lwipopts.h \
		lib/libnet/port/hooks.h lib/libnet/port/arch/cc.h | thirdparty-headers-$(1)
	@mkdir -p $$(@D)
	@$$(call say,CC,'lwip/$$*.c [$(1)]')
	$(Q)$$(CC_$(1)) $$(filter-out -W%,$$(CFLAGS_$(1))) -w $$(LIBC_INC_$(1)) $(LWIP_INC) -c -o $$@ $(LWIP)/src/$$*.c
$(O)/$(1)/lwip.a: $(patsubst %.c,$(O)/$(1)/lwip/%.o,$(LWIP_SRC))
	@rm -f $$@
	$(Q)$$(AR_$(1)) rcsD $$@ $$^
endef
$(foreach f,$(FLAVOURS),$(eval $(call lwip-flavour,$(f))))
MODULES += lwip
INCLUDES_lwip := $(LWIP_INC)
CLOSURE_lwip :=

# ---- zlib, in every flavour: inflate alone, on no C library (Z_SOLO) ---------------------------
ZLIB_SRC := adler32.c crc32.c inffast.c inflate.c inftrees.c zutil.c
ZLIB_INC := -DZ_SOLO -DZ_U4=unsigned -isystem $(ZLIB)
define zlib-flavour
$(patsubst %.c,$(O)/$(1)/zlib/%.o,$(ZLIB_SRC)): $(O)/$(1)/zlib/%.o: $(O)/$(1)/flags | thirdparty-headers-$(1)
	@mkdir -p $$(@D)
	@$$(call say,CC,'zlib/$$*.c [$(1)]')
	$(Q)$$(CC_$(1)) $$(filter-out -W%,$$(CFLAGS_$(1))) -w $$(LIBC_INC_$(1)) $(ZLIB_INC) -c -o $$@ $(ZLIB)/$$*.c
$(O)/$(1)/zlib.a: $(patsubst %.c,$(O)/$(1)/zlib/%.o,$(ZLIB_SRC))
	@rm -f $$@
	$(Q)$$(AR_$(1)) rcsD $$@ $$^
endef
$(foreach f,$(FLAVOURS),$(eval $(call zlib-flavour,$(f))))
MODULES += zlib
INCLUDES_zlib := $(ZLIB_INC)
CLOSURE_zlib :=

# ---- libc: picolibc's subset and our own mem*() --------------------------------------------
LIBC_PICO := $(addprefix newlib/libc/,errno/errno.c search/bsearch.c search/qsort.c \
	$(addprefix stdlib/,atoi.c) \
	$(addprefix string/,memchr.c memrchr.c stpcpy.c strcasecmp.c strncasecmp.c strcat.c strchr.c \
		strcmp.c strcpy.c strcspn.c strlcat.c strlcpy.c strlen.c strncat.c strncmp.c strncpy.c \
		strnlen.c strpbrk.c strrchr.c strspn.c strstr.c strtok_r.c) \
	$(addprefix tinystdio/,snprintf.c vsnprintf.c vfiprintf.c filestrput.c fputc.c \
		strtol.c strtoll.c strtoul.c strtoull.c))
LIBC_OURS := lib/libc/mem.c
LIBC_OBJS := $(patsubst %.c,$(O)/fw/libc/%.o,$(notdir $(LIBC_PICO))) \
	$(patsubst %,$(O)/fw/%.o,$(LIBC_OURS))
define pico-object
$(O)/fw/libc/$(basename $(notdir $(1))).o: $(O)/fw/flags lib/libc/picolibc.h | thirdparty-headers-fw
	@mkdir -p $$(@D)
	@$$(call say,CC,'picolibc/$(notdir $(1))')
	$(Q)$$(CC_fw) -D_LIBC -std=c18 -g $$(FW_CODEGEN) -w $$(LIBC_INC_fw) -I$(PICOLIBC)/newlib/libc/locale \
		-isystem $(PICOLIBC)/newlib/libm/common -c -o $$@ $(PICOLIBC)/$(1)
endef
$(foreach s,$(LIBC_PICO),$(eval $(call pico-object,$(s))))
$(foreach f,$(FLAVOURS),$(foreach s,$(LIBC_OURS),$(eval $(call object,$(f),$(s),-Ilib/libc))))
$(O)/fw/libc.a: $(LIBC_OBJS)
	@rm -f $@
	$(Q)$(AR_fw) rcsD $@ $^
