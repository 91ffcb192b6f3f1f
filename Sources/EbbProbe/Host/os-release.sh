# shellcheck shell=sh
for file in /etc/os-release /usr/lib/os-release; do
    if [ -e "$file" ]; then cat "$file"; break; fi
done
