# shellcheck shell=sh
# Copies the arguments, paths without their first slash and without what is below them, into the
# archive $name in $folder on $mount, which appears whole or not. All but the newest $keep go.
# Prints `copied NAME BYTES`.
[ "$(stat -c %m -- "$mount")" = "$mount" ] || { echo "$mount is not mounted" >&2; exit 1; }
mkdir -p -- "$folder" && chmod 700 -- "$folder" && cd -- "$folder" || exit 1
printf '%s\0' "$@" | tar -C / --no-recursion --null --numeric-owner --acls --xattrs \
    --files-from=- -cf "$folder/$name.partial"
status=$?
# 1 is a file that changed while it was read: the rest is there, and so is most of it.
if [ "$status" -gt 1 ]; then rm -f -- "$name.partial"; exit "$status"; fi
sync -- "$name.partial" && mv -f -- "$name.partial" "$name.tar" && sync -- . || exit 1
find . -maxdepth 1 -type f -name '*.tar' -printf '%T@ %f\0' | sort -zrn | tail -z -n "+$((keep + 1))" |
    sed -z 's/^[^ ]* //' | xargs -0 -r rm -f --
size=$(stat -c %s -- "$name.tar") || exit 1
echo "copied $name $size"
