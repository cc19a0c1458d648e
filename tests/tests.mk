# SPDX-License-Identifier: BSD-2-Clause
#
# Unit tests, fuzz targets and the QEMU suites. A unit test links exactly the modules it names (and
# what those need), after the fakes, which thereby take the place of the real link-time seams.

FAKE_BASE := fakeclock.c fakepanic.c fakeheap.c
TEST_PROGRAMS :=
# Commands that print further lines of the lists below, for every check and for check-long.
TEST_LINES :=
TEST_LINES_LONG :=

# $(1) flavour $(2) program $(3) modules $(4) sources below tests/; EXTRA_LINK of the target: more objects
define test-program
$(foreach s,$(4),$(eval $(call once,$(1),tests/$(s),-Itests/unit -Itests/fake \
	$$(call module-includes,$$(MODULES)))))
$(O)/$(1)/tests/$(2): $(patsubst %,$(O)/$(1)/tests/%.o,$(4)) $(call module-archives,$(1),$(3))
	@mkdir -p $$(@D)
	@$$(call say,LD,'$(2) [$(1)]')
	$(Q)$$(CC_$(1)) $$(LDFLAGS_$(1)) -o $$@ $(patsubst %,$(O)/$(1)/tests/%.o,$(4)) \
		-Wl,--start-group $(call module-archives,$(1),$(3)) -Wl,--end-group $$(EXTRA_LINK)
endef
# An object named by several programs gets its rule once.
once = $(if $(DONE_$(1)_$(2)),,$(eval DONE_$(1)_$(2) := 1)$(call object,$(1),$(2),$(3)))

# $(eval $(call unit-test,NAME,MODULES,FAKES beside the base ones,SOURCE if not unit/NAME.c))
define unit-test
$(foreach f,host be,$(eval $(call test-program,$(f),$(1),$(2),$(or $(4),unit/$(1).c) \
	$(addprefix fake/,$(if $(filter none,$(3)),fakeclock.c fakepanic.c,$(FAKE_BASE) $(3))))))
TEST_PROGRAMS += $(O)/host/tests/$(1) $(O)/be/tests/$(1)
UNIT_TESTS += $(1)
endef

# $(eval $(call fuzz-target,NAME,MODULES,FAKES)): tests/fuzz/NAME.c with corpus tests/corpus/NAME/
define fuzz-target
$(eval $(call test-program,fuzz,$(1),$(2),fuzz/$(1).c $(addprefix fake/,$(FAKE_BASE) $(3))))
$(foreach f,host be,$(eval $(call test-program,$(f),replay-$(1),$(2),fuzz/$(1).c fuzz/replay-main.c \
	$(addprefix fake/,$(FAKE_BASE) $(3)))))
TEST_PROGRAMS += $(O)/host/tests/replay-$(1) $(O)/be/tests/replay-$(1)
FUZZ_TARGETS += $(1)
endef

include $(sort $(wildcard tests/unit/*.mk))
# What the pages say of the tree holds. Here, where all fuzz targets are known.
TEST_LINES += printf '%s\t%s\t%s\n' 'docs' \
	'$(MAKE) -s --no-print-directory graph | tests/docs.py "$(sort $(FUZZ_TARGETS))"' 60;

.PHONY: unit-tests fuzzers check-unit run-check run-check-long clients
unit-tests: $(TEST_PROGRAMS)
fuzzers: $(addprefix $(O)/fuzz/tests/,$(FUZZ_TARGETS))

RUN_be := qemu-ppc64
$(O)/check-unit.list: unit-tests FORCE
	@{ $(foreach t,$(UNIT_TESTS),printf '%s\t%s\n' '$(t) [host]' '$(O)/host/tests/$(t)' \
		'$(t) [be]' '$(RUN_be) $(O)/be/tests/$(t)';) \
	$(foreach t,$(FUZZ_TARGETS),printf '%s\t%s\n' \
		'replay $(t) [host]' '$(O)/host/tests/replay-$(t) tests/corpus/$(t)' \
		'replay $(t) [be]' '$(RUN_be) $(O)/be/tests/replay-$(t) tests/corpus/$(t)';) \
	$(TEST_LINES) :; } > $@

# The QEMU suites come last and the boot tests at the very end: they fill the machine by themselves.
# Fields: name, command, deadline in seconds (the boot tests have deadlines of their own for each step).
CLIENT_TESTS := tests/qemu/ci-compare.py --tap $(O)/slof.bin --clients $(O)/clients --logs $(O)/ci-tests
BOOT_TESTS := tests/qemu/boot-tests.py --firmware $(O)/slof.bin --clients $(O)/clients --work $(O)/boot-tests
# $(1) options of the boot tests $(2) their deadline
qemu-suites = printf '%s\t%s\t%s\n' 'judge of the boot tests' tests/qemu/test_judge.py 120 \
	'client interface' '$(CLIENT_TESTS)' 300 'boot' '$(BOOT_TESTS) $(1)' $(2)

$(O)/check.list: $(O)/check-unit.list firmware clients
	@{ cat $<; $(call qemu-suites,,1800); } > $@
$(O)/check-long.list: $(O)/check-unit.list firmware clients
	@{ cat $<; $(TEST_LINES_LONG) $(call qemu-suites,--long,7200); } > $@

run-check: $(O)/check.list
	@tests/run-tests.py $<
run-check-long: $(O)/check-long.list
	@tests/run-tests.py $<

# The unit tests alone, for the seconds between two edits.
check-unit: $(O)/check-unit.list
	@tests/run-tests.py $<
