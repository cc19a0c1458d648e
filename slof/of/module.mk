# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,of,slof/of,libbase libdt libdev,class-memory.c class-serial.c console.c instance.c machine.c memory.c method.c quiesce.c ram.c standard.c))
