# SPDX-License-Identifier: BSD-2-Clause
# Disks: the block class over a disk in memory.
$(eval $(call unit-test,test-of-block,of,fakeram.c fakeplatform.c fakedisk.c))
$(eval $(call unit-test,test-of-load,of,fakeram.c fakeplatform.c fakedisk.c))
$(eval $(call unit-test,test-of-drives,of,fakeram.c fakeplatform.c fakeboot.c fakeelf.c fakedisk.c))

# Images of the real tools, made at test time, read by libblk.
$(foreach f,host be,$(eval $(call test-program,$(f),blk-dump,libblk,disks/blk-dump.c \
	$(addprefix fake/,$(FAKE_BASE)))))
TEST_PROGRAMS += $(O)/host/tests/blk-dump $(O)/be/tests/blk-dump
TEST_LINES += printf '%s\t%s\t%s\n' 'disk images [host]' \
	'tests/disks/check.py $(O)/host/tests/blk-dump $(O)/disk-images-host' 300 \
	'disk images [be]' 'tests/disks/check.py "qemu-ppc64 $(O)/be/tests/blk-dump" $(O)/disk-images-be' 600;

$(foreach t,part iso fat ext bootinfo,$(eval $(call fuzz-target,fuzz-$(t),libblk)))
