# shellcheck shell=bash disable=SC2154
# Named states of a guest: its disks, and while it runs also its memory, so that going back needs no boot.
disks='disk.qcow2 boot.img spare.qcow2 cmdline initrd faults words boots image'

copy_disks() {
    local file
    for file in $disks; do
        [ ! -e "$1/$file" ] || cp --sparse=always "$1/$file" "$2/$file"
    done
}

# save_memory GUEST FILE — writes the memory of a guest that stands still.
save_memory() {
    local guest=$1 answer=''
    ask "$guest" migrate-set-parameters '{"max-bandwidth":4000000000}' >/dev/null &&
        ask "$guest" migrate "{\"uri\":\"exec:cat >'$2'\"}" >/dev/null || return 1
    until [[ $answer = *'"status": "completed"'* ]]; do
        answer=$(ask "$guest" query-migrate) || return 1
        [[ $answer != *'"status": "failed"'* ]] || return 1
        sleep 0.1
    done
}

take_snapshot() {
    local guest=$1 name=$2 folder=$state/$1 work=$state/$1/snapshots/.new done=yes
    rm -rf "$work"
    mkdir -p "$work"
    if running "$guest" qemu >/dev/null; then
        ask "$guest" stop >/dev/null || fail "$guest: its machine does not answer"
        save_memory "$guest" "$work/memory" && copy_disks "$folder" "$work" || done=no
        ask "$guest" cont >/dev/null
        [ "$done" = yes ] || fail "$guest: cannot save its memory"
    else
        copy_disks "$folder" "$work"
    fi
    rm -rf "$folder/snapshots/$name"
    mv -T "$work" "$folder/snapshots/$name"
}

# A machine that stood still when its memory was saved stands still once it has been read.
resume() {
    local try
    for ((try = 0; try < 300; try++)); do
        if [ -p "$state/$1/qmp.in" ] && [[ $(ask "$1" query-status) = *'"status": "paused"'* ]]; then
            ask "$1" cont >/dev/null
            return
        fi
        sleep 0.1
    done
    return 1
}

reset_to() {
    local guest=$1 name=$2 folder=$state/$1 from=$state/$1/snapshots/$2
    [ -d "$from" ] || fail "$guest has no snapshot $name"
    cut_power "$guest"
    rm -f "$folder/faults" "$folder/words" "$folder/memory"
    copy_disks "$from" "$folder"
    [ -e "$from/memory" ] || return 0
    ln "$from/memory" "$folder/memory"
    start_machine "$guest"
    resume "$guest" || fail "$guest does not come back from its memory"
    wait_for "$guest"
    # The guest's clock stood still since the snapshot.
    ssh_to "$guest" "date -s @$(date +%s.%N)" >/dev/null
}
