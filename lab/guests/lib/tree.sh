# shellcheck shell=bash
# Work inside a tree of Debian files without leaving a mount behind.

# in_tree TREE COMMAND… — runs COMMAND in TREE with /proc, in a mount and process name space of its own.
in_tree() {
    # shellcheck disable=SC2016  # expanded by the inner shell
    unshare --mount --pid --fork --propagation private sh -c '
        mount -t proc proc "$1/proc" && tree=$1 && shift &&
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
            chroot "$tree" "$@"' sh "$@"
}
