# shellcheck shell=sh
# Sets traps for whoever compares trees, on a host that is erased at its next boot. Runs as root.
# New things are in /srv/NAME; what the blank brought is changed in places that nothing needs.
set -eu
licenses=/usr/share/common-licenses
[ -w "$licenses" ] || licenses=/etc/security
cd "$licenses"
# shellcheck disable=SC2010,SC2012 # plain names, as Debian's packages have them
# shellcheck disable=SC2046 # Names without blanks: a word each.
set -- $(find . -maxdepth 1 -type f -printf '%f\n' | sort)
deleted=$1 modes=$2 attributes=$3 hidden=$4 moved=$5 opened=$6
rm "$deleted"
chmod 600 "$modes"
setfattr -n user.trap -v 1 "$attributes"
touch -r "$hidden" /tmp/time
printf X | dd of="$hidden" conv=notrunc bs=1 status=none
touch -r /tmp/time "$hidden"
mv "$moved" "$moved.moved"
: <>"$opened"
chmod 601 "$opened" && chmod 644 "$opened"
# A directory that is replaced by another of its name; one with content that is renamed.
rm -r /etc/cron.daily && mkdir /etc/cron.daily && echo new >/etc/cron.daily/new
mv /etc/default /etc/default.moved
# A link that points elsewhere.
ln -sfn elsewhere /etc/localtime

mkdir -p /srv/odd-names /srv/kinds /srv/hard-links /srv/empty /srv/covered /srv/open-deleted
cd /srv/odd-names
for name in 'with space' "$(printf 'new\nline')" "$(printf 'tab\there')" 'back\slash' "quote'\"" '-rf' '*?[a]' \
    "$(printf '\377\376')" "$(printf '\001\177')" "$(printf 'l%.0s' $(seq 255))"; do
    echo x >"./$name"
done
cd /srv/kinds
mkfifo fifo && mknod block b 7 200 && mknod character c 1 3 && mkdir directory && ln -s '/odd // target' link
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "socket", Listen => 1) or die'
cd /srv/hard-links
echo x >first && ln first second && ln first third && rm first
: >/srv/empty/file && mkdir /srv/empty/directory
# Under what is mounted later, and at a place whose name mountinfo must escape.
echo early >/srv/covered/early
mount -t tmpfs none /srv/covered && echo late >/srv/covered/late
odd=$(printf '/srv/odd mount\n\\')
mkdir "$odd" && mount -t tmpfs none "$odd"
# A file that is open and has no name any more.
(exec 3>/srv/open-deleted/file && rm /srv/open-deleted/file && exec sleep 300) >/dev/null 2>&1 &
# As deep as a path may be.
perl -e 'mkdir "/srv/deep"; chdir "/srv/deep"; for (1 .. 15) { mkdir "d" x 250; chdir "d" x 250 } mkdir "end"'
case $(stat -f -c %T /) in
    btrfs) btrfs subvolume create /srv/nested >/dev/null && echo inside >/srv/nested/inside ;;
    zfs) zfs create -o mountpoint=/srv/nested rpool/local/root/nested && echo inside >/srv/nested/inside ;;
esac
sync
