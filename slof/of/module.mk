# SPDX-License-Identifier: BSD-2-Clause
<<<<<<< HEAD
$(eval $(call module,of,slof/of,libbase libdt libdev libblk libnet libscsi libnvram libpciaddr libelf,boot-list.c boot-memory.c boot-path.c boot-start.c boot.c menu.c class-block.c class-memory.c class-net.c class-pci.c class-scsi.c class-serial.c console.c disk-label.c disk-load.c disk.c drives.c env.c evaluate.c instance.c keys.c loader.c machine.c memory.c method.c net-session.c net-tools.c pkg-disk.c populate.c quiesce.c ram.c reason.c standard.c))
=======
$(eval $(call module,of,slof/of,libbase libdt libdev libblk libscsi libnvram libpciaddr libelf,boot-list.c boot-memory.c boot-path.c boot-start.c boot.c menu.c class-block.c class-memory.c class-net.c class-pci.c class-scsi.c class-serial.c console.c disk-label.c disk-load.c disk.c drives.c env.c evaluate.c instance.c keys.c loader.c machine.c memory.c method.c pkg-disk.c populate.c quiesce.c ram.c reason.c reason.c standard.c))
>>>>>>> 8359c7b (wip)
