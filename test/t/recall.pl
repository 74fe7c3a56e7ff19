# Recall: the share of the ten nearest that the index finds, for all metrics,
# several dimensions and values of m; built at once, grown by inserts, after
# half of the rows were deleted and vacuumed away, after nearly all were, and
# with many duplicates.
#
# The vectors are the same every time; the levels of the nodes are not, so
# the thresholds leave some room below what is usual.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('recall',
	conf => "maintenance_work_mem = '256MB'\nmax_parallel_workers = 2\n");

my @metrics = (
	[ 'l2', '<->', 'vector_l2_ops' ],
	[ 'inner product', '<#>', 'vector_ip_ops' ],
	[ 'cosine', '<=>', 'vector_cosine_ops' ],
	[ 'l1', '<+>', 'vector_l1_ops' ]);

sub reachable
{
	my $index = shift;
	return number($node, "SELECT reachable FROM hnsw_stats('$index')");
}

# Compare recall with what is asked for
sub recall_is
{
	my ($label, $least, @arguments) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $recall = recall_at_10($node, @arguments);
	cmp_ok($recall, '>=', $least, "$label: recall $recall >= $least");
	return $recall;
}

# rows, m, and the least recall at ef 10 and 40
my %plan = (
	8 => [ 4000, 6, 0.93, 0.98 ],
	128 => [ 3000, 16, 0.93, 0.98 ],
	784 => [ 1200, 8, 0.93, 0.98 ]);

foreach my $dims (sort { $a <=> $b } keys %plan)
{
	my ($rows, $m, $least10, $least40) = @{ $plan{$dims} };

	$node->safe_psql('postgres', <<"SQL");
DROP TABLE IF EXISTS t, grown, queries;
CREATE TABLE t (id int, v vector($dims));
INSERT INTO t SELECT i, test_vector(i, $dims) FROM generate_series(1, $rows) i;
CREATE TABLE queries AS
	SELECT test_vector(i, $dims) AS v FROM generate_series(1000001, 1000040) i;
SQL
	foreach my $metric (@metrics)
	{
		my ($name, $op, $opclass) = @$metric;

		# the largest inner product is no matter of nearness: harder to find
		my $less = $op eq '<#>' ? 0.07 : 0;
		my $label = "$name, $dims dimensions, m $m";
		$node->safe_psql('postgres',
			"CREATE INDEX t_v ON t USING hnsw (v $opclass) WITH (m = $m)");
		recall_is("$label, ef 10", $least10 - $less, 't', op => $op, ef => 10);
		recall_is("$label, ef 40", $least40 - $less / 2, 't', op => $op, ef => 40);
		cmp_ok(reachable('t_v'), '>=', 0.999, "$label: nodes are reachable");
		$node->safe_psql('postgres', 'DROP INDEX t_v');
	}

	# Grown by inserts, from an empty index, as good as built at once
	$node->safe_psql('postgres', <<"SQL");
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops) WITH (m = $m);
CREATE TABLE grown (id int, v vector($dims));
CREATE INDEX grown_v ON grown USING hnsw (v vector_l2_ops) WITH (m = $m);
INSERT INTO grown SELECT * FROM t;
SQL
	my $built = recall_at_10($node, 't', ef => 20);
	recall_is("$dims dimensions, grown, ef 20", $built - 0.03,
		'grown', ef => 20);
	recall_is("$dims dimensions, grown, ef 40",
		$least40, 'grown', ef => 40);
	cmp_ok(reachable('grown_v'), '>=', 0.999, 'grown: nodes are reachable');

	# Half of the rows of every cluster go.  (Queries for where no rows are
	# left would find less; how much, is no matter of vacuum.)
	$node->safe_psql('postgres', 'DELETE FROM grown WHERE id / 20 % 2 = 0');
	recall_is("$dims dimensions, deleted, not vacuumed, ef 40",
		$least40, 'grown', ef => 40);
	$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) grown');
	recall_is("$dims dimensions, vacuumed, ef 10",
		$least10 - 0.03, 'grown', ef => 10);
	recall_is("$dims dimensions, vacuumed, ef 40",
		$least40 - 0.01, 'grown', ef => 40);
	cmp_ok(reachable('grown_v'),
		'>=', 0.995, 'vacuumed: nodes are reachable');
	check_index($node, 'grown_v', "$dims dimensions, vacuumed");
	my $mended = recall_at_10($node, 'grown', ef => 20);
	$node->safe_psql('postgres', 'REINDEX INDEX grown_v');
	my $rebuilt = recall_at_10($node, 'grown', ef => 20);
	cmp_ok($mended, '>=', $rebuilt - 0.05,
		"$dims dimensions: mended ($mended) as good as rebuilt ($rebuilt)");

	# 3 of 100 stay: every node loses nearly all its edges, and what is left
	# must not fall apart
	delete_and_vacuum($node, 't', 'id % 100 > 2');
	cmp_ok(reachable('t_v'),
		'>=', 0.99, 'few left: nodes are reachable (' . reachable('t_v') . ')');
	check_table($node, 't', "$dims dimensions, few left");

	# and the gaps are filled
	$node->safe_psql('postgres', <<"SQL");
INSERT INTO t SELECT i, test_vector(i, $dims)
	FROM generate_series(1, $rows) i WHERE i % 100 > 2;
SQL
	recall_is("$dims dimensions, filled again, ef 40",
		$least40 - 0.02, 't', ef => 40);
	cmp_ok(reachable('t_v'), '>=', 0.99, 'filled: nodes are reachable');
	check_index($node, 't_v', "$dims dimensions, filled again");
}

# With more results asked for than there are rows, nothing is missing.
$node->safe_psql('postgres', 'DELETE FROM t WHERE id > 500');
is(recall_at_10($node, 't', ef => 2000) + 0, 1,
	'exact with ef larger than the table');

# ---- duplicates --------------------------------------------------------------

# Nine of ten rows share one of eleven vectors, the others lie all around
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE dup (id int, v vector(16));
CREATE INDEX dup_v ON dup USING hnsw (v vector_l2_ops) WITH (m = 6);
INSERT INTO dup SELECT i, test_vector(CASE WHEN i % 10 > 0 THEN i % 11
		ELSE 1000 + i / 10 END, 16)
	FROM generate_series(1, 20000) i;
DROP TABLE queries;
CREATE TABLE queries AS
	SELECT test_vector(i, 16) AS v FROM generate_series(1000001, 1000040) i;
SQL
is(check_table($node, 'dup', 'duplicates'), 20000, 'all rows');
cmp_ok(number($node, "SELECT nodes FROM hnsw_stats('dup_v')"),
	'<', 2100, 'rows with one vector share a node');
recall_is('duplicates, ef 40', 0.97, 'dup', ef => 40);
is( $node->safe_psql('postgres', <<'SQL'), '1000', 'all of one vector');
SET enable_seqscan = off;
SET hnsw.prefilter = off;
SELECT count(*) FROM (SELECT v FROM dup ORDER BY v <-> test_vector(3, 16)
	LIMIT 1000) x WHERE v = test_vector(3, 16);
SQL

# Rows of such a node come and go: what they leave is used again.
sub churn
{
	my $rounds = shift;
	foreach my $round (1 .. $rounds)
	{
		delete_and_vacuum($node, 'dup', 'id % 10 > 0 AND id % 3 = 0');
		$node->safe_psql('postgres',
			'INSERT INTO dup SELECT i, test_vector(i % 11, 16) '
			  . 'FROM generate_series(1, 20000) i '
			  . 'WHERE i % 10 > 0 AND i % 3 = 0');
	}
	return;
}
churn(2);
my $size = number($node, "SELECT pg_relation_size('dup_v')");
churn(4);
my $later = number($node, "SELECT pg_relation_size('dup_v')");
cmp_ok($later, '<', 1.2 * $size,
	"duplicates that come and go: size stays ($size, then $later)");
check_table($node, 'dup', 'duplicates that came and went');

# The same when the oldest go, and take whole postings with them
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE queue (id serial, v vector(16));
CREATE INDEX queue_v ON queue USING hnsw (v vector_l2_ops);
INSERT INTO queue (v) SELECT test_vector(i, 16) FROM generate_series(1, 50) i;
SQL
foreach my $round (1 .. 12)
{
	$node->safe_psql('postgres',
		'INSERT INTO queue (v) SELECT test_vector(1, 16) '
		  . 'FROM generate_series(1, 1000)');
	delete_and_vacuum($node, 'queue',
		"id BETWEEN 51 AND 50 + 1000 * ($round - 1)");
}
is(check_table($node, 'queue', 'a queue'), 1050, 'a queue: all rows');
cmp_ok(number($node, "SELECT postings FROM hnsw_stats('queue_v')"),
	'<', 20, 'a queue: empty postings are given back');

# A query that has many at equal distances all around it
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE grid (id int, v vector(3));
INSERT INTO grid SELECT i, ARRAY[i % 13, i / 13 % 13, i / 169]::vector
	FROM generate_series(0, 2196) i;
CREATE INDEX grid_v ON grid USING hnsw (v vector_l2_ops);
SQL
recall_is('points of a grid', 0.98, 'grid', queries =>
	  'SELECT ARRAY[i % 12, i % 11, i % 10]::vector AS q '
	  . 'FROM generate_series(1, 60) i');
check_table($node, 'grid', 'points of a grid');

$node->stop;
done_testing();
