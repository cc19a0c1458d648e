# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,words,slof/words,libbase libdt libdev libterm of forth,\
	alias.c cells.c complete.c debug.c device.c encode.c env-words.c help.c instance-data.c memory-map.c \
	nvramrc.c package.c prompt.c property.c register.c show.c words-boot.c words-instance.c words-net.c \
	words-tree.c world.c words.c))
