# SPDX-License-Identifier: BSD-2-Clause
# SAS controllers.
SAS_FAKES := $(PCI_FAKES) fakemmio.c fakedma.c
$(eval $(call unit-test,test-libmegasas,libmegasas libscsi,$(SAS_FAKES) fakescsi.c fakemegasas.c))
$(eval $(call fuzz-target,fuzz-megasas,libmegasas libscsi,$(SAS_FAKES)))
