# SPDX-License-Identifier: BSD-2-Clause
# SAS controllers.
SAS_FAKES := $(PCI_FAKES) fakemmio.c fakedma.c
$(eval $(call unit-test,test-libmegasas,libmegasas libscsi,$(SAS_FAKES) fakescsi.c fakemegasas.c))
$(eval $(call unit-test,test-libmpt,libmpt libscsi,$(SAS_FAKES) fakescsi.c fakempt.c))
$(eval $(call fuzz-target,fuzz-megasas,libmegasas libscsi,$(SAS_FAKES)))
$(eval $(call fuzz-target,fuzz-mpt,libmpt libscsi,$(SAS_FAKES)))
