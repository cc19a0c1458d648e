# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libe1000,libe1000,$(PCI_FAKES) fakemmio.c fakedma.c fakee1000.c))
