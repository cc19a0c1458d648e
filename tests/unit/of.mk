# SPDX-License-Identifier: BSD-2-Clause
OF_FAKES := fakeram.c fakeplatform.c
$(eval $(call unit-test,test-of-memory,of,fakeram.c))
$(eval $(call unit-test,test-of-package,of,$(OF_FAKES)))
$(eval $(call unit-test,test-of-standard,of,$(OF_FAKES)))
$(eval $(call unit-test,test-of-console,of,$(OF_FAKES)))
$(eval $(call unit-test,test-of-pci,of libpci,$(OF_FAKES) fakepci.c))
