#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# large_message.pl DIR ID BYTES: makes the file of a message from ann in a mailbox, as a server would have stored
# it: the line "large", and then zeros, which take no space on the disk. Prints its name.
use strict;
use warnings;

my ($dir, $id, $bytes) = @ARGV;
my $time = 1512305493;
my $line = "large\n";
my $head = "Pochta-Message: 1\nFrom: ann\nDate: 2017-12-03T12:51:33Z\nLength: $bytes\n";

# CRC-32C. The effect of one zero bit on it is a matrix, and the effect of two zero bits is the square of that: so
# the script need not go through gigabytes of zeros.
my $crc = 0xffffffff;
my @bit = map { $_ ? 1 << ($_ - 1) : 0x82f63b78 } 0 .. 31; # what each bit of a checksum becomes
sub apply {
    my ($v, @matrix) = @_;
    my $result = 0;
    for (@matrix) {
        $result ^= $_ if $v & 1;
        $v >>= 1;
    }
    return $result;
}
for (unpack "C*", $head . $line) {
    $crc ^= $_;
    $crc = apply($crc, @bit) for 1 .. 8;
}
my @matrix = @bit;
for (my $left = ($bytes - length $line) * 8; $left; $left >>= 1) {
    $crc = apply($crc, @matrix) if $left & 1;
    @matrix = map { apply($_, @matrix) } @matrix;
}

my $name = sprintf "%010d-u,t=%d,s=%d,e=0,l=%d+0,f=ann", $id, $time, $bytes, length($line) - 1;
my $all = $head . sprintf("Checksum: %08x\n\n", $crc ^ 0xffffffff);
umask 077;
open my $f, ">", "$dir/$name" or die "$dir/$name: $!\n";
print $f $all, $line;
close $f or die "$dir/$name: $!\n";
truncate "$dir/$name", length($all) + $bytes or die "$dir/$name: $!\n";
print "$name\n";
