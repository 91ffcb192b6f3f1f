# shellcheck shell=bash disable=SC2154
# One guest's running machine: its folder under $state, its processes, its answers.

# Process ids are only believed while the process still is what the file says, so that nothing else is ever ended.
running() {
    local pid
    pid=$(cat "$state/$1/$2.pid" 2>/dev/null) || return 1
    { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -F -- "$state/$1" >/dev/null && echo "$pid"
}

ssh_to() { ssh -F "$state/ssh_config" -o BatchMode=yes -o ConnectTimeout=60 -o ServerAliveInterval=15 "$@"; }

# Lines of the serial log since the machine was last started or stopped.
# shellcheck disable=SC2016  # sed's own
serial_since() { sed -n 'H; /^== ebb-lab: /h; ${x;p}' "$state/$1/serial.log" 2>/dev/null | tr -d '\r'; }

show_serial() {
    say "$1: the last lines of $state/$1/serial.log:"
    tail -n "${2:-25}" "$state/$1/serial.log" | tr -d '\000-\010\013-\037\177' | sed 's/^/    /' >&2
}

# Has the present boot ended in a way that no waiting mends?
gave_up() {
    running "$1" supervisor >/dev/null || return 0
    serial_since "$1" | grep -E '^ebb-lab: (NOT BOOTING|HANGING)|Kernel panic|No init found|^\(initramfs\)|emergency mode' >/dev/null
}

answers() {
    local port
    # What answers without this machine is somebody else's.
    running "$1" qemu >/dev/null || return 1
    port=$(guest_port "$1")
    # shellcheck disable=SC2016  # expanded by the inner shell
    timeout 10 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && read -r -t 9 line <&3 && [[ $line = SSH-* ]]' "$port" 2>/dev/null &&
        ssh_to -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$1" true 2>/dev/null
}

# wait_for GUEST — until it answers by ssh; else its serial log's last lines and status 1.
wait_for() {
    local start=$SECONDS
    while ! answers "$1"; do
        if gave_up "$1" || [ $((SECONDS - start)) -ge "$boot_timeout" ]; then
            say "$1 does not answer ($((SECONDS - start)) s)"
            show_serial "$1"
            return 1
        fi
        sleep 1
    done
}

# Disks are of use only as long as the image that they lie on is in the cache.
has_disks() {
    [ -f "$state/$1/image" ] && [ -d "$(<"$state/$1/image")" ]
}

# prepare GUEST IMAGE — its folder with throw-away disks on top of the image.
prepare() {
    local guest=$1 image=$2 folder=$state/$1 work
    [ -d "$image" ] || return 1
    cut_power "$guest"
    mkdir -p "$state"
    rm -rf "$folder" "$state/.new-$guest"
    work=$state/.new-$guest
    mkdir "$work"
    echo "$image" >"$work/image"
    grep -qxsF "$folder" "$image/users" || echo "$folder" >>"$image/users"
    qemu-img create -q -f qcow2 -b "$image/disk.raw" -F raw "$work/disk.qcow2"
    cp --sparse=always "$image/boot.img" "$work/boot.img"
    if [ "$guest" = stock-ext4 ]; then qemu-img create -q -f qcow2 "$work/spare.qcow2" 2G; fi
    mv -T "$work" "$folder"
}

# Ways in for a person and for Ebb: key, pinned host keys, ssh_config with the guests' names.
write_access() {
    local guest port
    install -m 600 "$(lab_key)" "$state/id_ed25519"
    install -m 644 "$(lab_key).pub" "$state/id_ed25519.pub"
    {
        exec {lock}>"$state/.lock"
        flock "$lock"
        : >"$state/known_hosts.new"
        : >"$state/ssh_config.new"
        for guest in "${all_guests[@]}"; do
            [ -f "$state/$guest/image" ] || continue
            port=$(guest_port "$guest")
            echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$(<"$state/$guest/image")/host-key.pub")" >>"$state/known_hosts.new"
            printf '%s\n' "Host $guest" "    HostName 127.0.0.1" "    Port $port" "    User root" \
                "    IdentityFile $state/id_ed25519" "    IdentitiesOnly yes" \
                "    UserKnownHostsFile $state/known_hosts" "    StrictHostKeyChecking yes" >>"$state/ssh_config.new"
        done
        mv "$state/known_hosts.new" "$state/known_hosts"
        mv "$state/ssh_config.new" "$state/ssh_config"
        exec {lock}>&-
    }
}

start_machine() {
    ! running "$1" supervisor >/dev/null || return 0
    setsid nohup "$guests_dir/supervise" "$1" "$state/$1" >>"$state/$1/supervisor.log" 2>&1 </dev/null &
    echo $! >"$state/$1/supervisor.pid"
    until running "$1" supervisor >/dev/null || ! kill -0 $! 2>/dev/null; do sleep 0.05; done
}

# cut_power GUEST — ends its machine as a power cut does, and its supervisor.
cut_power() {
    local pid what
    ! running "$1" qemu >/dev/null || printf '\n== ebb-lab: power cut, %s\n' "$(date -u +%FT%TZ)" >>"$state/$1/serial.log"
    # The supervisor first, with all that it has just begun: a removal that comes late would hit the next machine's files.
    for what in supervisor qemu; do
        if pid=$(running "$1" "$what"); then
            kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
            while running "$1" "$what" >/dev/null; do sleep 0.1; done
        fi
    done
    rm -f "$state/$1"/{qmp.in,qmp.out,serial.sock}
    return 0
}

# ask GUEST COMMAND [ARGUMENTS] — a command to QEMU's monitor; prints its answer.
ask() {
    local id=$RANDOM$RANDOM folder=$state/$1 answer try
    printf '{"execute":"%s","arguments":%s,"id":"%s"}\n' "$2" "${3:-{\}}" "$id" >"$folder/qmp.in"
    for ((try = 0; try < 600; try++)); do
        if answer=$(grep -F "\"id\": \"$id\"" "$folder/qmp.out"); then
            printf '%s\n' "$answer"
            [[ $answer != *'"error"'* ]]
            return
        fi
        sleep 0.1
    done
    return 1
}
