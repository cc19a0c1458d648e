# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,words,slof/words,libbase libdt libdev libnvram libterm of forth,\
	alias.c bus-child.c cells.c complete.c console.c debug.c device.c encode.c env-words.c help.c instance-data.c memory-map.c \
	nvramrc.c package.c prompt.c property.c register.c show.c test.c words-boot.c words-client.c words-nvram.c words-instance.c words-net.c \
	words-tree.c world.c words.c))
