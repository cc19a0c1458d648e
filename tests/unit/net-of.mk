# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-board-llan,board-qemu,fakeram.c fakeplatform.c fakehv.c fakepci.c fakellan.c))
