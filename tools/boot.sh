#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The body of "make boot": our firmware boots the Debian installer for ppc64el,
# given to QEMU with -kernel and -initrd. On a terminal the installer is yours
# (Ctrl-A X ends it). Without one it is a test: it passes when the installer's
# first screen is on the serial line, and fails after a deadline, a kernel panic
# or the end of QEMU, showing the end of the log. From the environment:
#
#     O               output folder (build)
#     FIRMWARE        image to run ($O/slof.bin)
#     KERNEL, INITRD  instead of the installer's; KERNEL alone: no initrd
#     APPEND          kernel command line ("console=hvc0": built into Debian's kernel
#                     is console=tty0, which would win over the firmware's stdout)
#     EXPECT          text that means success ("Select a language")
#     BOOT_TIMEOUT    the deadline in seconds (300)
#     QEMU            program (qemu-system-ppc64)
#     QEMU_ARGS       more arguments, split at spaces
set -u

here=$(cd "$(dirname "$0")" && pwd)
out=${O:-build}
firmware=${FIRMWARE:-$out/slof.bin}
qemu=${QEMU:-qemu-system-ppc64}
limit=${BOOT_TIMEOUT:-300}
expect=${EXPECT:-Select a language}

die() {
	echo "boot: $*" >&2
	exit 1
}

# The installer of the running Debian where we know it, else Debian 12's.
get_installer() {
	version=$(. /etc/os-release 2>/dev/null && echo "${ID:-}-${VERSION_ID:-}")
	case $version in
	debian-13) n=13 suite=trixie ;;
	*) n=12 suite=bookworm ;;
	esac
	images=$out/boot/usr/lib/debian-installer/images/$n/ppc64el/text/debian-installer/ppc64el
	[ -r "$images/initrd.gz" ] ||
		"$here/fetch-deb.sh" "$out/boot" "$suite" all "debian-installer-$n-netboot-ppc64el" ||
		exit 1
	kernel=$images/vmlinux initrd=$images/initrd.gz
	[ -r "$kernel" ] || die "the installer package has no $kernel"
	[ -r "$initrd" ] || die "the installer package has no $initrd"
}

# watch LOG PID SECONDS: wait for the text. Status 1, and $why: it will not come.
watch() {
	ends=$(($(date +%s) + $3))
	while ! grep -qaF "$expect" "$1"; do
		why="QEMU has ended"
		kill -0 "$2" 2>/dev/null || return 1
		why="the kernel panicked"
		! grep -qa 'Kernel panic' "$1" || return 1
		why="no \"$expect\" within $3 s"
		[ "$(date +%s)" -lt "$ends" ] || return 1
		sleep 0.5
	done
}

# show_end LOG: its last lines without control sequences.
show_end() {
	echo "boot: the end of $1:"
	tail -c 6000 "$1" | tr '\r' '\n' | sed 's/\x1b[][()][0-9;?]*[a-zA-Z0-9]//g' |
		tr -cd '\n\t -~' | grep -v '^ *$' | tail -n 40
}

[ -r "$firmware" ] || die "$firmware: no such firmware image"
command -v "$qemu" >/dev/null 2>&1 || die "$qemu is missing; tools/install-deps.sh boot installs it"
mkdir -p "$out/boot" || die "cannot create $out/boot"
kernel=${KERNEL:-} initrd=${INITRD:-}
[ -n "$kernel" ] || get_installer
initrd=${INITRD:-$initrd}

# No romfile: the x86 network boot code is useless here and often not installed.
set -- "$qemu" -M pseries -m 1G -bios "$firmware" -vga none \
	-netdev user,id=net0 -device virtio-net-pci,netdev=net0,romfile= \
	-kernel "$kernel" -append "${APPEND:-console=hvc0}"
[ -z "$initrd" ] || set -- "$@" -initrd "$initrd"
# shellcheck disable=SC2086  # QEMU_ARGS is a list
set -- "$@" ${QEMU_ARGS:-}
echo "boot: $firmware boots $kernel"

if [ -t 0 ] && [ -t 1 ]; then
	echo "boot: Ctrl-A X ends QEMU"
	exec "$@" -nographic
fi

log=$out/boot/serial.log
started=$(date +%s)
: >"$log"
"$@" -display none -monitor none -serial "file:$log" </dev/null >"$out/boot/qemu.log" 2>&1 &
pid=$!
trap 'kill -9 $pid 2>/dev/null' EXIT
trap 'exit 130' INT TERM HUP

if watch "$log" "$pid" "$limit"; then
	echo "boot: \"$expect\" seen after $(($(date +%s) - started)) s"
	exit 0
fi
cat "$out/boot/qemu.log"
show_end "$log"
die "failed: $why"
