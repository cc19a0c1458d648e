# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# shellcheck disable=SC2016  # $(LABEL) and the like are apt's, not the shell's
# shellcheck disable=SC2154  # $me comes from the sourcing script
#
# Sourced by fetch-src.sh and fetch-deb.sh: the cache folder both share, and a
# private apt. "Private" means: the machine's own choice of mirror and proxy is
# kept, everything else (sources, lists, caches, dpkg status, hooks) is ours and
# lives below the cache folder. So no root is needed, the system's apt state is
# never touched, and suites or architectures the machine is not set up for can
# be read. Signatures are always checked against Debian's archive keyring.
#
# The sourcing script sets `me` (its name, for messages) beforehand. Functions
# report success by status; apt_private_fetch leaves the reason of a failure in
# $apt_private_error.

# One deadline for each run of apt or of a downloader, in seconds.
FETCH_TIMEOUT=${FETCH_TIMEOUT:-300}

cache=${FWDEPS_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/fw-deps}

die() {
	echo "$me: $*" >&2
	exit 1
}

note() {
	echo "$me: $*" >&2
}

# Create the cache and wait for our turn: two makes at once fetch once. The lock
# is the open descriptor 9 and ends with the script, however that ends. Run what
# may outlive the script with 9>&-.
cache_lock() {
	mkdir -p "$cache/apt" "$cache/tmp" || die "cannot create the cache folder $cache"
	cache=$(cd "$cache" && pwd) || die "cannot enter the cache folder $cache"
	if command -v flock >/dev/null 2>&1; then
		exec 9>"$cache/lock" || die "cannot write to the cache folder $cache"
		flock -w "$FETCH_TIMEOUT" 9 || die "another run has held $cache/lock for $FETCH_TIMEOUT s"
	fi
}

# sha256_of FILE: the checksum in hexadecimal.
sha256_of() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

# put FILE DEST: copy so that DEST is either absent or complete.
put() {
	{ cp "$1" "$2.part.$$" && mv -f "$2.part.$$" "$2"; } || die "cannot write $2"
}

# The addresses of Debian archives this machine uses, one per line, best first.
# Without downloaded lists (a fresh container) apt knows no labels: then every
# address is a candidate, and those without the wanted suite fail harmlessly.
apt_private_mirrors() {
	list=$(apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 2>/dev/null |
		sed -n 's/^Debian|//p' | sort -u)
	[ -n "$list" ] || list=$(apt-get indextargets --no-release-info --format '$(REPO_URI)' \
		2>/dev/null | awk '!seen[$0]++')
	printf '%s\n' "$list"
}

# apt_private_config DIR TYPE URI SUITE ARCH: write the configuration DIR/conf.
# It is given with --config-file, which apt reads last: it wins over the
# machine's files and can clear the hooks they add to "update".
apt_private_config() {
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -r "$keyring" ] || keyring=${keyring%.gpg}.pgp
	if [ ! -r "$keyring" ]; then
		apt_private_error="Debian's archive keyring is missing (package debian-archive-keyring)"
		return 1
	fi
	case $2 in
	deb-src) target=Sources ;;
	*) target=Packages ;;
	esac
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial" || return 1
	: >"$1/status"
	echo "$2 [signed-by=$keyring lang=none target=$target] $3 $4 main" >"$1/sources.list"
	cat >"$1/conf" <<-CONF
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		#clear APT::Architectures;
		#clear DPkg::Post-Invoke;
		APT::Architecture "$5";
		APT::Architectures { "$5"; };
		APT::Sandbox::User "$(id -un 2>/dev/null)";
		APT::Update::Error-Mode "any";
		APT::Default-Release "";
		APT::Get::AllowUnauthenticated "false";
		Acquire::AllowInsecureRepositories "false";
		Acquire::Check-Valid-Until "false";
		Acquire::Retries "2";
		Acquire::http::Timeout "30";
		Acquire::https::Timeout "30";
		Dir::Etc::SourceList "$1/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Dir::State::Lists "$1/lists";
		Dir::State::Status "$1/status";
		Dir::State::extended_states "$1/extended_states";
		Dir::Cache "$1/cache";
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
	CONF
}

# apt_private_run FOLDER CONF ARGUMENT...: apt-get in FOLDER under a deadline; what
# it says goes to CONF.log.
apt_private_run() {
	ap_in=$1 ap_conf=$2
	shift 2
	(
		cd "$ap_in" && exec timeout -k 10 "$FETCH_TIMEOUT" \
			apt-get --config-file "$ap_conf" -qq "$@" </dev/null 9>&-
	) >"$ap_conf.log" 2>&1 && return
	apt_private_error="apt-get $1: $(sed -n 's/^E: *\(.*[^.]\)\.*$/\1/p' "$ap_conf.log" | head -n 1)"
	return 1
}

# apt_private_fetch OUT TYPE SUITE ARCH ARGUMENT...: with TYPE (deb, deb-src)
# lines for SUITE and ARCH, run "apt-get ARGUMENT..." inside the folder OUT,
# trying mirror after mirror.
apt_private_fetch() {
	ap_out=$1 ap_type=$2 ap_suite=$3 ap_arch=$4
	ap_dir=$cache/apt/$ap_suite-$ap_type-$ap_arch
	shift 4
	apt_private_error=
	if ! command -v apt-get >/dev/null 2>&1; then
		apt_private_error="there is no apt on this machine"
		return 1
	fi
	for uri in $(apt_private_mirrors); do
		apt_private_config "$ap_dir" "$ap_type" "$uri" "$ap_suite" "$ap_arch" || return 1
		apt_private_run . "$ap_dir/conf" update || continue
		apt_private_run "$ap_out" "$ap_dir/conf" "$@" && return
	done
	apt_private_error=${apt_private_error:-"apt is set up with no mirror"}
	return 1
}
