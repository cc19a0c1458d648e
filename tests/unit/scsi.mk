# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libscsi,libscsi,fakescsi.c))
$(eval $(call fuzz-target,fuzz-scsi,libscsi,))
$(eval $(call unit-test,test-of-scsi,of,fakeram.c fakeplatform.c fakescsi.c))
VSCSI_FAKES := fakeram.c fakeplatform.c fakehv.c fakepci.c fakescsi.c fakevscsi.c
$(eval $(call unit-test,test-board-vscsi,board-qemu,$(VSCSI_FAKES)))
$(eval $(call fuzz-target,fuzz-vscsi,board-qemu,fakeram.c fakeplatform.c fakehv.c fakepci.c))
$(eval $(call unit-test,test-libvirtio-scsi,libvirtio libscsi,$(VIRTIO_FAKES) fakescsi.c))
