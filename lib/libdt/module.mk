# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libdt,lib/libdt,libbase libfdt,cells.c fdt-check.c fdt-in.c fdt-out.c follow.c index.c merge.c node.c path.c print.c prop.c translate.c))
