# shellcheck shell=sh
# What must not be interrupted by a reboot, one line each; nothing where there is nothing.

# A lock is held by a process that has the file open; the kernel's list says which processes hold locks.
holders=$(sed -n 's/^[0-9]*: *[A-Z]* *[A-Z]* *[A-Z]* *\([0-9][0-9]*\) .*/\1/p' /proc/locks | sort -u) || exit 1
for pid in $holders; do
    for open in "/proc/$pid/fd"/*; do
        # It may be gone by now.
        file=$(readlink -- "$open" 2>/dev/null) || continue
        case $file in
            /var/lib/dpkg/lock | /var/lib/dpkg/lock-frontend | /var/lib/apt/lists/lock | \
                /var/cache/apt/archives/lock | /var/lib/rpm/.rpm.lock | /usr/lib/sysimage/rpm/.rpm.lock | \
                /var/cache/dnf/metadata_lock.pid)
                name=$(cat "/proc/$pid/comm" 2>/dev/null) || name=somebody
                echo "$name holds $file"
                ;;
        esac
    done
done
[ ! -e /var/lib/pacman/db.lck ] || echo 'pacman holds /var/lib/pacman/db.lck'
for process in /proc/[0-9]*; do
    name=$(cat "$process/comm" 2>/dev/null) || continue
    case $name in
        dpkg | rpm | dnf | dnf5 | zypper | apk) echo "packages are being changed ($name)" ;;
        btrfs | zfs | rsync)
            words=$(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) || continue
            case $words in
                *' --daemon'*) ;;
                *' send '* | *' receive '* | *' recv '* | *rsync*) echo "a copy is being made ($name)" ;;
            esac
            ;;
        restic | borg | rsnapshot | duplicity | kopia | pg_dump | pg_dumpall | pg_basebackup | mysqldump | mariadb-dump)
            echo "a backup is running ($name)" ;;
    esac
done
if [ -r /proc/mdstat ]; then sed -n 's/.*\(recovery\|resync\|reshape\) = *\([0-9.]*%\).*/a RAID is being rebuilt (\1 at \2)/p' /proc/mdstat; fi
if [ -e /dev/zfs ] && status=$(zpool status 2>/dev/null); then
    case $status in *'resilver in progress'*) echo 'a pool is being resilvered' ;; esac
fi
