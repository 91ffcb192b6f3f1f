# shellcheck shell=sh
# The programs that observing needs and this host lacks, or has in another than the GNU version.
missing=
need() { "$@" </dev/null >/dev/null 2>&1 || missing="$missing $1"; }
need find . -maxdepth 0 -ignore_readdir_race -printf ''
need sort -z
need comm -z /dev/null /dev/null
need stat -c %m /
need head -c 1
need timeout 9 true
case $strategy in
    btrfs) need btrfs --version ;;
    zfs) need zfs version; need zpool version ;;
esac
printf '%s\n' "${missing# }"
