# Sourced by demo: makes $work/packages.tsv. apt's lists of this machine will
# do; where they lack the long descriptions (containers leave them out), apt
# is asked to fetch lists with them into our own folder, as no special user
# and without touching the machine's own.

fetch_lists() {
	as_user mkdir -p "$work/apt/lists/partial" \
		"$work/apt/cache/archives/partial"
	as_user timeout 120 apt-get update -q -o Dir::State::lists="$work/apt/lists" \
		-o Dir::Cache="$work/apt/cache" -o Acquire::Languages=en \
		-o APT::Sandbox::User= \
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
		>"$work/log/apt.log" 2>&1 </dev/null
	ls "$work/apt/lists/"*Translation-en* >/dev/null 2>&1
}

# packages DIR: the rows of the lists in DIR.
packages() {
	as_user perl "$work/src/test/demo/packages.pl" "$1" |
		head -n "${HNSW_DEMO_ROWS:-1000000}" >"$work/packages.tsv"
	[ -s "$work/packages.tsv" ]
}

if [ ! -s "$work/packages.tsv" ]; then
	lists=/var/lib/apt/lists
	if ! ls $lists/*Translation-en* >/dev/null 2>&1 &&
		[ -z "${HNSW_DEMO_ROWS:-}" ]; then
		say "   Fetching the long descriptions into $work/apt"
		say
		! fetch_lists || lists=$work/apt/lists
	fi
	if ! packages "$lists"; then
		fetch_lists && packages "$work/apt/lists" ||
			die "apt has no package lists here: run apt-get update first"
	fi
	rm -rf "$work/apt"
fi
