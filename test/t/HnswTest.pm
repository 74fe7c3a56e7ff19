# What the TAP tests share: servers, deterministic vectors, the verifier,
# recall.
#
# Vectors come from an SQL function, test_vector(id, dims, clusters): one of
# so many cluster centers, plus an offset in a space of few dimensions, as
# real embeddings have it.  Everything follows from hashes, so that the same
# id always is the same vector, in every session and on every version.
package HnswTest;

use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(new_node install_helpers check_index check_same_rows
  check_table delete_and_vacuum recall_at_10 number pgbench_files);

# A running server with the extension and the helper functions.  Indexes have
# row maps, as those on larger vectors do.
sub new_node
{
	my ($name, %args) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => $args{streaming} ? 1 : 0);
	$node->append_conf('postgresql.conf', "max_connections = 30\n"
		  . "autovacuum = off\njit = off\nrestart_after_crash = off\n"
		  . "log_min_messages = warning\nwork_mem = '64MB'\n"
		  . "hnsw.debug_rowmap = on\n"
		  . ($args{conf} // ''));
	$node->start;
	install_helpers($node);
	return $node;
}

sub install_helpers
{
	my ($node, $db) = @_;
	$node->safe_psql($db // 'postgres', <<'SQL');
CREATE EXTENSION hnsw;
-- a number in [-1, 1) that depends on nothing but two numbers
CREATE FUNCTION test_noise(a bigint, b bigint) RETURNS float8
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN hashint8extended(a, b) / 9223372036854775808.0::float8;
CREATE FUNCTION test_vector(id bigint, dims int, clusters int DEFAULT 20)
	RETURNS vector LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (WITH z AS MATERIALIZED (
			SELECT array_agg(test_noise(id, 100 + k) ORDER BY k) AS z
			FROM generate_series(1, 12) k)
		SELECT array_agg(test_noise(id % clusters, i)
			+ 0.7 * z[1 + i % 12] * test_noise(i, 1)
			+ 0.7 * z[1 + (i / 12) % 12] * test_noise(i, 2)
			+ 0.1 * test_noise(id, 1000 + i) ORDER BY i)::float4[]::vector
		FROM z, generate_series(1, dims) i);
-- k rows in order, or an error.  (Exactly in order: this is an HnswScan.)
CREATE FUNCTION test_search(tab regclass, q vector, k int) RETURNS int
	LANGUAGE plpgsql AS $$
DECLARE
	d float8;
	last float8 := 0;
	n int := 0;
BEGIN
	FOR d IN EXECUTE format(
		'SELECT v <-> $1 FROM %s ORDER BY v <-> $1 LIMIT $2', tab) USING q, k
	LOOP
		IF d < last THEN
			RAISE EXCEPTION 'out of order: % after %', d, last;
		END IF;
		last := d;
		n := n + 1;
	END LOOP;
	IF n < k THEN
		RAISE EXCEPTION 'only % rows instead of %', n, k;
	END IF;
	RETURN n;
END $$;
SQL
	return;
}

# The full check of an index, and that it is valid.
sub check_index
{
	my ($node, $index, $label, $db) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($rc, $out, $err) =
	  $node->psql($db // 'postgres', "SELECT hnsw_check('$index', true)");
	ok($rc == 0, "$label: hnsw_check") or diag($err);
	return $rc == 0;
}

# A search for all rows by the index returns the ids of all rows there are.  Both
# are read in one snapshot.  (In strict order a row found too late would be
# left out, and HnswScan would find in the table what the index has not.)
sub check_same_rows
{
	my ($node, $table, $label, $query) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$query //= "(SELECT v FROM $table LIMIT 1)";
	my $sql = <<"SQL";
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL enable_seqscan = off;
SET LOCAL hnsw.prefilter = off;
SET LOCAL hnsw.iterative_scan = relaxed_order;
SET LOCAL hnsw.max_scan_tuples = 2147483647;
SET LOCAL hnsw.scan_mem_multiplier = 100;
CREATE TEMP TABLE found AS
	SELECT id AS c FROM $table ORDER BY v <-> $query LIMIT 10000000;
CREATE TEMP TABLE exact AS SELECT id AS c FROM $table WHERE v IS NOT NULL;
SELECT count(*) || ' rows, ' ||
	(SELECT count(*) FROM (SELECT c FROM exact EXCEPT ALL SELECT c FROM found)
		x) || ' missing, ' ||
	(SELECT count(*) FROM (SELECT c FROM found EXCEPT ALL SELECT c FROM exact)
		x) || ' too many' FROM exact;
ROLLBACK;
SQL
	# a standby can make no temporary tables
	$sql = <<"SQL" if $node->safe_psql('postgres',
SET enable_seqscan = off;
SET hnsw.prefilter = off;
SET hnsw.iterative_scan = relaxed_order;
SET hnsw.max_scan_tuples = 2147483647;
SET hnsw.scan_mem_multiplier = 100;
WITH exact AS MATERIALIZED (
		SELECT id AS c FROM $table WHERE v IS NOT NULL),
	found AS MATERIALIZED (
		SELECT id AS c FROM $table ORDER BY v <-> $query LIMIT 10000000)
SELECT count(*) || ' rows, ' ||
	(SELECT count(*) FROM (SELECT c FROM exact EXCEPT ALL SELECT c FROM found)
		x) || ' missing, ' ||
	(SELECT count(*) FROM (SELECT c FROM found EXCEPT ALL SELECT c FROM exact)
		x) || ' too many' FROM exact;
SQL
		'SELECT pg_is_in_recovery()') eq 't';
	my $out = $node->safe_psql('postgres', $sql);
	like($out, qr/^\d+ rows, 0 missing, 0 too many$/,
		"$label: index and table hold the same rows ($out)");
	return $out =~ /^(\d+)/ ? $1 : 0;
}

# Both of that, of a table whose index is named after it.  Returns its rows.
sub check_table
{
	my ($node, $table, $label, $query) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	check_index($node, "${table}_v", $label);
	return check_same_rows($node, $table, $label, $query);
}

sub delete_and_vacuum
{
	my ($node, $table, $condition) = @_;
	$node->safe_psql('postgres', <<"SQL");
DELETE FROM $table WHERE $condition;
VACUUM (INDEX_CLEANUP ON) $table;
SQL
	return;
}

# Average share of the ten nearest that the index finds.  A row that is as
# near as the tenth counts, whichever it is.
sub recall_at_10
{
	my ($node, $table, %args) = @_;
	my $op = $args{op} // '<->';
	my $ef = $args{ef} // 40;
	my $queries = $args{queries} // "SELECT v AS q FROM queries";
	return $node->safe_psql('postgres', <<"SQL");
SET enable_seqscan = off;
SET hnsw.ef_search = $ef;
WITH e AS MATERIALIZED (
		SELECT q, (SELECT max(d) FROM (SELECT (v $op q) + 0 AS d FROM $table
			ORDER BY 1 LIMIT 10) x) AS d FROM ($queries) q)
SELECT round(avg((SELECT count(*) FROM (SELECT v $op q AS d FROM $table
		ORDER BY v $op q LIMIT 10) a WHERE a.d <= e.d) / 10.0), 4) FROM e;
SQL
}

# Scripts for pgbench as files: its options for them.  Names are 'name@weight'.
sub pgbench_files
{
	my ($node, %script) = @_;
	my @options;
	foreach my $name (sort keys %script)
	{
		my ($base, $weight) = split /@/, $name;
		my $file = $node->basedir . "/$base.sql";
		append_to_file($file, $script{$name});
		push @options, '-f', "$file\@$weight";
	}
	return @options;
}

sub number
{
	my ($node, $sql, $db) = @_;
	return $node->safe_psql($db // 'postgres', $sql) + 0;
}

1;
