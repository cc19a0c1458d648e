# SPDX-License-Identifier: BSD-2-Clause
#
# make lint: layout, clang-tidy with the flags of the host flavour, cppcheck. No suppression without a
# reason on the same line.

LINT_C := $(filter %.c,$(foreach m,$(MODULES),$(SOURCES_$(m))))
LINT_STAMPS := $(patsubst %,$(O)/lint/%.ok,$(LINT_C))
FORMATTED = $(shell git ls-files '*.c' '*.h' 2>/dev/null)

define lint-module
$(patsubst %,$(O)/lint/%.ok,$(filter %.c,$(SOURCES_$(1)))): $(O)/lint/%.ok: % .clang-tidy $(filter-out %.c %.S,$(SOURCES_$(1))) | thirdparty-headers-host
	@mkdir -p $$(@D)
	@$$(call say,TIDY,$$<)
	$(Q)clang-tidy --quiet $$< -- $$(filter-out -W%,$$(COMMON)) -Ilib/libc -I$(FOLDER_$(1))/include \
		$$(call module-includes,$(NEEDS_$(1))) $$(EXTRA_$(1)) -I$(O) > $$@.log 2> $$@.err || \
		{ cat $$@.log $$@.err; exit 1; }
	@touch $$@
endef
$(foreach m,$(filter-out libfdt,$(MODULES)),$(eval $(call lint-module,$(m))))

.PHONY: lint run-lint lint-format lint-cppcheck
lint: deps-check
	@$(MAKE) --no-print-directory run-lint
run-lint: lint-format lint-cppcheck $(LINT_STAMPS)
	@echo "lint: $(words $(FORMATTED)) files in shape, $(words $(LINT_C)) without findings"
lint-format:
	@$(call say,FORMAT,'all C files')
	$(Q)clang-format --dry-run -Werror $(FORMATTED)
lint-cppcheck: | thirdparty-headers-host $(O)/version.h
	@$(call say,CPPCHK,'all modules')
	$(Q)cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
		--suppress=nullPointer:board-qemu/* --suppress=missingInclude -DLOG_COMPILED=4 \
		$(filter -I%,$(foreach m,$(MODULES),$(INCLUDES_$(m)))) -I$(O) -Ilib/libc $(LINT_C)
