# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-of-boot,of,fakeram.c fakeplatform.c fakeboot.c fakeelf.c))
$(eval $(call unit-test,test-of-loader,of,fakeram.c fakeplatform.c fakeboot.c fakeelf.c fakegzip.c))
$(eval $(call fuzz-target,fuzz-bootlist,of,fakeram.c fakeplatform.c fakeboot.c))
$(eval $(call unit-test,test-of-reason,of,fakeram.c fakeplatform.c))
$(eval $(call unit-test,test-of-response,of,fakeram.c fakeplatform.c))
