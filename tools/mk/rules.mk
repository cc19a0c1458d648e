# SPDX-License-Identifier: BSD-2-Clause
#
# The module mechanism. A module.mk says
#     $(eval $(call module,NAME,FOLDER,NEEDED MODULES,SOURCES))
# and gets, for every flavour, an archive $(O)/<flavour>/NAME.a compiled with the include folders
# of NAME and of the modules it needs. Naming a module that is not declared yet stops make:
# arrows point down only. Sources in assembly belong to the flavour fw alone.

MODULES :=

# Include folders and archives of a list of modules.
module-includes = $(foreach m,$(1),$(INCLUDES_$(m)))
# All modules reachable from a list, users before what they use (link order). $(1) modules.
module-closure = $(if $(1),$(call order-closure,$(1)))
order-closure = $(call reverse,$(filter $(sort $(1) $(foreach m,$(1),$(CLOSURE_$(m)))),$(MODULES)))
reverse = $(if $(1),$(call reverse,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
module-archives = $(foreach m,$(call module-closure,$(2)),$(O)/$(1)/$(m).a)

# Flags of a flavour live in a file, so that changing LOG= or the compiler rebuilds, and only then.
define flags-file
$(O)/$(1)/flags: FORCE
	@mkdir -p $$(@D); printf '%s\n' '$$(CC_$(1)) $$(CFLAGS_$(1))' > $$@.new; \
	cmp -s $$@.new $$@ && rm $$@.new || mv $$@.new $$@
endef
$(foreach f,$(FLAVOURS),$(eval $(call flags-file,$(f))))
FORCE:
.PHONY: FORCE

# One object file. $(1) flavour $(2) source $(3) extra flags
define object
$(O)/$(1)/$(2).o: $(2) $(O)/$(1)/flags | thirdparty-headers-$(1)
	@mkdir -p $$(@D)
	@$$(call say,CC,'$(2) [$(1)]')
	$(Q)$$(CC_$(1)) $$(if $$(filter %.S,$(2)),$$(ASFLAGS_$(1)),$$(CFLAGS_$(1))) $(3) \
		$$(LIBC_INC_$(1)) -MMD -MP -c -o $$@ $$<
-include $(O)/$(1)/$(2).d
endef

# $(1) name $(2) folder $(3) needed modules $(4) sources $(5) flavour
define module-flavour
$(foreach s,$(if $(filter fw,$(5)),$(4),$(filter-out %.S,$(4))),\
$(eval $(call object,$(5),$(2)/$(s),-I$(2)/include $$(call module-includes,$(3)) $$(EXTRA_$(1)))))
# module.mk: a source that is no longer named there must leave the archive, too.
$(O)/$(5)/$(1).a: $(patsubst %,$(O)/$(5)/$(2)/%.o,$(if $(filter fw,$(5)),$(4),$(filter-out %.S,$(4)))) $(2)/module.mk
	@rm -f $$@
	$(Q)$$(AR_$(5)) rcsD $$@ $$(filter %.o,$$^)
endef

define module
$(foreach m,$(3),$(if $(filter $(m),$(MODULES)),,\
	$(error module $(1) needs $(m), which is not declared above it)))
MODULES += $(1)
FOLDER_$(1) := $(2)
NEEDS_$(1) := $(3)
INCLUDES_$(1) := -I$(2)/include
CLOSURE_$(1) := $(sort $(3) $(foreach m,$(3),$(CLOSURE_$(m))))
SOURCES_$(1) := $(addprefix $(2)/,$(4))
$(foreach f,$(FLAVOURS),$(eval $(call module-flavour,$(1),$(2),$(3),$(4),$(f))))
endef

.PHONY: graph
graph:
	@$(foreach m,$(MODULES),printf '%-10s -> %s\n' '$(m)' '$(NEEDS_$(m))';)
