# SPDX-License-Identifier: BSD-2-Clause
#
# Espalier's build. The order of the includes below IS the architecture: a module may need only
# modules included before it, and sees the headers of those it names and no others.
# docs/architecture.md explains the layers; tools/mk/ holds the mechanics.

.DEFAULT_GOAL := firmware

O ?= build
V ?= 0
# Highest log level compiled in: err warn note info debug trace.
LOG ?= debug

include tools/mk/toolchain.mk
include tools/mk/rules.mk
include tools/mk/thirdparty.mk

# L1: helpers that know nothing of trees, devices or machines
include lib/libbase/module.mk
# L2: the device tree; interfaces of devices; addresses as text
include lib/libdt/module.mk
include lib/libdev/module.mk
include lib/libpciaddr/module.mk
# L3: one library per bus, protocol or format
include lib/libpci/module.mk
include lib/libblk/module.mk
include lib/libnvram/module.mk
include lib/libterm/module.mk
include lib/libscsi/module.mk
include lib/libvirtio/module.mk
include lib/libnvme/module.mk
include lib/libahci/module.mk
include lib/libmegasas/module.mk
include lib/libmpt/module.mk
include lib/libusb/module.mk
include lib/libelf/module.mk
include lib/libgunzip/module.mk
include lib/libe1000/module.mk
include lib/libnet/module.mk
# L4: the Open Firmware machine
include slof/of/module.mk
include slof/forth/module.mk
include slof/words/module.mk
# L5: what clients call
include slof/client/module.mk
# L6: the pseries machine
include board-qemu/module.mk

include tools/mk/image.mk
include clients/clients.mk
include tests/tests.mk
include tools/mk/lint.mk
include tools/mk/goals.mk
