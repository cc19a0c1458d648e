#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The body of "make run": QEMU's pseries machine with our firmware and nothing
# to boot, its console on this terminal. Leave with Ctrl-A X. From the
# environment:
#
#     O            output folder (build)
#     FIRMWARE     image to run ($O/slof.bin)
#     QEMU         program (qemu-system-ppc64)
#     QEMU_ARGS    more arguments, split at spaces: devices, -smp, -d, ...
#     RUN_TIMEOUT  without a terminal: seconds after which QEMU is ended (60)
set -u

firmware=${FIRMWARE:-${O:-build}/slof.bin}
qemu=${QEMU:-qemu-system-ppc64}

[ -r "$firmware" ] || { echo "run: $firmware: no such firmware image" >&2 && exit 1; }
command -v "$qemu" >/dev/null 2>&1 ||
	{ echo "run: $qemu is missing; tools/install-deps.sh boot installs it" >&2 && exit 1; }

# No romfile: the x86 network boot code is useless here and often not installed.
# shellcheck disable=SC2086  # QEMU_ARGS is a list
set -- "$qemu" -M pseries -m 1G -bios "$firmware" -nographic -vga none \
	-netdev user,id=net0 -device virtio-net-pci,netdev=net0,romfile= ${QEMU_ARGS:-}
if [ -t 0 ] && [ -t 1 ]; then
	echo "run: $firmware in $qemu; Ctrl-A X ends it"
	exec "$@"
fi
exec timeout -k 5 "${RUN_TIMEOUT:-60}" "$@"
