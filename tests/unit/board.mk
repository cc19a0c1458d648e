# SPDX-License-Identifier: BSD-2-Clause
BOARD_FAKES := fakeram.c fakeplatform.c fakehv.c fakepci.c
$(eval $(call unit-test,test-board-rtas,board-qemu,$(BOARD_FAKES)))
$(eval $(call unit-test,test-board-cas,board-qemu,$(BOARD_FAKES)))
$(eval $(call unit-test,test-board-memory,board-qemu,$(BOARD_FAKES)))
$(eval $(call unit-test,test-board-tce,board-qemu,$(BOARD_FAKES)))
