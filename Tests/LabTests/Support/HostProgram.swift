/// Does random things to a host's root, and records trees; runs on the host, knows nothing of Ebb.
///
/// Perl, because every Debian has it. Its first argument names the places in which it works.
/// `operate SEED COUNT` works there on what the blank brought and on what it makes itself, and prints
/// what it did. `walk` prints one line per entry of these places: the path in hexadecimal digits,
/// then all that should come back.
enum HostProgram {
    static let text = #"""
        use strict;
        use Fcntl ':mode';
        my @places = split ' ', shift;
        my %attributes;
        my ($verb, $seed, $count) = @ARGV;

        sub walk {
            my ($path, $visit) = @_;
            my @stat = lstat $path or return;
            $visit->($path, @stat);
            return unless S_ISDIR($stat[2]);
            opendir my $handle, $path or return;
            my @names = sort grep { $_ ne '.' && $_ ne '..' } readdir $handle;
            closedir $handle;
            walk("$path/$_", $visit) for @names;
        }

        sub describe {
            my ($path, @stat) = @_;
            my $text = sprintf '%o %d %d', $stat[2], $stat[4], $stat[5];
            if (S_ISLNK($stat[2])) { $text .= ' ' . unpack 'H*', readlink $path }
            if (S_ISREG($stat[2])) {
                my $content = '';
                if (open my $file, '<:raw', $path) { local $/; $content = <$file> // '' }
                $text .= sprintf ' %d %d %s', $stat[7], $stat[9], unpack('%64Q*', $content . "\0" x 8)
                    . '.' . unpack('%32C*', $content);
                $text .= ' ' . join ',', @{ $attributes{$path} // [] };
            }
            return $text;
        }

        # Many files a time: starting a program is slow on an emulated machine.
        sub note_attributes {
            my @rest = @_;
            while (my @some = splice @rest, 0, 100) {
                open my $attr, '-|', 'getfattr', '--absolute-names', '-h', '-d', '-m', '-', '-e',
                    'hex', '--', @some or next;
                my $path = '';
                while (my $line = <$attr>) {
                    chomp $line;
                    if ($line =~ /^# file: (.*)/) {
                        $path = $1;
                        $path =~ s/\\([0-7]{3})/chr oct $1/ge;
                    } elsif (length $line) {
                        push @{ $attributes{$path} }, $line;
                    }
                }
            }
        }

        if ($verb eq 'walk') {
            my @regular;
            for my $place (@places) {
                walk($place, sub { push @regular, $_[0] if S_ISREG($_[3]) });
            }
            note_attributes(@regular);
            for my $place (@places) {
                walk($place, sub { print unpack('H*', $_[0]), ' ', describe(@_), "\n" });
            }
            exit 0;
        }

        srand $seed;
        my (@files, @directories);
        for my $place (@places) {
            walk($place, sub {
                my ($path, @stat) = @_;
                push @directories, $path if S_ISDIR($stat[2]);
                push @files, $path unless S_ISDIR($stat[2]);
            });
        }
        my @odd = ("with space", "new\nline", "tab\there", "back\\slash", "quote'\"", "\xff\xfe",
            "-rf", "*?[a]", "l" x 255, "\x01\x7f");
        sub any { my ($list) = @_; return $list->[int rand @$list] }
        sub existing {
            my ($list) = @_;
            for (1 .. 5) { my $path = any($list); return $path if defined $path && lstat $path }
            return $list->[0];
        }
        sub fresh {
            my $name = rand() < 0.25 ? any(\@odd) : 'n' . int rand 900;
            return existing(\@directories) . "/$name";
        }
        sub spill {
            my ($mode, $path) = @_;
            return if -l $path || (-e $path && !-f $path);
            open my $file, $mode, $path or return;
            print $file join '', map { chr int rand 256 } 1 .. int rand 3000;
        }
        for (1 .. $count) {
            my $kind = int rand 22;
            my ($one, $two) = (existing(\@files), rand() < 0.6 ? fresh() : existing(\@files));
            my $at = existing(\@directories);
            if ($kind < 5) { spill('>:raw', $two); push @files, $two }
            elsif ($kind < 7) { spill('>>:raw', $one) }
            elsif ($kind == 7) { truncate $one, int rand 100 if -f $one && !-l $one }
            elsif ($kind < 11) { rename $one, $two; push @files, $two }
            elsif ($kind < 13) { link $one, $two; push @files, $two }
            elsif ($kind == 13) { chmod int(rand 512), $one unless -l $one }
            elsif ($kind == 14) {
                system 'setfattr', '-n', 'user.n', '-v', "$_", '--', $one if -f $one && !-l $one;
            }
            elsif ($kind < 17) { unlink $one }
            elsif ($kind == 17) { push @directories, $two if mkdir $two }
            elsif ($kind == 18) { rmdir $at unless grep { $_ eq $at } @places }
            elsif ($kind == 19) { unlink $one; symlink "odd // target $_", $one }
            elsif ($kind == 20) {
                my $new = fresh();
                push @directories, $new
                    if !(grep { $_ eq $at } @places) && rename $at, $new;
            }
            else { chmod 0750, $at unless grep { $_ eq $at } @places }
            print "$kind ", map({ unpack('H*', $_) . ' ' } $one, $two, $at), "\n";
        }
        """#
}
