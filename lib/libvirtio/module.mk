# SPDX-License-Identifier: BSD-2-Clause
# virtio over PCI: rings, transport, and the devices spoken to that way.
$(eval $(call module,libvirtio,lib/libvirtio,libbase libdt libdev libpci,blk.c dev.c legacy.c modern.c net.c ring.c rng.c scsi.c))
