# shellcheck shell=sh
# Lists the copies in $folder, the newest first: `== NAME BYTES`, then a line for each path, escaped
# as `tar` does it.
[ -d "$folder" ] || exit 0
cd -- "$folder" || exit 1
find . -maxdepth 1 -type f -name '*.tar' -printf '%T@ %f\0' | sort -zrn | sed -z 's/^[^ ]* //' |
    xargs -0 -r -n 1 sh -c '
        printf "== %s %s\n" "${1%.tar}" "$(stat -c %s -- "$1")"
        tar -tvf "$1" --numeric-owner --quoting-style=escape --full-time' sh
