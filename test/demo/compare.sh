# Sourced by demo: brute force against the index, and the graph's layers.

# answers TABLE SETTING...: the ten nearest of each asked package, and
# milliseconds for one of them.
answers() {
	local table=$1 options=$PGOPTIONS ms
	shift
	ms=$(PGOPTIONS="$options $*" run -At -c '\timing on' -c "
		CREATE TABLE $table AS
		SELECT a.id AS asked, n.id AS found
		FROM asked a CROSS JOIN LATERAL
		     (SELECT id FROM packages ORDER BY v <=> a.v LIMIT 10) n" |
		sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p')
	awk -v ms="$ms" 'BEGIN { printf "%.2f", ms / 200 }'
}

compare() {
	local exact ef ms recall
	exact=$(answers exact -c enable_indexscan=off)
	printf '   %-28s %12s %9s\n' '' 'ms a query' 'recall'
	printf '   %-28s %12s %9s\n' 'brute force' "$exact" '1'
	for ef in 20 40 80 160; do
		ms=$(answers "found_$ef" -c hnsw.ef_search=$ef -c enable_seqscan=off)
		recall=$(value "SELECT round(count(*) / 2000.0, 4)
			FROM found_$ef JOIN exact USING (asked, found)")
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
