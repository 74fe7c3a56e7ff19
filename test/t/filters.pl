# Recall of searches with conditions: the share of the ten nearest rows that
# match which are found, whatever share of all rows matches, wherever they are.
#
# The vectors are in 20 clusters far from each other, by `kind`.  `lot` is
# drawn by lot; `place` is the rank of the distance to a corner, so that a range
# of it is a region: around the query ("near") or far from it.  The vectors are
# the same every time, the levels of the nodes are not: thresholds leave some
# room below what is usual.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $rows = 20000;
my $queries = 40;
my $node = new_node('filters', conf => "hnsw.debug_rowmap = off\n");

$node->safe_psql('postgres', <<"SQL");
CREATE FUNCTION clustered(id bigint) RETURNS vector(24) IMMUTABLE PARALLEL SAFE
	RETURN (SELECT array_agg(test_noise(id % 20, k)
			+ 0.4 * test_noise(id, 1000 + k) ORDER BY k)::real[]::vector(24)
		FROM generate_series(1, 24) k);
CREATE FUNCTION away(v vector) RETURNS float8 IMMUTABLE PARALLEL SAFE
	RETURN v <-> array_fill(2, '{24}')::vector;
CREATE TABLE t WITH (autovacuum_enabled = off) AS
	SELECT id, id * 7919 % $rows AS lot, id % 20 AS kind,
		row_number() OVER (ORDER BY away(v)) AS place, v::vector(24) AS v
	FROM (SELECT id, clustered(id) AS v FROM generate_series(1, $rows) id) x;
CREATE INDEX t_lot ON t (lot);
CREATE INDEX t_place ON t (place);
CREATE INDEX t_kind ON t (kind);
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops);
VACUUM ANALYZE t;
CREATE TABLE queries AS
	SELECT i, q, (SELECT count(*) FROM t WHERE away(v) < away(q)) AS place
	FROM (SELECT i, clustered(1000000 + i) AS q
		FROM generate_series(1, $queries) i) x;

-- a range of so many rows: by lot; around the query, or far from it; or so
-- many clusters
CREATE FUNCTION span(col text, low bigint, n int) RETURNS text
	RETURN format('(%s > %s AND %1\$s <= %3\$s)', col, low, low + n);
CREATE FUNCTION lots(col text, n int, i int) RETURNS text
	RETURN span(col, i * 7919 * 13 % ($rows - n) - 1, n);
CREATE FUNCTION near(col text, n int, place bigint) RETURNS text
	RETURN span(col, least(greatest(place - n / 2, 0), $rows - n), n);
CREATE FUNCTION far(col text, n int, place bigint) RETURNS text
	RETURN CASE WHEN place > $rows / 2 THEN format('%s <= %s', col, n)
		ELSE format('%s > %s', col, $rows - n) END;
CREATE FUNCTION others(col text, n int, i int) RETURNS text
	RETURN (SELECT format('%s IN (%s)', col,
			string_agg(((i + k) % 20)::text, ', '))
		FROM generate_series(1, n) k);

-- mean recall by each of these ways; of fewer than ten rows none may be missing
CREATE FUNCTION recalls(condition text, forces text[]) RETURNS SETOF text
	LANGUAGE plpgsql AS \$\$
DECLARE
	total int[] := array_fill(0, ARRAY[cardinality(forces)]);
	wanted int := 0;
	found int;
	truth int[];
	asked record;
	conditions text;
BEGIN
	SET LOCAL enable_seqscan = off;
	FOR asked IN SELECT * FROM queries LOOP
		EXECUTE 'SELECT ' || condition INTO conditions USING asked.i, asked.place;
		EXECUTE format('SELECT array_agg(id) FROM (SELECT id FROM t WHERE %s
			ORDER BY (v <-> \$1) + 0 LIMIT 10) x', conditions)
			INTO truth USING asked.q;
		wanted := wanted + cardinality(truth);
		FOR k IN 1 .. cardinality(forces) LOOP
			PERFORM set_config('hnsw.debug_prefilter', forces[k], true);
			EXECUTE format('SELECT count(*) FILTER (WHERE id = ANY (\$2)) FROM (
				SELECT id FROM t WHERE %s ORDER BY v <-> \$1 LIMIT 10) x', conditions)
				INTO found USING asked.q, truth;
			total[k] := total[k] + found;
		END LOOP;
	END LOOP;
	RETURN QUERY SELECT round(n / wanted::numeric, 4)::text FROM unnest(total) n;
END \$\$;
SQL
is($node->safe_psql('postgres', <<'SQL'), 'HnswScan', 'it is our search');
SET enable_seqscan = off;
CREATE FUNCTION scan() RETURNS text LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) SELECT id FROM t WHERE place < 4000
		ORDER BY v <-> (SELECT q FROM queries LIMIT 1) LIMIT 10' INTO plan;
	RETURN jsonb_path_query_first(plan::jsonb, '$.**."Custom Plan Provider"') #>> '{}';
END $$;
SELECT scan();
SQL

# as it is chosen, by a walk with a list, and by one that asks rows, however
# many
my %least = (off => 0.93, bitmap => 0.9, rows => 0.75);
my @forces = sort keys %least;

# Compare recall by each way with what is asked for, or so much less
sub recall_is
{
	my ($label, $condition, $less) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $forces = join(',', @forces);
	my @recalls = split /\n/, $node->safe_psql('postgres',
		"SELECT recalls(\$c\$$condition\$c\$, '{$forces}')");

	is(scalar(@recalls), scalar(@forces), "$label: by each way");
	foreach my $k (0 .. $#forces)
	{
		my $least = $least{ $forces[$k] } - ($less // 0);

		cmp_ok($recalls[$k], '>=', $least,
			"$forces[$k]: $label: recall $recalls[$k] >= $least");
	}
	return;
}

foreach my $percent (50, 20, 5, 1)
{
	my $n = $rows * $percent / 100;

	recall_is("by lot, $percent %", "lots('lot', $n, \$1)");
	recall_is("near, $percent %", "near('place', $n, \$2)");
	recall_is("far, $percent %", "far('place', $n, \$2)");
}

# the query's cluster is not among them
recall_is('half of the clusters', "others('kind', 10, \$1)");

# two conditions of which one has an index, and few near ones beside many far
my $few = $rows / 200;
my $tenth = $rows / 10;
my $fifth = $rows / 5;
recall_is('far 20 %, a fifth of it',
	"far('place', $fifth, \$2) || ' AND ' || lots('lot + 0', $fifth, \$1)");
recall_is('by lot 20 %, a fifth of it far',
	"lots('lot', $fifth, \$1) || ' AND ' || far('place + 0', $fifth, \$2)");
recall_is('far 10 %, or any .5 %',
	"far('place', $tenth, \$2) || ' OR ' || lots('lot', $few, \$1)", 0.1);
check_table($node, 't', 'searched');

$node->stop;
done_testing();
