# The suites, each run against $work/src as it was built; sourced after
# lib.sh. Each run_ function adds to $passed and $failed and, on a failure,
# prints what is needed to understand it.

passed=0
failed=0

# count_result NAME STATUS [SECONDS]: one line and one count for one test.
count_result() {
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
		printf '  ok      %-40s %s\n' "$1" "${3:+$3 s}"
	else
		failed=$((failed + 1))
		printf '  FAILED  %-40s %s\n' "$1" "${3:+$3 s}"
	fi
}

# names DIR PATTERN [NAME...]: the names given, or all of the folder's.
names() {
	local dir=$1 ext=$2 f
	shift 2
	if [ $# -gt 0 ]; then printf '%s\n' "$@"; return; fi
	for f in "$work/src/$dir"/*."$ext"; do
		[ -e "$f" ] && basename "$f" ".$ext"
	done
}

# Counts the lines of pg_regress: "test NAME ... ok  12 ms" up to version 15,
# TAP ("ok 1 - NAME  12 ms") from 16 on.
count_regress() {
	local log=$1 expected=$2 ok
	grep -E '^(test |ok |not ok |#|.*(ERROR|FATAL|error|could not))' "$log"
	ok=$(grep -c -E '^(test .* \.\.\. ok |ok [0-9]+ )' "$log")
	passed=$((passed + ok))
	failed=$((failed + expected - ok))
}

# run_pg_regress PROGRAM INPUTDIR NAME...
run_pg_regress() {
	local program=$1 input=$2 out=$work/log/$1 pgxs dir=${1#pg_}
	shift 2
	[ $# -gt 0 ] || { say "  (none)"; return; }
	pgxs=$(dirname "$(dirname "$("$pg_config" --pgxs)")")
	as_user rm -rf "$out"
	as_user mkdir -p "$out"
	as_user "$pgxs/test/${dir%_regress}/$program" --inputdir="$input" \
		--outputdir="$out" --bindir="$bindir" --host="$PGHOST" \
		--port="$PGPORT" --user=postgres --load-extension=hnsw \
		--dbname="${program}_db" "$@" >"$out.log" 2>&1 </dev/null
	[ ! -s "$out/regression.diffs" ] || tail -n 300 "$out/regression.diffs"
	count_regress "$out.log" $#
}

run_regress() {
	local list
	mapfile -t list < <(names sql sql "$@")
	say "== regress"
	run_pg_regress pg_regress "$work/src" "${list[@]}"
}

run_isolation() {
	local list
	mapfile -t list < <(names test/specs spec "$@")
	say "== isolation"
	run_pg_regress pg_isolation_regress "$work/src/test" "${list[@]}"
}

# TAP tests start clusters of their own: TEMP_CONFIG is what their
# postgresql.conf ends with, PG_TEST_EXTRA and the rest come from the caller.
run_tap() {
	local list name pgxs status start
	mapfile -t list < <(names test/t pl "$@")
	say "== tap"
	[ ${#list[@]} -gt 0 ] || { say "  (none)"; return; }
	pgxs=$(dirname "$(dirname "$("$pg_config" --pgxs)")")
	# what a failed test left, a test does not write over
	as_user rm -rf "$work/tap"
	as_user mkdir -p "$work/tap"
	{
		extension_conf
		say "fsync = off"
	} >"$work/tap/extra.conf"
	chmod a+r "$work/tap/extra.conf"
	for name in "${list[@]}"; do
		name=$(basename "$name" .pl)
		start=$SECONDS
		as_user env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE \
			PATH="$bindir:$PATH" TESTDIR="$work/tap" \
			TESTDATADIR="$work/tap/tmp_check" TESTLOGDIR="$work/tap/log" \
			TEMP_CONFIG="$work/tap/extra.conf" \
			PG_REGRESS="$pgxs/test/regress/pg_regress" \
			timeout -k 10 "${HNSW_TAP_TIMEOUT:-900}" \
			prove -v -I "$pgxs/test/perl" -I "$work/src/test/t" \
			"$work/src/test/t/$name.pl" >"$work/log/$name.tap" 2>&1 </dev/null
		status=$?
		count_result "$name" "$status" $((SECONDS - start))
		[ "$status" -eq 0 ] || show_tap_failure "$name"
	done
}

show_tap_failure() {
	local log
	grep -E '^(not ok|#|Bail)|[Ee]rror|died' "$work/log/$1.tap" | head -n 60
	say "--- the end of it"
	tail -n 20 "$work/log/$1.tap"
	for log in "$work"/tap/tmp_check/log/*"$1"*.log \
		"$work"/tap/log/*"$1"*.log; do
		[ -e "$log" ] || continue
		say "--- $log"
		tail -n 30 "$log"
	done
}

# Every test/unit/test_*.c, linked with the rooms that know no server, once
# as a user would build it and once with the sanitizers.
run_unit() {
	local f name mode flags out=$work/unit status start
	say "== unit"
	as_user mkdir -p "$out"
	for f in "$work"/src/test/unit/test_*.c; do
		[ -e "$f" ] || { say "  (none)"; return; }
		name=$(basename "$f" .c)
		for mode in plain sanitized; do
			flags=(-O2)
			[ "$mode" = plain ] || flags=(-O2 -g
				-fsanitize=address,undefined -fno-sanitize-recover=undefined)
			start=$SECONDS
			as_user make -s -C "$work/src" -f "$work/src/test/unit/unit.mk" \
				PG_CONFIG="$pg_config" OUT="$out/$mode" \
				FLAGS="${flags[*]}" "$out/$mode/$name" \
				>"$work/log/$name.$mode" 2>&1 </dev/null &&
				as_user timeout -k 10 600 "$out/$mode/$name" \
					>>"$work/log/$name.$mode" 2>&1 </dev/null
			status=$?
			count_result "$name ($mode)" "$status" $((SECONDS - start))
			[ "$status" -eq 0 ] || tail -n 60 "$work/log/$name.$mode"
		done
	done
}

# Output without what differs from run to run: numbers, and column widths.
without_numbers() {
	sed -E 's/[0-9][0-9.]*/0/g; s/--+/-/g; s/ +/ /g; s/ $//' "$1" | sort -u
}

# The README's examples, in its order, in one new database: each ```sql block
# must run without an error, and print what the block after it shows if that
# names no language.
run_examples() {
	local block status
	say "== README examples"
	as_user mkdir -p "$work/readme"
	rm -f "$work"/readme/*
	awk -v dir="$work/readme" '
		/^```/ { if (open) { open = 0; if (out) close(out); out = ""; next }
			open = 1
			if ($0 == "```sql") {
				name = sprintf("%s/line-%04d", dir, NR); out = name ".sql" }
			else if ($0 == "```" && name) out = name ".shown"
			if ($0 != "```sql") name = ""
			next }
		out { print > out }' "$work/src/README.md"
	psql -q -d postgres -c 'drop database if exists readme' \
		-c 'create database readme' 2>/dev/null
	for block in "$work"/readme/*.sql; do
		[ -e "$block" ] || { say "  (none)"; return; }
		psql -q -d readme -v ON_ERROR_STOP=1 -f "$block" \
			>"$block.log" 2>&1 </dev/null
		status=$?
		[ ! -e "${block%.sql}.shown" ] ||
			comm -23 <(without_numbers "${block%.sql}.shown") \
				<(without_numbers "$block.log") >"$block.missing"
		[ ! -s "$block.missing" ] || status=1
		count_result "README.md $(basename "$block" .sql)" "$status"
		[ "$status" -eq 0 ] ||
			tail -n +1 "$block.log" "$block".missing* 2>/dev/null
	done
}

# The demo and the benchmarks work: on little data, and nothing is asserted
# about what they measure.
run_programs() {
	local conninfo="host=$PGHOST port=$PGPORT user=postgres dbname=postgres"
	say "== demo and benchmarks"
	if command -v apt-get >/dev/null; then
		run_program demo env HNSW_DEMO="$work" HNSW_DEMO_ROWS=1500 \
			PG_CONFIG="$given_pg_config" "$top/test/demo/demo"
	fi
	/usr/bin/python3 -c 'import numpy' 2>/dev/null || return 0
	mkdir -p "$work/bench"
	/usr/bin/python3 "$top/test/bench/make_data.py" "$work/bench" tiny
	run_program bench /usr/bin/python3 "$top/test/bench/bench.py" \
		--conninfo "$conninfo" --data "$work/bench" --cache "$work/bench" \
		--ef "10 40" --target 0.9 --json "$work/bench/results.jsonl"
	run_program bench-filter /usr/bin/python3 \
		"$top/test/bench/bench_filter.py" --queries 10 --shares "50 5" \
		--conninfo "$conninfo" --data "$work/bench" --cache "$work/bench"
}

# run_program NAME COMMAND...
run_program() {
	local name=$1 status start=$SECONDS
	shift
	"$@" >"$work/log/$name.log" 2>&1 </dev/null
	status=$?
	count_result "$name" "$status" $((SECONDS - start))
	[ "$status" -eq 0 ] || tail -n 40 "$work/log/$name.log"
}
