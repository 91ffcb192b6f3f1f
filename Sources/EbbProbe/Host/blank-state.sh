# shellcheck shell=sh
# Whether a btrfs blank is as it was taken. $top: where the top level is mounted, $blank: its path below
# that. Prints its generation, `@` with the time and the path of what was changed last in it, and a path in it that was
# changed since it was taken, if there is one; an empty line where it cannot be looked at, which the comparison with
# it says.
#
# Its generation is that of its making, or of the last snapshot of it. With another one somebody may
# have changed it in place, or a balance moved it: then what is in it is younger than it, or is not.
newline='
'
# $2 of what `btrfs subvolume show` said: the first, as names of snapshots follow below it.
field() {
    value=$(printf '%s\n' "$1" | sed -n "s/^[[:space:]]*$2:[[:space:]]*//p")
    printf '%s\n' "${value%%"$newline"*}"
}
base=$top/$blank
command -v btrfs >/dev/null && [ -d "$base" ] && there=$(btrfs subvolume show "$base" 2>/dev/null) &&
    root=$(btrfs subvolume show / 2>/dev/null) || { echo; exit; }
now=$(field "$there" Generation)
# Whoever changes something in it and then takes the root from it leaves the generation of a mere snapshot: this tells.
# What happened to the name of the blank itself is no change of what it holds.
# A list without its end, -1, was not read to its end: then what is newest in it says nothing.
newest=$({
    timeout 60 find "$base" -xdev '(' -samefile "$base" -printf '%T@/\0' -o -printf '%C@/%P\0' ')' && printf -- '-1/\0'
} | sort -zrn | sed -z -n '1p;$p' | tr ' \n\0' '??\n')
case $newest in [0-9]*/*"$newline-1/") newest=" @${newest%"$newline"*}" ;; *) exit 1 ;; esac
[ "$now" != "$(field "$there" 'Gen at creation')" ] || { echo "$now$newest"; exit; }
if [ "$(field "$root" 'Parent UUID')" = "$(field "$there" UUID)" ] &&
    [ "$now" = "$(field "$root" 'Gen at creation')" ]
then
    echo "$now$newest"
    exit
fi
taken=$(field "$there" 'Receive time')
case $taken in '' | -) taken=$(field "$there" 'Creation time') ;; esac
# What was made within that second may be in it.
taken=$(date -d "$taken" +%s) || exit 1
since=@$((taken + 1))
# A blank that was moved away and back is younger itself, and what it lists is not.
changed=$(timeout 60 find "$base" -xdev '(' -samefile "$base" -newermt "$since" -o \
    ! -samefile "$base" -newerct "$since" ')' -printf '/%P\n' -quit) || exit 1
printf '%s%s %s\n' "$now" "$newest" "$(printf '%s' "$changed" | tr '\n' '?')"
