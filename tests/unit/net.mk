# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libnet-stack,libnet,fakenet.c fakepeer.c))
