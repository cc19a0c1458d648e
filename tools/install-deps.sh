#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2317  # need() calls its tests by name
# shellcheck disable=SC2086  # and its package names are lists
#
# Install what a task needs and the machine lacks:
#
#     tools/install-deps.sh [build|boot|check]...       default: build
#
#     build   one cross compiler, make: enough for the firmware image
#     boot    QEMU
#     check   both cross compilers, host compilers, emulators, linters
#
# "Lacks" is decided by looking for the commands and files themselves, whoever
# installed them, so with everything there nothing at all is run. On Debian and
# Ubuntu, as root or with sudo, the missing packages are installed; otherwise
# their names are printed and the status is 1.
set -u

INSTALL_TIMEOUT=${INSTALL_TIMEOUT:-1200}
debian='' fedora=''

have() {
	command -v "$1" >/dev/null 2>&1
}

# Is there a file of one of these names? For patterns, which stay as they are
# when nothing matches.
exists() {
	for f; do
		[ ! -e "$f" ] || return 0
	done
	return 1
}

# add LIST NAME...: LIST with the names it does not have yet.
add() {
	list=$1
	shift
	for n; do
		case " $list " in
		*" $n "*) ;;
		*) list="${list:+$list }$n" ;;
		esac
	done
	echo "$list"
}

# need "DEBIAN PACKAGES" "FEDORA PACKAGES" TEST...: what to install if TEST fails.
need() {
	deb=$1 fed=$2
	shift 2
	"$@" && return
	debian=$(add "$debian" $deb)
	fedora=$(add "$fedora" $fed)
}

# A compiler the Makefile would choose by itself, or the one it was told to.
any_cross() {
	if [ -n "${CROSS:-}" ]; then
		have "${CROSS}gcc"
	else
		have powerpc64le-linux-gnu-gcc || have powerpc64-linux-gnu-gcc
	fi
}

grub_mkimage() {
	have grub-mkimage || have grub2-mkimage
}

# Administrators' tools, which not every user's PATH has.
sbin_has() {
	have "$1" || exists "/usr/sbin/$1" "/sbin/$1"
}

need_build() {
	case ${CROSS:-} in
	powerpc64-linux-gnu-) need_be_gcc ;;
	*) need gcc-powerpc64le-linux-gnu gcc-powerpc64le-linux-gnu any_cross ;;
	esac
	need make make have make
	need xz-utils xz have xz
	need gzip gzip have gzip
}

need_le_gcc() {
	need gcc-powerpc64le-linux-gnu gcc-powerpc64le-linux-gnu have powerpc64le-linux-gnu-gcc
}

need_be_gcc() {
	need gcc-powerpc64-linux-gnu gcc-powerpc64-linux-gnu have powerpc64-linux-gnu-gcc
}

need_boot() {
	need qemu-system-ppc qemu-system-ppc-core have "${QEMU:-qemu-system-ppc64}"
}

# The C library for big-endian test programs has no counterpart in Fedora.
need_check() {
	need_boot
	need_le_gcc
	need_be_gcc
	need make make have make
	need xz-utils xz have xz
	need gcc "gcc libasan libubsan" have gcc
	need libc6-dev glibc-devel exists /usr/include/stdio.h
	need libc6-dev-ppc64-cross "" exists /usr/powerpc64-linux-gnu/include/stdio.h
	need qemu-user qemu-user have qemu-ppc64
	need device-tree-compiler dtc have dtc
	need python3 python3 have python3
	need cpio cpio have cpio
	need clang clang have clang
	need libclang-rt-dev compiler-rt exists \
		/usr/lib*/llvm*/lib/clang/*/lib/*/libclang_rt.fuzzer*.a \
		/usr/lib*/clang/*/lib/*/libclang_rt.fuzzer*.a
	need clang-format clang-tools-extra have clang-format
	need clang-tidy clang-tools-extra have clang-tidy
	need cppcheck cppcheck have cppcheck
	need grub-common grub2-tools grub_mkimage
	need e2fsprogs e2fsprogs sbin_has mkfs.ext4
	need dosfstools dosfstools sbin_has mkfs.vfat
	need mtools mtools have mcopy
	need xorriso xorriso have xorriso
	need fdisk util-linux sbin_has sfdisk
	need gdisk gdisk sbin_has sgdisk
	need iproute2 iproute sbin_has ip
}

# Sets $root to what makes a command run as root; status 1: nothing does.
become_root() {
	root=
	[ "$(id -u)" != 0 ] || return 0
	have sudo || return 1
	root='sudo -n'
	sudo -n true 2>/dev/null && return
	[ -t 0 ] && root=sudo
}

# In a fresh container the package lists are absent and in an old one stale, so
# they are read again; should that fail, those at hand may still do.
install_debian() {
	log=$(mktemp) || return 1
	echo "install-deps: installing $debian"
	set -- $root env DEBIAN_FRONTEND=noninteractive timeout -k 30 "$INSTALL_TIMEOUT" \
		apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2
	{
		"$@" update
		"$@" install -y --no-install-recommends $debian
	} >"$log" 2>&1 </dev/null
	status=$?
	[ $status = 0 ] || tail -n 15 "$log" >&2
	rm -f "$log"
	return $status
}

for task in "${@:-build}"; do
	case $task in
	build) need_build ;;
	boot) need_boot ;;
	check) need_check ;;
	*) echo "install-deps: $task: no such task (build, boot, check)" >&2 && exit 1 ;;
	esac
done
[ -n "$debian" ] || exit 0

if have apt-get && become_root; then
	install_debian && exit 0
	echo "install-deps: apt-get could not install: $debian" >&2
	exit 1
fi
cat >&2 <<EOT
install-deps: please install what is missing. The packages are called
  on Debian and Ubuntu:  $debian
  on Fedora:             $fedora
EOT
exit 1
