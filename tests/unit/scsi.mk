# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libscsi,libscsi,fakescsi.c))
$(eval $(call fuzz-target,fuzz-scsi,libscsi,))
$(eval $(call unit-test,test-of-scsi,of,fakeram.c fakeplatform.c fakescsi.c))
