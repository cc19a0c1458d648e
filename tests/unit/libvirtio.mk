# SPDX-License-Identifier: BSD-2-Clause
VIRTIO_FAKES := $(PCI_FAKES) fakemmio.c fakedma.c fakevirtio.c
$(eval $(call unit-test,test-libvirtio-blk,libvirtio,$(VIRTIO_FAKES)))
$(eval $(call unit-test,test-libvirtio-net,libvirtio,$(VIRTIO_FAKES)))
$(eval $(call fuzz-target,fuzz-virtio-ring,libvirtio,$(VIRTIO_FAKES)))
