# SPDX-License-Identifier: BSD-2-Clause
PCI_FAKES := fakepci.c fakepci-judge.c fakepci-need.c fakepci-rig.c
$(foreach t,scan bars assign tree topology,$(eval $(call unit-test,test-libpci-$(t),libpci,$(PCI_FAKES))))
$(eval $(call unit-test,test-libpci-property,libpci,$(PCI_FAKES) fakepci-random.c))
$(eval $(call fuzz-target,fuzz-pci,libpci,$(PCI_FAKES)))

# A fifth flavour for what needs speed more than sanitizers: a hundred thousand machines, the
# benchmark of the allocator, the mutations.
CC_fast = $(HOSTCC)
AR_fast = ar
CFLAGS_fast = $(COMMON) -O2 $(WARN)
LDFLAGS_fast =
.PHONY: thirdparty-headers-fast
thirdparty-headers-fast: | $(O)/src/.dtc
$(eval $(call flags-file,fast))
$(eval $(call libfdt-flavour,fast))
$(foreach m,libbase libdt libdev libpci,$(eval $(call module-flavour,$(m),$(FOLDER_$(m)),$(NEEDS_$(m)),\
	$(patsubst $(FOLDER_$(m))/%,%,$(SOURCES_$(m))),fast)))
# $(1) name $(2) fakes $(3) source
fast-test = $(call test-program,fast,$(1),libpci,$(or $(3),unit/$(1).c) $(addprefix fake/,$(FAKE_BASE) $(2)))
$(foreach t,scan bars assign tree topology,$(eval $(call fast-test,test-libpci-$(t),$(PCI_FAKES))))
$(eval $(call fast-test,test-libpci-property,$(PCI_FAKES) fakepci-random.c))

# $(1) variable $(2) name $(3) command $(4) deadline in seconds
pci-line = $(eval $(1) += printf '%s\t%s\t%s\n' '$(2)' '$(3)' '$(4)';)
TEST_PROGRAMS += $(O)/fast/tests/test-libpci-property
PCI_PROPERTY := $(O)/fast/tests/test-libpci-property
$(call pci-line,TEST_LINES,100 000 machines: 1 [fast],$(PCI_PROPERTY) --machines 50000,600)
$(call pci-line,TEST_LINES,100 000 machines: 2 [fast],$(PCI_PROPERTY) --first 50000 --machines 50000,600)
$(call pci-line,TEST_LINES_LONG,3 million machines [fast],$(PCI_PROPERTY) --seed 2 --millions 3,7200)
