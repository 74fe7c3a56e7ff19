# The programs of test/clients, each with a driver that users have.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $python = '/usr/bin/python3';
plan skip_all => 'python3-psycopg2 is not installed'
  if system("$python -c 'import psycopg2' >/dev/null 2>&1") != 0;

my $node = new_node('clients');
my ($out, $err) = run_command(
	[
		$python, "$FindBin::RealBin/../clients/smoke_psycopg2.py",
		$node->connstr('postgres')
	]);
is($out, 'ok', 'psycopg2') or diag($err);
$node->stop;
done_testing();
