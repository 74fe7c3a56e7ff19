# Sourced by demo: brute force against the index, and the graph's layers.

# answers TABLE SETTING...: makes a table of the ten nearest of each asked
# package, and says how many milliseconds one of them took.
answers() {
	local table=$1 options=$PGOPTIONS ms
	shift
	ms=$(PGOPTIONS="$options $*" run -At -c '\timing on' -c "
		CREATE TABLE $table AS
		SELECT a.id AS asked, n.*
		FROM asked a CROSS JOIN LATERAL
		     (SELECT id, v <=> a.v AS distance FROM packages
		      ORDER BY v <=> a.v LIMIT 10) n" |
		sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p')
	awk -v ms="$ms" -v n="$(value 'SELECT count(*) FROM asked')" \
		'BEGIN { printf "%.2f", ms / n }'
}

# Recall: what share is as near as the exact tenth. (Some packages have the
# same description, so which of them come is a matter of taste.)
compare() {
	local exact ef ms recall
	say "   (brute force first, which takes longest)"
	say
	printf '   %-28s %12s %9s\n' '' 'ms a query' 'recall'
	exact=$(answers exact -c enable_indexscan=off)
	printf '   %-28s %12s %9s\n' 'brute force' "$exact" '1'
	for ef in 20 40 80 160; do
		ms=$(answers "found_$ef" -c hnsw.ef_search=$ef -c enable_seqscan=off)
		recall=$(value "SELECT round(count(*) FILTER
				(WHERE distance < tenth + 1e-7) / 2000.0, 4)
			FROM found_$ef JOIN (SELECT asked, max(distance) AS tenth
				FROM exact GROUP BY asked) e USING (asked)")
		printf '   %-28s %12s %9s\n' "index, hnsw.ef_search = $ef" \
			"$ms" "$recall"
	done
}

layers() {
	show "SELECT layer, nodes, edges, round(avg_edges::numeric, 1) AS avg_edges
FROM hnsw_layers('packages_v');"
	show "SELECT rows, nodes AS distinct_vectors, nodes_per_page,
       round(bytes_per_vector::numeric) AS bytes_per_vector,
       round(reachable::numeric, 4) AS reachable
FROM hnsw_stats('packages_v');"
}
