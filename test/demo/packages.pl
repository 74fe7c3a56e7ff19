#!/usr/bin/perl
# Turns apt's lists into rows for COPY: name, section, priority, installed
# size in kB, text. Usage: packages.pl DIR (apt's Dir::State::lists)
#
# The text is the long description where apt has it (Translation-en), else
# the one line that every package has.
use strict;
use warnings;

my $lists = shift @ARGV or die "usage: packages.pl DIR\n";
my $cat = '/usr/lib/apt/apt-helper';
my (%long, %seen);

# Calls $visit with each stanza, as a hash, of the files that match.
sub stanzas
{
	my ($pattern, $visit) = @_;
	for my $file (sort grep { !/\.diff_Index/ } glob("$lists/$pattern"))
	{
		open(my $in, '-|', $cat, 'cat-file', $file) or die "$cat: $!\n";
		local $/ = '';
		while (my $stanza = <$in>)
		{
			my %field;
			$field{$1} = $2
			  while $stanza =~ /^([A-Za-z][\w-]*):[ \t]*(.*(?:\n[ \t].*)*)/mg;
			$visit->(\%field);
		}
		close $in;
	}
}

stanzas('*Translation-en*', sub {
	my $f = shift;
	$long{$f->{'Description-md5'}} = $f->{'Description-en'}
	  if $f->{'Description-md5'} && $f->{'Description-en'};
});

stanzas('*_Packages*', sub {
	my $f = shift;
	return if !$f->{Package} || !$f->{Description} || $seen{$f->{Package}}++;
	my $text = $long{$f->{'Description-md5'} // ''} // $f->{Description};
	$text =~ s/^ \.$//mg;
	$text =~ s/\s+/ /g;
	$text =~ s/\\/\\\\/g;
	(my $section = $f->{Section} // 'unknown') =~ s{.*/}{};
	print join("\t", $f->{Package}, $section, $f->{Priority} // 'optional',
		$f->{'Installed-Size'} // 0, $text), "\n";
});
