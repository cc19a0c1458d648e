# SPDX-License-Identifier: BSD-2-Clause
PCI_FAKES := fakepci.c fakepci-judge.c fakepci-need.c fakepci-rig.c
$(foreach t,scan bars assign tree topology doctor limits,$(eval $(call unit-test,test-libpci-$(t),libpci,$(PCI_FAKES))))
$(eval $(call unit-test,test-libpci-dev,libpci,$(PCI_FAKES) fakemmio.c))
$(eval $(call unit-test,test-libpci-property,libpci,$(PCI_FAKES) fakepci-random.c fakepci-lot.c))
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
$(eval $(call fast-test,test-libpci-property,$(PCI_FAKES) fakepci-random.c fakepci-lot.c))

# $(1) variable $(2) name $(3) command $(4) deadline in seconds
pci-line = $(eval $(1) += printf '%s\t%s\t%s\n' '$(2)' '$(3)' '$(4)';)
TEST_PROGRAMS += $(O)/fast/tests/test-libpci-property
PCI_PROPERTY := $(O)/fast/tests/test-libpci-property
$(call pci-line,TEST_LINES,100 000 machines: 1 [fast],$(PCI_PROPERTY) --machines 50000,600)
$(call pci-line,TEST_LINES,100 000 machines: 2 [fast],$(PCI_PROPERTY) --first 50000 --machines 50000,600)
$(call pci-line,TEST_LINES_LONG,3 million machines [fast],$(PCI_PROPERTY) --seed 2 --millions 3,7200)
# Big endian, some 280 a second: an hour each.
PCI_PROPERTY_BE := qemu-ppc64 $(O)/be/tests/test-libpci-property
be-million = $(call pci-line,TEST_LINES_LONG,a million machines: seed $(1) [be],$(PCI_PROPERTY_BE) --seed $(1) --millions 1,14400)
$(foreach seed,3 4,$(call be-million,$(seed)))

# The allocator's benchmark sees the table inside the module; it is run by hand (docs/performance.md).
$(eval $(call once,fast,tests/bench/pci-assign-bench.c,-Ilib/libpci -Itests/unit -Itests/fake \
	$$(call module-includes,$$(MODULES))))
$(eval $(call fast-test,pci-assign-bench,,bench/pci-assign-bench.c))
.PHONY: pci-assign-bench
pci-assign-bench: $(O)/fast/tests/pci-assign-bench
	$< --plot

# Golden trees: QEMU's recordings in tests/golden against what we make of them.
$(foreach f,host be,$(eval $(call test-program,$(f),golden-pci,libpci,unit/golden-pci.c \
	$(addprefix fake/,$(FAKE_BASE) $(PCI_FAKES)))))
TEST_PROGRAMS += $(O)/host/tests/golden-pci $(O)/be/tests/golden-pci
$(call pci-line,TEST_LINES,golden trees [host],tests/golden/check.py $(O)/host/tests/golden-pci,120)
$(call pci-line,TEST_LINES,golden trees [be],tests/golden/check.py "qemu-ppc64 $(O)/be/tests/golden-pci",120)
.PHONY: golden-update golden-record
golden-update: $(O)/host/tests/golden-pci
	tests/golden/check.py $< --update
# Ask the installed QEMU again what it gives the firmware.
golden-record:
	@mkdir -p $(O)
	$(HOSTCC) -shared -fPIC -O2 -o $(O)/chassis.so tests/qemu/chassis.c
	CHASSIS=$(abspath $(O))/chassis.so tests/golden/record.py tests/golden
