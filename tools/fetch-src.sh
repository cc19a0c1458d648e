#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Fetch the pinned third-party sources (sources.pins) into a folder:
#
#     tools/fetch-src.sh DESTDIR [NAME...]        default: every NAME in the pins
#
# Each file comes from the first of these places that has it, and is accepted
# only with the pinned SHA-256, so it does not matter which place it was:
#
#   1. DESTDIR itself
#   2. $FWDEPS_DIR, if set: a folder the user filled; then nowhere else
#   3. the cache: $FWDEPS_CACHE, else fw-deps below $XDG_CACHE_HOME or ~/.cache
#   4. $FWDEPS_MIRROR, if set: a base address the user trusts to be reachable
#   5. the Debian source package, through whatever mirror this machine's apt uses
#
# In 2 and 4 the file may also have the name its own project gives it.
set -u

me=fetch-src
here=$(cd "$(dirname "$0")" && pwd)
pins=$here/sources.pins
# shellcheck source=tools/apt-private.sh
. "$here/apt-private.sh"

# good FILE: is it there, with a pinned checksum? Status 1: absent, 2: different.
good() {
	[ -f "$1" ] || return 1
	case ,$sums, in
	*,"$(sha256_of "$1")",*) return 0 ;;
	*) return 2 ;;
	esac
}

# good_in FOLDER: sets $found to the first good file among the accepted names,
# $wrong to the last one with another checksum.
good_in() {
	found='' wrong=''
	for n in $names; do
		good "$1/$n"
		case $? in
		0) found=$1/$n && return 0 ;;
		2) wrong=$1/$n ;;
		esac
	done
	return 1
}

from_user_folder() {
	[ -d "$FWDEPS_DIR" ] || die "$name: FWDEPS_DIR=$FWDEPS_DIR is not a folder"
	good_in "$FWDEPS_DIR" && return
	[ -z "$wrong" ] || die "$name: $wrong has SHA-256 $(sha256_of "$wrong"), not the pinned $sums"
	die "$name: FWDEPS_DIR=$FWDEPS_DIR has none of: $names"
}

from_cache() {
	good "$cache/$file"
	case $? in
	0) found=$cache/$file ;;
	2) note "$name: $cache/$file is damaged, fetching it again" && rm -f "$cache/$file" && false ;;
	*) false ;;
	esac
}

# download ADDRESS FILE, with what there is.
download() {
	if command -v curl >/dev/null 2>&1; then
		curl -fsSL --max-time "$FETCH_TIMEOUT" -o "$2" "$1"
	elif command -v wget >/dev/null 2>&1; then
		timeout "$FETCH_TIMEOUT" wget -q -O "$2" "$1"
	else
		die "$name: FWDEPS_MIRROR needs curl or wget"
	fi
}

from_mirror() {
	for n in $names; do
		download "$FWDEPS_MIRROR/$n" "$tmp/$n" 2>/dev/null || continue
		if good "$tmp/$n"; then
			found=$tmp/$n
			return
		fi
		note "$name: $FWDEPS_MIRROR/$n has another checksum, not used"
	done
	note "$name: nothing usable below $FWDEPS_MIRROR, trying apt"
	return 1
}

# The pinned package version first; should it have left the suite, another
# Debian revision usually carries the same upstream file.
from_apt() {
	for package in "$pkg=$version" "$pkg"; do
		apt_private_fetch "$tmp" deb-src "$suite" "$(dpkg --print-architecture)" \
			source --download-only --tar-only "$package" || continue
		good_in "$tmp" && return
		apt_private_error="$suite's $package has another upstream file"
	done
	return 1
}

# fetch_one: with the pin's fields in variables, make $dest/$file good.
fetch_one() {
	file=${files%%,*}
	names=$(echo "$files" | tr , ' ')
	good "$dest/$file" && return
	rm -f "$dest/$file"
	if [ -n "${FWDEPS_DIR:-}" ]; then
		from_user_folder
		put "$found" "$dest/$file"
		return
	fi

	[ -n "$tmp" ] || { cache_lock && tmp=$(mktemp -d "$cache/tmp/src.XXXXXX"); } || exit 1
	if ! from_cache; then
		{ [ -n "${FWDEPS_MIRROR:-}" ] && from_mirror; } || from_apt ||
			die "$name: cannot get $file: $apt_private_error." \
				"Put the file into a folder and set FWDEPS_DIR to it (SHA-256 $sums)"
		put "$found" "$cache/$file"
		found=$cache/$file
		note "$name: fetched $file"
	fi
	put "$found" "$dest/$file"
}

[ $# -ge 1 ] || die "usage: fetch-src.sh DESTDIR [NAME...]"
mkdir -p "$1" || die "cannot create $1"
dest=$(cd "$1" && pwd)
shift
# shellcheck disable=SC2046  # names have no spaces
[ $# -gt 0 ] || set -- $(awk '$1 !~ /^#/ { print $1 }' "$pins")

tmp=
trap '[ -z "$tmp" ] || rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP

for name; do
	pin=$(awk -v n="$name" '$1 == n { print $2, $3, $4, $5, $6 }' "$pins")
	[ -n "$pin" ] || die "$name: no such name in tools/sources.pins"
	read -r suite pkg version sums files <<-PIN
		$pin
	PIN
	fetch_one
done
