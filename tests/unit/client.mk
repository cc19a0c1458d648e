# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-client-call,client of,fakeram.c fakeplatform.c))
$(eval $(call unit-test,test-client-services,client of,fakeram.c fakeplatform.c))
$(eval $(call fuzz-target,fuzz-client,client of,fakeram.c fakeplatform.c))
