# SPDX-License-Identifier: BSD-2-Clause
# Clients of the client interface: $(O)/clients/{callback,ci-test,hello,crash,cas-wait,env,disk,interpret,lspci,pci-bus}-{32,64}.elf, limit-64.elf. Included from the top Makefile;
# uses Q (command echo prefix), O (output folder) and CROSS. They are position independent because QEMU moves
# a -kernel image and a firmware that loads from disk does not; start*.S applies the relocations.

CLIENTS_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
CLIENTS_OUT := $(O)/clients

CLIENT_SRCS_ci-test := ci-test.c ci-tree.c ci-props.c ci-device.c ci-disk.c ci-memory.c ci-control.c ci-rtas.c cas.c
CLIENT_SRCS_callback := callback.c
CLIENT_SRCS_hello := hello.c
CLIENT_SRCS_cas-wait := cas-wait.c cas.c
CLIENT_SRCS_env := env.c
CLIENT_SRCS_disk := disk.c
CLIENT_SRCS_interpret := interpret.c
CLIENT_SRCS_lspci := lspci.c cas.c
CLIENT_SRCS_pci-bus := pci-bus.c
CLIENT_SRCS_crash := crash.c crash-enter.S
# 64 bits only
CLIENT_SRCS_limit := limit.c limit-pci.c limit-ahci.c limit-nvme.c limit-virtio.c limit-vscsi.c
CLIENT_NAMES := callback ci-test hello crash cas-wait env disk interpret lspci pci-bus

CLIENT_CFLAGS := -std=gnu11 -O2 -ffreestanding -fno-builtin -fno-common -fPIE -mbig-endian -msoft-float \
	-fno-strict-aliasing -fno-delete-null-pointer-checks -fno-tree-loop-distribute-patterns \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -fno-stack-protector -fvisibility=hidden \
	-ffile-prefix-map=$(CURDIR)=. -g0
CLIENT_WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wcast-qual \
	-Wpointer-arith -Wundef -Wvla -Wdate-time -Wimplicit-fallthrough -Wformat=2 -Wconversion -Wno-sign-conversion
CLIENT_LDFLAGS := -mbig-endian -nostdlib -static-pie -Wl,-z,text -Wl,-z,norelro -Wl,-z,noexecstack -Wl,--build-id=none \
	-Wl,--no-dynamic-linker -Wl,--orphan-handling=error -Wl,--fatal-warnings \
	$(shell $(CROSS)ld --help 2>/dev/null | grep -q no-warn-rwx && echo -Wl,--no-warn-rwx-segments)
CLIENT_ABI_32 := -m32 -mcpu=powerpc
CLIENT_ABI_64 := -m64 -mabi=elfv2 -mcpu=power4 -mno-altivec -mno-vsx
CLIENT_LD_32 := -Wl,-melf32ppc
CLIENT_LD_64 := -Wl,-melf64ppc

# $(call client_objects,width): how the objects of one width are made
define client_objects
$(CLIENTS_OUT)/$(1)/%.o: $(CLIENTS_DIR)/%.c $(CLIENTS_DIR)/clients.mk
	@mkdir -p $$(@D)
	$(Q)$(CROSS)gcc $(CLIENT_CFLAGS) $(CLIENT_WARN) $(CLIENT_ABI_$(1)) -MMD -MP -c $$< -o $$@

$(CLIENTS_OUT)/$(1)/%.o: $(CLIENTS_DIR)/%.S $(CLIENTS_DIR)/clients.mk
	@mkdir -p $$(@D)
	$(Q)$(CROSS)gcc $(CLIENT_CFLAGS) $(CLIENT_ABI_$(1)) -MMD -MP -c $$< -o $$@
endef

# $(call client_program,name,width)
define client_program
CLIENT_OBJS_$(1)_$(2) := $(addprefix $(CLIENTS_OUT)/$(2)/,start$(2).o ofci.o $(addsuffix .o,$(basename $(CLIENT_SRCS_$(1)))))
CLIENT_ELFS += $(CLIENTS_OUT)/$(1)-$(2).elf
-include $$(CLIENT_OBJS_$(1)_$(2):.o=.d)

$(CLIENTS_OUT)/$(1)-$(2).elf: $$(CLIENT_OBJS_$(1)_$(2)) $(CLIENTS_DIR)/client.lds
	$(Q)$(CROSS)gcc $(CLIENT_ABI_$(2)) $(CLIENT_LDFLAGS) $(CLIENT_LD_$(2)) -Wl,-T,$(CLIENTS_DIR)/client.lds \
		-o $$@ $$(CLIENT_OBJS_$(1)_$(2))
endef

CLIENT_ELFS :=
$(foreach w,32 64,$(eval $(call client_objects,$(w))))
$(foreach w,32 64,$(foreach n,$(CLIENT_NAMES),$(eval $(call client_program,$(n),$(w)))))
$(eval $(call client_program,limit,64))

.PHONY: clients
clients: $(CLIENT_ELFS)
