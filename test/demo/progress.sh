# Sourced by demo: an index build with a progress bar.

# bar DONE TOTAL TEXT
bar() {
	local width=40 full
	full=$(($2 > 0 ? width * $1 / $2 : 0))
	printf '   [%s%s] %3d %%  %s' \
		"$(printf '%*s' $full '' | tr ' ' '#')" \
		"$(printf '%*s' $((width - full)) '' | tr ' ' '.')" \
		$(($2 > 0 ? 100 * $1 / $2 : 0)) "$3"
}

# Runs the statement in the background and asks
# pg_stat_progress_create_index how it fares.
build_with_progress() {
	local pid done_ total phase last=-1 start
	start=$(date +%s.%N)
	run -c "$1" &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		IFS='|' read -r done_ total phase < <(value "
			SELECT CASE WHEN tuples_total > 0 THEN tuples_done
			            ELSE blocks_done END,
			       CASE WHEN tuples_total > 0 THEN tuples_total
			            ELSE blocks_total END, phase
			FROM pg_stat_progress_create_index")
		if [ -n "${phase:-}" ]; then
			if [ -t 1 ]; then
				printf '\r%-78s' "$(bar "$done_" "$total" "$phase")"
			elif [ "${total:-0}" -gt 0 ] &&
				[ $((4 * done_ / total)) -gt $last ]; then
				last=$((4 * done_ / total))
				printf '%s\n' "$(bar "$done_" "$total" "$phase")"
			fi
			phase=
		fi
		sleep 0.2
	done
	wait $pid || die "The index could not be built"
	if [ -t 1 ]; then printf '\r'; fi
	printf '%-78s\n' "$(bar 1 1 "done in $(awk -v a="$start" \
		-v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }') s")"
}
