# shellcheck shell=sh
# For each dataset: the newest snapshot's second, or `-`, and its name. No line where ZFS fails.
for dataset do
    list=$(zfs list -Hp -t snapshot -d 1 -s creation -o creation -- "$dataset") || continue
    newest=${list##*[!0-9]}
    printf '%s\t%s\n' "${newest:--}" "$dataset"
done
