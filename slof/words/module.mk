# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,words,slof/words,libbase libdt libdev libterm of forth,complete.c prompt.c world.c words.c))
