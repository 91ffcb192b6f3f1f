# shellcheck shell=sh
# Brings back what is at and below $1 from the archive $file; $existing says what of that which is
# there already. Prints the paths.
exec tar -C / -xvpf "$file" --numeric-owner --acls --xattrs "$existing" --quoting-style=escape \
    --no-wildcards -- "$1"
