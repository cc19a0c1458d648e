# SPDX-License-Identifier: BSD-2-Clause
# Disks: the block class over a disk in memory.
$(eval $(call unit-test,test-of-block,of,fakeram.c fakeplatform.c fakedisk.c))
