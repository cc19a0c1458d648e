# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libscsi,libscsi,fakescsi.c))
$(eval $(call fuzz-target,fuzz-scsi,libscsi,))
