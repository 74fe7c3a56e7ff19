# Rows come and go for long: each round a tenth of them is deleted, as many
# others are inserted, and vacuum runs.  Recall must stay what it was, and
# every node must stay in reach.
#
# The set is such that this is hard: clusters larger than a node's edge list,
# so that no insert makes an edge from one to another, and vacuum has to keep
# those that there are.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use List::Util qw(sum);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($rows, $rounds, $every) = (2000, 80, 10);
my $gone = $rows / 10;
my $node = new_node('churn', conf => "synchronous_commit = off\n");

$node->safe_psql('postgres', <<"SQL");
CREATE TABLE t (id int PRIMARY KEY, v vector(16));
INSERT INTO t SELECT i, test_vector(i, 16) FROM generate_series(1, $rows) i;
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops);
CREATE TABLE queries AS
	SELECT test_vector(i, 16) AS v FROM generate_series(2000001, 2000100) i;
SQL

my (@recalls, @reachable);
for (my $round = 1; $round <= $rounds; $round++)
{
	my $first = $rows + ($round - 1) * $gone + 1;
	my $last = $first + $gone - 1;
	$node->safe_psql('postgres', <<"SQL");
DELETE FROM t WHERE id IN
	(SELECT id FROM t ORDER BY test_noise(id, $round) LIMIT $gone);
INSERT INTO t SELECT i, test_vector(i, 16)
	FROM generate_series($first, $last) i;
VACUUM (INDEX_CLEANUP ON) t;
SQL
	next if $round % $every;
	push @recalls, recall_at_10($node, 't', ef => 40);
	push @reachable,
	  number($node, "SELECT reachable FROM hnsw_stats('t_v')");
}
check_table($node, 't', 'in the end');
my $mean = sum(@recalls) / @recalls;
cmp_ok($mean, '>=', 0.992, "recall stays: $mean (@recalls)");
my $reach = sum(@reachable) / @reachable;
cmp_ok($reach, '>=', 0.999, "nodes stay in reach: $reach (@reachable)");
is(number($node, "SELECT landmark_pages FROM hnsw_stats('t_v')"),
	1, 'landmarks take the places of those that went');
$node->stop;
done_testing();
