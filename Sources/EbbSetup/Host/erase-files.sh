# shellcheck shell=sh
# Puts files on a host, or takes them away, and rebuilds what they count for. $operation: `put` or
# `take`; arguments, three for each file: path, mode, content in base64. $rebuild: the command line
# that makes them count, or nothing; $mark: is there from the first change until that has ended well;
# $keep_initramfs: `yes` where the one before is worth keeping. Prints `yes` or `no`: whether
# something changed.
#
# Each file is written beside its place, made durable, and renamed. When rebuilding fails they go back
# to what they were, so that no later rebuild arms a host by surprise.
changed=no
said=$(mktemp) || exit 1
# A name that begins with a dot is run by no tool that runs what lies in a directory.
aside() { printf '%s/.ebb-%s-%s' "${1%/*}" "$2" "${1##*/}"; }
# Others may enter what is made here, however private this script is.
make_directories() { (umask 022 && mkdir -p -- "$1"); }
each() {
    action=$1
    shift
    while [ "$#" -gt 0 ]; do
        "$action" "$1" "$2" "$3"
        shift 3
    done
}
pending() {
    changed=yes
    [ -n "$mark" ] || return 0
    make_directories "${mark%/*}" && : >"$mark" && sync "$mark" "${mark%/*}" || exit 1
}
# What a file was before, for `back`; an empty name stands for none.
remember() {
    before=$(aside "$1" before)
    none=$(aside "$1" none)
    [ ! -e "$before" ] && [ ! -e "$none" ] || return 0
    if [ -e "$1" ]; then cp -- "$1" "$before"; else : >"$none"; fi || exit 1
}
put() {
    if printf %s "$3" | base64 -d | cmp -s - "$1"; then return; fi
    make_directories "${1%/*}" || exit 1
    pending
    remember "$1"
    new=$(aside "$1" new)
    printf %s "$3" | base64 -d >"$new" && chmod "$2" -- "$new" && sync "$new" \
        && mv -- "$new" "$1" && sync "${1%/*}" || exit 1
}
take() {
    [ -e "$1" ] || return 0
    pending
    remember "$1"
    rm -- "$1" && sync "${1%/*}" || exit 1
}
back() {
    before=$(aside "$1" before)
    if [ -e "$before" ]; then chmod "$2" -- "$before" && mv -- "$before" "$1"
    elif [ -e "$(aside "$1" none)" ]; then rm -f -- "$1" "$(aside "$1" none)"
    fi
}
forget() { rm -f -- "$(aside "$1" before)" "$(aside "$1" none)" "$(aside "$1" new)"; }
# Under a name that no boot loader takes for an initramfs by itself, so that a person can start it.
keep_initramfs() {
    image=/boot/initrd.img-$(uname -r)
    before=/boot/ebb-before-${image##*/}
    if [ -e "$image" ] && [ ! -e "$before" ]; then
        cp -- "$image" "$before.new" && sync "$before.new" && mv -- "$before.new" "$before" || exit 1
    fi
}

each "$operation" "$@"
# An earlier rebuild that did not end is made up for.
if [ "$changed" = yes ] || { [ -n "$mark" ] && [ -e "$mark" ]; }; then
    changed=yes
    [ "$keep_initramfs" != yes ] || keep_initramfs
    if [ -n "$rebuild" ] && ! eval "$rebuild" >/dev/null 2>"$said"; then
        tail -n 5 "$said" >&2
        each back "$@"
        rm -f "$said"
        exit 1
    fi
    [ -z "$mark" ] || { rm -f -- "$mark" && sync; }
fi
each forget "$@"
rm -f "$said"
echo "$changed"
