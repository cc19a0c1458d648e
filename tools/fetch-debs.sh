#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Fetch Debian binary packages with all they depend on and all that is essential, as .deb files: what debootstrap
# would begin with. Nothing is unpacked or installed:
#
#     tools/fetch-debs.sh DEST SUITE ARCH PACKAGE...
#     tools/fetch-debs.sh build/base bookworm ppc64el linux-image-powerpc64le grub-ieee1275
#
# DEST gets links to the files. They come from $FWDEPS_DIR/SUITE-ARCH/*.deb if FWDEPS_DIR is set, else from the cache
# (see fetch-src.sh), else from Debian through this machine's apt, checked by the archive's signature. What the
# cache has for a list of packages is used from then on without a network; delete its debs/SUITE-ARCH-* to get newer ones.
set -u

me=fetch-debs
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/apt-private.sh
. "$here/apt-private.sh"
FETCH_TIMEOUT=$((FETCH_TIMEOUT * 3))

# The archives apt is told about are ours, the status it sees is empty: so the set is complete whatever runs here.
from_apt() {
	tmp=$(mktemp -d "$cache/tmp/debs.XXXXXX") || die "cannot write to $cache"
	apt_private_fetch "$tmp" deb "$suite" "$arch" install --yes --no-install-recommends --download-only \
		-o "Dir::Cache::Archives=$tmp" '?essential' "$@" ||
		die "cannot get $* for $suite/$arch: $apt_private_error." \
			"Put all packages into a folder $suite-$arch and set FWDEPS_DIR to the one it is in"
	rm -rf "$tmp/partial" "$tmp/lock" "$kept"
	{ mkdir -p "${kept%/*}" && chmod 755 "$tmp" && mv "$tmp" "$kept"; } || die "cannot write to $kept"
	tmp=
	note "$suite/$arch: fetched $(find "$kept" -name '*.deb' | wc -l) packages"
}

[ $# -ge 4 ] || die "usage: fetch-debs.sh DEST SUITE ARCH PACKAGE..."
mkdir -p "$1" || die "cannot create $1"
dest=$(cd "$1" && pwd)
suite=$2 arch=$3
shift 3

tmp=
trap '[ -z "$tmp" ] || rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
if [ -n "${FWDEPS_DIR:-}" ]; then
	kept=$FWDEPS_DIR/$suite-$arch
	[ -d "$kept" ] || die "FWDEPS_DIR=$FWDEPS_DIR has no folder $suite-$arch"
else
	cache_lock
	kept=$cache/debs/$suite-$arch-$(printf '%s\n' "$@" | sha256sum | cut -c 1-16)
	[ -d "$kept" ] || from_apt "$@"
fi
for deb in "$kept"/*.deb; do
	[ -f "$deb" ] || die "$kept has no packages"
	ln -sf "$deb" "$dest/" || die "cannot write to $dest"
done
