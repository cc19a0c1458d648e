# SPDX-License-Identifier: BSD-2-Clause
#
# The image: all modules linked at 0 as a static PIE, copied out raw; QEMU loads it at 0 and
# enters it at 0x100. QEMU takes at most 4 MiB.

IMAGE_MAX := 4194304
FW_LIBS = $(call module-archives,fw,board-qemu) $(O)/fw/libc.a
LDS := board-qemu/firmware.lds

$(O)/slof.elf: $(FW_LIBS) $(LDS)
	@$(call say,LD,$@)
	$(Q)$(CC_fw) $(LDFLAGS_fw) -Wl,-T,$(LDS) -Wl,-Map,$(O)/slof.map -Wl,-u,_start -o $@ \
		-Wl,--start-group $(FW_LIBS) -Wl,--end-group

$(O)/slof.bin: $(O)/slof.elf
	$(Q)$(CROSS)objcopy -O binary $< $@
	@size=$$(stat -c %s $@); $(call say,IMAGE,"$@ ($$size bytes)"); \
	if [ $$size -gt $(IMAGE_MAX) ]; then \
		echo "$@: $$size bytes, QEMU takes at most $(IMAGE_MAX)" >&2; rm -f $@; exit 1; fi
