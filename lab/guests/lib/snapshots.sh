# shellcheck shell=bash disable=SC2154
# Named states of a guest: its disks, and while it runs also its memory, so that going back needs no boot.
disks='disk.qcow2 boot.img spare.qcow2 cmdline initrd faults boots image'

copy_disks() {
    local file
    for file in $disks; do
        [ ! -e "$1/$file" ] || cp --sparse=always "$1/$file" "$2/$file"
    done
}

take_snapshot() {
    local guest=$1 name=$2 folder=$state/$1 work=$state/$1/snapshots/.new answer
    rm -rf "$work"
    mkdir -p "$work"
    if running "$guest" qemu >/dev/null; then
        ask "$guest" stop >/dev/null
        ask "$guest" migrate-set-parameters '{"max-bandwidth":4000000000}' >/dev/null
        ask "$guest" migrate "{\"uri\":\"exec:cat >'$work/memory'\"}" >/dev/null
        until [[ $answer = *'"status": "completed"'* ]]; do
            answer=$(ask "$guest" query-migrate) || fail "$guest: cannot save its memory"
            [[ $answer != *'"status": "failed"'* ]] || fail "$guest: cannot save its memory: $answer"
            sleep 0.1
        done
        copy_disks "$folder" "$work"
        ask "$guest" cont >/dev/null
    else
        copy_disks "$folder" "$work"
    fi
    rm -rf "$folder/snapshots/$name"
    mv -T "$work" "$folder/snapshots/$name"
}

reset_to() {
    local guest=$1 name=$2 folder=$state/$1 from=$state/$1/snapshots/$2
    [ -d "$from" ] || fail "$guest has no snapshot $name"
    cut_power "$guest"
    rm -f "$folder/faults" "$folder/memory"
    copy_disks "$from" "$folder"
    [ -e "$from/memory" ] || return 0
    ln "$from/memory" "$folder/memory"
    start_machine "$guest"
    wait_for "$guest"
    # The guest's clock stood still since the snapshot.
    ssh_to "$guest" "date -s @$(date +%s.%N)" >/dev/null
}
