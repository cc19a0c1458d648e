# SPDX-License-Identifier: BSD-2-Clause
#
# What a person types.

.PHONY: firmware boot run check check-long bench clean help deps-build deps-boot deps-check

firmware: $(O)/slof.bin

deps-build:
	@tools/install-deps.sh build
deps-boot:
	@tools/install-deps.sh build boot
deps-check:
	@tools/install-deps.sh build boot check

# make boot and make check install first, then start make anew: the compilers are looked up at
# its start.
boot: deps-boot
	@$(MAKE) --no-print-directory firmware
	@O=$(O) FIRMWARE=$(O)/slof.bin tools/boot.sh
run: deps-boot
	@$(MAKE) --no-print-directory firmware
	@O=$(O) FIRMWARE=$(O)/slof.bin tools/run.sh
check: deps-check
	@$(MAKE) --no-print-directory run-check
check-long: deps-check
	@$(MAKE) --no-print-directory run-check-long
# Against the distribution's slof.bin; the kernel is Debian 12's installer, whatever the machine runs.
BENCH_KERNEL := $(O)/bench/usr/lib/debian-installer/images/12/ppc64el/text/debian-installer/ppc64el/vmlinux
$(BENCH_KERNEL):
	$(Q)tools/fetch-deb.sh $(O)/bench bookworm all debian-installer-12-netboot-ppc64el
bench: deps-check
	@$(MAKE) --no-print-directory firmware clients $(if $(KERNEL),,$(BENCH_KERNEL))
	@tools/bench.py --ours $(O)/slof.bin --clients $(O)/clients --kernel $(or $(KERNEL),$(BENCH_KERNEL)) \
		$(BENCH_ARGS)

clean:
	rm -rf $(O)

help:
	@echo "make           build $(O)/slof.bin"
	@echo "make boot      dependencies, build, boot a Debian installer under QEMU to its first screen"
	@echo "make run       the firmware alone, on this terminal"
	@echo "make host-forth  its Forth as a program for this machine: $(O)/host/forth"
	@echo "make check     dependencies, all tests        make check-long  the long ones too"
	@echo "make check-unit  unit tests and corpora only: for the time between two edits"
	@echo "make clients   programs for the client interface        make fuzzers  the libFuzzer programs"
	@echo "make words-doc docs/words.md from the dictionary"
	@echo "make lint      clang-format, clang-tidy, cppcheck"
	@echo "make bench     compare with the distribution's slof.bin"
	@echo "make graph     print the modules and what each needs"
	@echo "variables: O=folder V=1 CROSS=prefix- LOG=level BENCH_ARGS=... QEMU=program QEMU_ARGS=... KERNEL= INITRD= APPEND="
