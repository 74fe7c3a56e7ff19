# Shared by the scripts of test/run, test/demo and test/bench (bash).
#
# A script sources this file, calls need_packages for what it uses, then
# work_dir, and from there on everything that belongs to a server happens in
# that one folder, owned by a user who is not root:
#
#   $work/src     a copy of the checkout, where the extension is built
#   $work/inst    what "make install" installed (Debian's servers)
#   $work/pg      or a copy of the server with the extension in it (others)
#   $work/data    the cluster      $work/run  its socket      $work/log  logs
#
# Nothing else on the machine is written to, no TCP port is opened, and no
# other cluster is spoken to.

set -u -o pipefail
umask 022
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# A connection set in the caller's environment must not reach our commands.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGDATA PGSERVICE PGOPTIONS \
	PGPASSFILE PGAPPNAME MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES
export LC_ALL=C.UTF-8 PSQLRC=/dev/null PGCONNECT_TIMEOUT=30

# ---- packages ------------------------------------------------------------

# True if the pg_config named can serve: its server and PGXS are there.
pg_usable() {
	[ -x "$1" ] && [ -x "$("$1" --bindir)/postgres" ] &&
		[ -e "$("$1" --pgxs)" ] &&
		[ -e "$("$1" --includedir-server)/postgres.h" ]
}

# Sets $pg_config: what PG_CONFIG says, else the newest PostgreSQL that
# Debian's packages installed, else the one in PATH; or returns false.
find_pg_config() {
	local c
	if [ -n "${PG_CONFIG:-}" ]; then
		pg_config=$(command -v "$PG_CONFIG") ||
			die "PG_CONFIG=$PG_CONFIG: there is no such command"
		pg_usable "$pg_config" ||
			die "PG_CONFIG=$PG_CONFIG: its server or headers are missing"
		return 0
	fi
	for c in $(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV) \
		$(command -v pg_config); do
		if pg_usable "$c"; then pg_config=$c; return 0; fi
	done
	return 1
}

# need_packages PART...: build, test, clang, bench. Installs what is missing
# when root on Debian, otherwise says what to install and stops.
need_packages() {
	local part missing=()
	if ! find_pg_config; then
		missing+=("$(packaged_server)")
	fi
	command -v gcc >/dev/null || missing+=(gcc libc6-dev)
	command -v make >/dev/null || missing+=(make)
	for part; do
		case $part in
		test)
			perl -MIPC::Run -e 1 2>/dev/null || missing+=(libipc-run-perl)
			perl -MTest::More -e 1 2>/dev/null || missing+=(perl)
			;;
		clang)
			[ -n "$(find_clang)" ] || missing+=(clang)
			;;
		bench)
			/usr/bin/python3 -c 'import numpy' 2>/dev/null ||
				missing+=(python3-numpy)
			;;
		esac
	done
	[ ${#missing[@]} -eq 0 ] && return 0
	command -v apt-get >/dev/null ||
		die "Missing here, and apt-get is too: ${missing[*]}"
	# shellcheck disable=SC2086 # one word may name several packages
	install_packages ${missing[*]}
	find_pg_config || die "PostgreSQL is still missing after the installation"
}

# The packages of the PostgreSQL version that this Debian ships.
packaged_server() {
	local v
	v=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -V |
		sed -n 's,/usr/lib/postgresql/\([0-9]*\)/bin/postgres,\1,p' | tail -n 1)
	if [ -z "$v" ]; then
		[ "$(id -u)" = 0 ] && ! apt-cache show postgresql >/dev/null 2>&1 &&
			apt-get update >&2
		v=$(apt-cache depends postgresql 2>/dev/null |
			sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
	fi
	say "postgresql-${v:-15} postgresql-server-dev-${v:-15}"
}

# The first installation of a PostgreSQL package on Debian also creates and
# starts a cluster; nobody asked for one, so that is switched off meanwhile.
# What apt says, hundreds of lines, is shown only if it fails.
install_packages() {
	local conf=/etc/postgresql-common/createcluster.d/hnsw-none.conf
	local log status
	if [ "$(id -u)" != 0 ]; then
		say "These packages are missing: $*" >&2
		die "Install them with: sudo apt-get install --no-install-recommends $*"
	fi
	say "Installing the packages $* (this can take minutes)"
	mkdir -p "${conf%/*}"
	log=$(mktemp)
	echo 'create_main_cluster = false' >"$conf"
	{ apt_install "$@" || { apt-get update && apt_install "$@"; }; } \
		>"$log" 2>&1
	status=$?
	rm -f "$conf"
	rmdir --ignore-fail-on-non-empty "${conf%/*}"
	[ "$status" -eq 0 ] || tail -n 40 "$log" >&2
	rm -f "$log"
	[ "$status" -eq 0 ] || die "The packages could not be installed"
}

apt_install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
		--no-install-recommends -o Dpkg::Use-Pty=0 "$@" </dev/null
}

find_clang() {
	local c
	for c in clang $(compgen -c clang- | grep -E '^clang-[0-9]+$' | sort -rV); do
		command -v "$c" && return
	done
}

# ---- the working folder and its owner -------------------------------------

# work_dir DIR: makes DIR for a user who may run a server, and sets $work and
# $user. PostgreSQL refuses root, so root lends it to the package's own user
# (or nobody); root itself still reads and writes there.
work_dir() {
	work=$1
	if [ "$(id -u)" = 0 ]; then
		user=${HNSW_USER:-postgres}
		id "$user" >/dev/null 2>&1 || user=nobody
	else
		user=$(id -un)
	fi
	if [ -e "$work" ] && [ "$(stat -c %U "$work")" != "$user" ]; then
		die "$work belongs to $(stat -c %U "$work"), not to $user: remove it"
	fi
	[ ${#work} -le 80 ] || die "$work: too long a name for a socket in it"
	if [ "$(id -u)" = 0 ]; then
		install -d -o "$user" -g "$(id -gn "$user")" -m 0700 "$work" || exit 1
	else
		install -d -m 0700 "$work" || exit 1
	fi
	as_user mkdir -p "$work/src" "$work/inst" "$work/run" "$work/log" ||
		die "$user cannot write to $work: set TMPDIR to a folder it can reach"
	given_pg_config=$pg_config
	bindir=$("$pg_config" --bindir)
	port=${HNSW_PORT:-54320}
	export PGHOST=$work/run PGPORT=$port PGUSER=postgres PGDATABASE=postgres
}

# Runs a command as the owner of the working folder.
as_user() {
	if [ "$(id -un)" = "$user" ]; then
		(cd "$work" && "$@")
	else
		(cd "$work" && exec runuser -u "$user" -- env HOME="$work" "$@")
	fi
}

# Files of the checkout, one a line: what git knows and what is new, or
# everything when this is no git checkout.
list_files() {
	(
		cd "$top" || exit 1
		git ls-files -co --exclude-standard 2>/dev/null ||
			find . -path ./.git -prune -o -type f -printf '%P\n'
	) | while IFS= read -r f; do
		[ -f "$top/$f" ] && printf '%s\n' "$f"
	done | sort
}

# Brings $work/src up to the checkout: copies what differs, by content, so
# that make compiles just that, whichever checkout was here before; what has
# gone from the checkout goes from the copy.
copy_source() {
	local list=$work/files.new f
	list_files >"$list"
	if [ -e "$work/files" ]; then
		comm -23 "$work/files" "$list" | while IFS= read -r f; do
			rm -f "$work/src/$f"
		done
	fi
	while IFS= read -r f; do
		cmp -s "$top/$f" "$work/src/$f" && continue
		[ -d "$work/src/$(dirname "$f")" ] ||
			mkdir -p "$work/src/$(dirname "$f")"
		cp "$top/$f" "$work/src/$f"
	done <"$list"
	mv "$list" "$work/files"
	[ "$(id -u)" != 0 ] || chown -R "$user:" "$work/src" "$work/files"
}

# ---- build and install -----------------------------------------------------

# Settles where the extension is installed: sets $install_args for make, and
# $conf, the lines of postgresql.conf by which a cluster finds it. Debian's
# servers have extension_destdir, all from 18 on extension_control_path. For
# others $pg_config becomes that of a copy of the server in $work/pg: a
# server finds its folders relative to its binary.
private_server() {
	local settings
	settings=$("$bindir/postgres" --describe-config 2>/dev/null |
		grep -a -o -E '^extension_(destdir|control_path)')
	install_args=("DESTDIR=$work/inst")
	case $settings in
	*destdir*) conf=("extension_destdir = '$work/inst'") ;;
	*control_path*)
		conf=("extension_control_path = '$work/inst$(
			"$pg_config" --sharedir):\$system'"
			"dynamic_library_path = '$work/inst$(
				"$pg_config" --pkglibdir):\$libdir'")
		;;
	*)
		install_args=()
		conf=()
		copy_server
		;;
	esac
}

copy_server() {
	local prefix=${bindir%/bin}
	if [ "$("$pg_config" --pkglibdir | cut -c "1-${#prefix}")" != "$prefix" ] ||
		[ "$("$pg_config" --sharedir | cut -c "1-${#prefix}")" != "$prefix" ]
	then
		die "$pg_config: cannot make a private copy of this server's folders"
	fi
	if [ ! "$work/pg/bin/postgres" -nt "$bindir/postgres" ]; then
		say "Copying the server of $prefix"
		as_user rm -rf "$work/pg"
		as_user mkdir "$work/pg"
		as_user cp -R --preserve=mode,links "$prefix/bin" "$prefix/lib" \
			"$prefix/share" "$prefix/include" "$work/pg/"
		as_user touch "$work/pg/bin/postgres"
	fi
	bindir=$work/pg/bin
	pg_config=$bindir/pg_config
}

# The lines of $conf.
extension_conf() {
	[ ${#conf[@]} -eq 0 ] || printf '%s\n' "${conf[@]}"
}

# build_extension [VARIABLE=VALUE...]: compiles and installs $work/src.
build_extension() {
	as_user make -s -j2 -C "$work/src" PG_CONFIG="$pg_config" "$@" all \
		</dev/null &&
		as_user make -s -C "$work/src" PG_CONFIG="$pg_config" "$@" \
			"${install_args[@]}" install >/dev/null </dev/null
}

# ---- the server ------------------------------------------------------------

# create_cluster [SETTING...]: a new cluster, if there is none yet.
create_cluster() {
	local line
	[ -s "$work/data/PG_VERSION" ] && return 0
	as_user "$bindir/initdb" -D "$work/data" -U postgres -A trust -E UTF8 \
		--locale=C.UTF-8 --no-sync >"$work/log/initdb.log" 2>&1 || {
		cat "$work/log/initdb.log" >&2
		return 1
	}
	{
		say "listen_addresses = ''"
		say "unix_socket_directories = '$work/run'"
		say "port = $port"
		say "fsync = off"
		say "jit = off"
		for line; do say "$line"; done
		extension_conf
	} >>"$work/data/postgresql.conf"
}

server_running() {
	as_user "$bindir/pg_ctl" -D "$work/data" status >/dev/null 2>&1
}

start_server() {
	server_running && return 0
	as_user "$bindir/pg_ctl" -D "$work/data" -l "$work/log/server.log" \
		-w -t 120 start >"$work/log/start.log" 2>&1 </dev/null || {
		cat "$work/log/start.log" "$work/log/server.log" >&2
		return 1
	}
}

stop_server() {
	server_running || return 0
	as_user "$bindir/pg_ctl" -D "$work/data" -m "${1:-fast}" -w -t 120 stop \
		>/dev/null
}

psql() { "$bindir/psql" -X -P pager=off "$@"; }
