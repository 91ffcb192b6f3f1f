# shellcheck shell=sh
# What there is of the directory $blank, and of the place where it lies or would lie.
if [ -e "$blank" ]; then echo there; else echo absent; fi
if [ -e "$blank.identity" ]; then
    identity=$(head -n 1 -- "$blank.identity") && taken=$(stat -c %Y -- "$blank.identity") || exit 1
    printf 'identity %.100s %s\n' "$identity" "$taken"
fi
place=$blank
while ! [ -d "$place" ]; do place=${place%/*} && place=${place:-/}; done
root=$(stat -c %d /) && there=$(stat -c %d -- "$place") || exit 1
needed=$(df -k --output=used /) && free=$(df -k --output=avail -- "$place") || exit 1
printf 'devices %s %s\nneeded %s\nfree %s\n' "$root" "$there" "${needed##*[!0-9]}" "${free##*[!0-9]}"
