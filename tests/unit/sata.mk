# SPDX-License-Identifier: BSD-2-Clause
AHCI_FAKES := $(PCI_FAKES) fakemmio.c fakedma.c
$(eval $(call unit-test,test-libahci,libahci,$(AHCI_FAKES) fakeahci.c))
$(eval $(call fuzz-target,fuzz-ahci,libahci libscsi libdev,$(AHCI_FAKES)))
