# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,of,slof/of,libbase libdt libdev libnvram libpciaddr,class-memory.c class-pci.c class-serial.c console.c env.c instance.c keys.c machine.c memory.c method.c quiesce.c ram.c standard.c))
