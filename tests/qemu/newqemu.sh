#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Puts a newer QEMU than the system's into a folder, without installing anything:
#
#     tests/qemu/newqemu.sh DEST [SUITE]         (SUITE: trixie-backports, or trixie, ...)
#     QEMU=DEST/qemu-system-ppc64 tests/qemu/boot-tests.py ...
#
# The idea: Debian's qemu-system-ppc of SUITE and every library it needs, libc included, from the release below it
# are unpacked into DEST/root; the wrapper DEST/qemu-system-ppc64 starts that QEMU through that release's own
# dynamic loader with that library path, so nothing of the running system is mixed in. The package list is written
# out; the last step starts QEMU once, so a library missing from it is noticed here and named.
set -eu

# Library packages of Debian 13 that its QEMU 10 and 11 are linked to, and those they are linked to.
libs="libc6 libgcc-s1 libstdc++6 zlib1g libzstd1 libaio1t64 libbpf1 libelf1t64 libbz2-1.0 liblzma5 libcapstone5 libfdt1
 libfuse3-4 libglib2.0-0t64 libpcre2-8-0 libffi8 libmount1 libblkid1 libselinux1 libatomic1 libgmp10 libgnutls30t64
 libhogweed6t64 libnettle8t64 libidn2-0 libunistring5 libp11-kit0 libtasn1-6 libibverbs1 librdmacm1t64 libnl-3-200
 libnl-route-3-200 libjpeg62-turbo libnuma1 libpixman-1-0 libpmem1 libndctl6 libdaxctl1 libkmod2 libuuid1 libpng16-16t64
 libsasl2-2 libssl3t64 libseccomp2 libslirp0 libudev1 libcap2 liburing2 libvdeplug2t64 libkeyutils1"

[ $# -ge 1 ] || { echo "usage: newqemu.sh DEST [SUITE]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
fetch=${FETCH_DEB:-$here/../../tools/fetch-deb.sh}
suite=${2:-trixie-backports}
mkdir -p "$1"
dest=$(cd "$1" && pwd)
root=$dest/root
arch=$(dpkg --print-architecture)

"$fetch" "$root" "$suite" "$arch" qemu-system-ppc qemu-system-common
"$fetch" "$root" "$suite" all qemu-system-data
# shellcheck disable=SC2086 # a list of words
"$fetch" "$root" "${suite%-backports}" "$arch" $libs
"$fetch" "$root" "${suite%-backports}" all seabios ipxe-qemu

# seabios and ipxe-qemu keep the option ROMs QEMU looks for beside its own data; one data folder is simpler.
data=$root/usr/share/qemu
for rom in "$root"/usr/share/seabios/*.bin "$root"/usr/lib/ipxe/qemu/*.rom; do
	[ ! -f "$rom" ] || [ -e "$data/${rom##*/}" ] || ln -s "$rom" "$data/"
done

loader=$(find "$root" -name 'ld-linux*.so.*' -type f | head -n 1)
[ -n "$loader" ] || { echo "newqemu: the C library package has no dynamic loader" >&2; exit 1; }
libdir=$(dirname "$(find "$root/usr/lib" -name 'libglib-2.0.so.0' | head -n 1)")
paths=$libdir:$(dirname "$loader")

wrapper=$dest/qemu-system-ppc64
cat > "$wrapper.new" <<END
#!/bin/sh
export QEMU_MODULE_DIR='$libdir/qemu'
exec '$loader' --library-path '$paths' --argv0 qemu-system-ppc64 '$root/usr/bin/qemu-system-ppc64' -L '$data' "\$@"
END
chmod +x "$wrapper.new"

# QEMU was never started yet: does it find everything?
"$wrapper.new" --version || { echo "newqemu: this QEMU does not start; its package list needs work" >&2; exit 1; }
mv "$wrapper.new" "$wrapper"
