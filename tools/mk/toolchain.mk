# SPDX-License-Identifier: BSD-2-Clause
#
# Compilers and flags of the four flavours every module can be built in:
#   fw    the firmware: big-endian ELFv2, freestanding, position independent
#   host  the developer's machine, little endian, with ASan and UBSan
#   be    the developer's machine, static big-endian Linux programs run by qemu-ppc64
#   fuzz  the developer's machine, clang's libFuzzer with ASan and UBSan
FLAVOURS := fw host be fuzz

ifeq ($(origin CROSS),undefined)
CROSS := $(firstword $(foreach p,powerpc64le-linux-gnu- powerpc64-linux-gnu-,\
	$(if $(shell command -v $(p)gcc 2>/dev/null),$(p))) powerpc64le-linux-gnu-)
endif
HOSTCC ?= gcc
BECC   ?= powerpc64-linux-gnu-gcc
FUZZCC ?= clang

ifeq ($(V),1)
Q :=
else
Q := @
.SILENT: # recipes print their own line
endif
say = printf '  %-6s %s\n' $(1) $(2)

LOG_LEVEL := $(or $(filter 0 1 2 3 4 5,$(subst trace,5,$(subst debug,4,$(subst info,3,\
	$(subst note,2,$(subst warn,1,$(subst err,0,$(LOG)))))))),$(error LOG=$(LOG): not a log level))

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-Wcast-qual -Wpointer-arith -Wundef -Wvla -Wdate-time -Wimplicit-fallthrough -Wformat=2 \
	-Wconversion -Wno-sign-conversion
COMMON := -std=gnu11 -g -fno-strict-aliasing -fno-delete-null-pointer-checks -fno-common \
	-ffile-prefix-map=$(CURDIR)=. -DLOG_COMPILED=$(LOG_LEVEL)

FW_ABI := -mbig-endian -mabi=elfv2
FW_CPU := -mcpu=power4 -mtune=power9 -mno-altivec -mno-vsx -msoft-float -mlong-double-64
FW_CODEGEN := $(FW_ABI) $(FW_CPU) -Os -fPIE -ffreestanding -fno-builtin --param=min-pagesize=0 \
	-fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables -fno-unwind-tables \
	-ffunction-sections -fdata-sections -mno-pointers-to-nested-functions \
	-ffile-prefix-map=$(CURDIR)=.
FW_PROTECT := -fstack-protector-strong -mstack-protector-guard=global
FW_MODERN_LD := $(shell $(CROSS)ld --help 2>/dev/null | grep -q no-warn-rwx-segments && \
	echo -Wl,--no-warn-rwx-segments)

CC_fw    = $(CROSS)gcc
AR_fw    = $(CROSS)ar
CFLAGS_fw = $(COMMON) $(FW_CODEGEN) $(FW_PROTECT) $(WARN) -Wframe-larger-than=2048
ASFLAGS_fw = $(FW_ABI) $(FW_CPU) -g -ffile-prefix-map=$(CURDIR)=.
LDFLAGS_fw = $(FW_ABI) -nostdlib -static-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,norelro \
	-Wl,-z,noexecstack -Wl,-z,text -Wl,--no-dynamic-linker -Wl,--no-toc-optimize \
	-Wl,--orphan-handling=error -Wl,--fatal-warnings $(FW_MODERN_LD)

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
CC_host  = $(HOSTCC)
AR_host  = ar
CFLAGS_host = $(COMMON) -O1 $(SANITIZE) $(WARN)
LDFLAGS_host = $(SANITIZE)

CC_be    = $(BECC)
AR_be    = $(BECC:gcc=ar)
CFLAGS_be = $(COMMON) -O1 $(WARN)
LDFLAGS_be = -static

CC_fuzz  = $(FUZZCC)
AR_fuzz  = ar
CFLAGS_fuzz = $(COMMON) -O1 -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined $(WARN) -Wno-unknown-warning-option -Wno-format-nonliteral \
	-Wno-shorten-64-to-32 -Wno-implicit-int-conversion
LDFLAGS_fuzz = -fsanitize=fuzzer,address,undefined
