# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,of,slof/of,libbase libdt libdev libblk libscsi libnvram libpciaddr,class-block.c class-memory.c class-pci.c class-scsi.c class-serial.c console.c disk-label.c disk.c env.c evaluate.c instance.c keys.c loader.c machine.c memory.c method.c populate.c quiesce.c ram.c standard.c))
