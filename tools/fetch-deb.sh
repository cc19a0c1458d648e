#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Fetch Debian binary packages of any suite and architecture and unpack their
# files below a folder; nothing is installed:
#
#     tools/fetch-deb.sh DEST SUITE ARCH PACKAGE...
#     tools/fetch-deb.sh build/grub bookworm ppc64el grub-ieee1275-bin
#
# ARCH "all" is for architecture-independent packages. A package comes from the
# first of: $FWDEPS_DIR (if set, PACKAGE_*_ARCH.deb or PACKAGE_*_all.deb there and
# nowhere else), the cache (see fetch-src.sh), Debian through this machine's apt,
# checked by the archive's signature. What the cache has once is used from then
# on without a network; delete its deb/SUITE/ARCH/PACKAGE to get a newer one.
set -u

me=fetch-deb
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/apt-private.sh
. "$here/apt-private.sh"

# one_file PATTERN...: sets $found if exactly one file matches; status 1: none.
one_file() {
	found=
	for f; do
		[ -f "$f" ] || continue
		[ -z "$found" ] || die "$package: which one, $found or $f? Keep one of them"
		found=$f
	done
	[ -n "$found" ]
}

from_user_folder() {
	[ -d "$FWDEPS_DIR" ] || die "$package: FWDEPS_DIR=$FWDEPS_DIR is not a folder"
	if [ "$arch" = all ]; then
		set -- "$FWDEPS_DIR/$package"_*_all.deb
	else
		set -- "$FWDEPS_DIR/$package"_*_"$arch".deb "$FWDEPS_DIR/$package"_*_all.deb
	fi
	one_file "$@" ||
		die "$package: FWDEPS_DIR=$FWDEPS_DIR has no ${package}_*_$arch.deb or ${package}_*_all.deb"
}

# The cache keeps one .deb per folder with its checksum beside it.
from_cache() {
	[ -f "$kept/sha256" ] || return
	one_file "$kept"/*.deb || return
	[ "$(cat "$kept/sha256")" != "$(sha256_of "$found")" ] || return 0
	note "$package: $found is damaged, fetching it again"
	return 1
}

from_apt() {
	index=$arch
	[ "$arch" != all ] || index=$(dpkg --print-architecture)
	apt_private_fetch "$tmp" deb "$suite" "$index" download "$package" ||
		die "$package: cannot get it for $suite/$arch: $apt_private_error." \
			"Put ${package}_*.deb into a folder and set FWDEPS_DIR to it"
	one_file "$tmp"/*.deb || die "$package: apt-get download left no file"
	sha256_of "$found" >"$tmp/sha256"
	rm -rf "$kept"
	{ mkdir -p "${kept%/*}" && mv "$tmp" "$kept"; } || die "cannot write to $kept"
	tmp=
	one_file "$kept"/*.deb
	note "$package: fetched ${found##*/}"
}

fetch_one() {
	if [ -n "${FWDEPS_DIR:-}" ]; then
		from_user_folder
	else
		kept=$cache/deb/$suite/$arch/$package
		from_cache || { tmp=$(mktemp -d "$cache/tmp/deb.XXXXXX") && from_apt; }
	fi
	dpkg-deb -x "$found" "$dest" || die "$package: cannot unpack $found into $dest"
}

[ $# -ge 4 ] || die "usage: fetch-deb.sh DEST SUITE ARCH PACKAGE..."
command -v dpkg-deb >/dev/null 2>&1 || die "dpkg-deb is missing (package dpkg)"
mkdir -p "$1" || die "cannot create $1"
dest=$(cd "$1" && pwd)
suite=$2 arch=$3
shift 3

tmp=
trap '[ -z "$tmp" ] || rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
[ -n "${FWDEPS_DIR:-}" ] || cache_lock

for package; do
	fetch_one
done
