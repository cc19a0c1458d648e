# SPDX-License-Identifier: BSD-2-Clause
NVME_FAKES := $(PCI_FAKES) fakemmio.c fakedma.c fakenvme.c
$(eval $(call unit-test,test-libnvme,libnvme libdev,$(NVME_FAKES)))
$(eval $(call fuzz-target,fuzz-nvme,libnvme libdev,$(NVME_FAKES)))
