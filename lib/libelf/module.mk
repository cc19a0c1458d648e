# SPDX-License-Identifier: BSD-2-Clause
# ELF programs: what is to be put where before they can run.
$(eval $(call module,libelf,lib/libelf,libbase,elf.c note.c relocate.c))
