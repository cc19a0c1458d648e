# SPDX-License-Identifier: BSD-2-Clause
# Addresses of the PCI binding as text: a pure function, for whoever has text or cells.
$(eval $(call module,libpciaddr,lib/libpciaddr,libbase,unit.c))
