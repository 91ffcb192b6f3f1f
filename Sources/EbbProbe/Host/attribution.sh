# shellcheck shell=sh
# Who stands behind paths. Arguments: $count paths, then the places that a package may own.
#
# Records ended by NUL: `a`, path, and owner, group and mode as three lines; `p`, what the package
# manager says; `u`, what the service manager says.
while [ "$count" -gt 0 ]; do
    printf 'a\0%s\0' "$1"
    # What cannot be asked has no owner here; a path may be gone by now.
    stat -c '%U
%G
%a' -- "$1" 2>/dev/null
    printf '\0'
    shift
    count=$((count - 1))
done
printf 'p\0'
if [ "$#" -eq 0 ]; then
    :
elif command -v dpkg-query >/dev/null; then
    # Status 1, and a complaint for each, is what no package owns.
    dpkg-query -S -- "$@" 2>/dev/null || [ "$?" -eq 1 ] || echo 'dpkg-query cannot be asked' >&2
elif command -v rpm >/dev/null; then
    for place do
        owner=$(rpm -qf --qf '%{NAME} ' -- "$place") && printf '%s: %s\n' "${owner%% *}" "$place"
    done
fi
printf '\0u\0'
if [ -d /run/systemd/system ]; then
    systemctl show --no-pager -p Id -p StateDirectory -p CacheDirectory -p LogsDirectory \
        -p ConfigurationDirectory '*.service'
fi
printf '\0'
