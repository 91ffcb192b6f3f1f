# shellcheck shell=sh
# shellcheck disable=SC2034 # What the script behind it uses.
# Functions of every script: the environment of probes, and their frame. See ProbeScript.

ebb_prepare() {
    LC_ALL=C
    PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin:/usr/bin:/bin:/run/current-system/sw/bin
    export LC_ALL PATH
    unset LANGUAGE LC_MESSAGES ENV BASH_ENV CDPATH GREP_OPTIONS TAR_OPTIONS POSIXLY_CORRECT
    umask 077
    cd /
    ebb_newline='
'
    ebb_limit=
    if timeout -k 5 9 true 2>/dev/null; then ebb_limit='timeout -k 5'
    elif timeout 9 true 2>/dev/null; then ebb_limit=timeout
    fi
    ebb_gently=
    if setsid true 2>/dev/null; then ebb_gently=setsid; fi
    if nice -n 10 true 2>/dev/null; then ebb_gently="$ebb_gently nice -n 10"; fi
    if ionice -c 2 -n 7 true 2>/dev/null; then ebb_gently="$ebb_gently ionice -c 2 -n 7"; fi
}
# A shell that was killed leaves processes that would hold the answer open: `setsid`, or GNU
# timeout, has made a process group of them.
ebb_finish() {
    "$1"
    wait "$!"
    ebb_status=$?
    # Where no group was made, or nothing of it is left, there is nothing to end.
    [ "$ebb_status" -le 128 ] || kill -TERM "-$!" 2>/dev/null
    printf '\n%s' "$ebb_status" >&2
}
# Standard error is kept in a variable, the status as the last line of it: `tail` bounds both.
# Descriptor 3 carries standard output past the capture.
ebb_probe() {
    printf '\n%s begin %s\n' "$ebb_mark" "$1"
    {
        ebb_error=$( ebb_finish "$2" 2>&1 >&3 3>&- | tail -c 16384 | tr -d '\000' )
    } 3>&1
    printf '\n%s status %s\n' "$ebb_mark" "${ebb_error##*"$ebb_newline"}"
    printf '%s\n%s end %s\n' "${ebb_error%"$ebb_newline"*}" "$ebb_mark" "$1"
}
