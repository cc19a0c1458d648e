# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libahci,libahci,$(PCI_FAKES) fakemmio.c fakedma.c fakeahci.c))
