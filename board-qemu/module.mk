# SPDX-License-Identifier: BSD-2-Clause
# The pseries machine: the only caller of hypercalls, the only main.
$(eval $(call module,board-qemu,board-qemu,libbase libdt libdev libpci libscsi libnvram libvirtio libnvme libahci libmegasas libmpt libusb libe1000 of forth words client,\
	startup.S vectors.S hcall.S client-entry.S cpu.S rtas-entry.S \
	banner.c cas.c client.c clock.c drivers.c exception.c fcode-rom.c handoff.c hv.c idle.c main.c memory.c mmio.c needed.c \
	pci-drivers.c phb.c random.c ready.c registers.c \
	rtas.c stopped.c tce.c vio-crq.c vio-llan.c vio-nvram.c vio-vscsi.c vio-vty.c wake.c words-pci.c))
# The version text changes with every commit; only banner.c sees it.
VERSION_TEXT := $(shell cat VERSION)$(shell git describe --always --dirty --abbrev=8 \
	--match 'v[0-9]*' 2>/dev/null | sed 's/^/-/')
$(O)/version.h: FORCE
	@mkdir -p $(@D); echo '#define VERSION_TEXT "$(VERSION_TEXT)"' > $@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(foreach f,$(FLAVOURS),$(O)/$(f)/board-qemu/banner.c.o): $(O)/version.h
EXTRA_board-qemu := -I$(O)
