# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,words,slof/words,libbase libdt libdev of forth,world.c words.c))
