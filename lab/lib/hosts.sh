# shellcheck shell=bash
# Starts, ends and asks hosts.

# Sets nspawn, init and their kin for a host that runs.
find_processes() {
    local outer
    nspawn='' init=''
    outer=$(supervisor_pid "$1") || return 1
    supervisor=$(only_child "$outer") || return 1
    nspawn=$(pgrep -P "$supervisor" -x systemd-nspawn) || return 1
    init=$(only_child "$nspawn")
}

ssh_servers() {
    find_processes "$1" && pgrep --ns "$init" --nslist pid -x sshd
}

start_host() {
    local host=$1
    describe_host "$host"
    # One that is off may still be taking its mounts down; end_host ends what does not get that done.
    within 60 is_up_or_gone "$host" || :
    if supervisor_pid "$host" >/dev/null && ! is_off; then return; fi
    end_host "$host"
    if [ -e "$host_dir/faults/never-back" ]; then
        say "$host never comes back: 'lab fault $host clear' first"
        return 1
    fi
    if banner "$address" >/dev/null; then die "something else listens on $address port $port"; fi
    rm -f "$host_dir/power-cut"
    echo starting >"$host_dir/state"
    setsid "$lab_dir/lib/start" "$host" </dev/null >>"$host_dir/log" 2>&1 &
    within 60 test -e "$host_dir/pid" && return
    say "$host was not started within a minute, see $host_dir/log"
    return 1
}

is_off() { [[ $(cat "$host_dir/state" 2>/dev/null) = @(off|failed*) ]]; }

is_up_or_gone() { ! supervisor_pid "$1" >/dev/null || ! is_off; }

# Ends a host hard, with all that belongs to it; what an ended one left goes too.
end_host() {
    local outer inner group
    outer=$(supervisor_pid "$1") || outer=''
    if [ -n "$outer" ]; then
        inner=$(only_child "$outer") || inner=''
        kill -KILL "$outer"
        # The innermost process 1 goes last: after it nothing of the host runs.
        while [ -n "$inner" ] && start_time "$inner" >/dev/null; do sleep 0.02; done
    fi
    describe_host "$1"
    for group in /sys/fs/cgroup{,/unified,/systemd}/"$cgroup_prefix-$1"; do
        [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
    done
    for _ in {1..250}; do
        [ -n "$(losetup -n -O NAME -j "$host_dir/disk.img" 2>/dev/null)" ] || break
        sleep 0.02
    done
    rm -f "$host_dir/pid"
}

# What the SSH server at an address says first.
banner() {
    # shellcheck disable=SC2016 # the inner shell expands
    timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2" && IFS= read -r line <&3 && printf "%s\n" "$line"' \
        banner "$1" "$port" 2>/dev/null
}

# Sets condition to what systemd says; keeps trying for two minutes.
wait_for_host() {
    local deadline=$((SECONDS + 120)) errors
    ssh_command "$1"
    while :; do
        # It waits for a host that is starting for as long as that takes, which may be for ever.
        errors=$({ condition=$(timeout "$((deadline > SECONDS ? deadline - SECONDS : 1))" \
            "${ssh_argv[@]}" sudo -n systemctl is-system-running --wait); } 2>&1
            printf '%s' "${condition:+is $condition}")
        case $errors in
            *'is running') condition=running && return 0 ;;
            *'is degraded')
                condition="degraded: $("${ssh_argv[@]}" systemctl list-units --failed --plain --no-legend | cut -d ' ' -f 1 | xargs)"
                return 1
                ;;
            *'verification failed'*) condition='has other host keys' && return 1 ;;
            *'Permission denied'*) condition='takes no key of ours' && return 1 ;;
        esac
        if ! supervisor_pid "$1" >/dev/null; then
            condition="is off ($(cat "$state/hosts/$1/state")), see $state/hosts/$1/log"
            return 1
        fi
        if [ $SECONDS -ge $deadline ]; then
            errors=${errors##*$'\n'}
            condition="does not get ready in two minutes: ${errors:-it is still starting}"
            return 1
        fi
        sleep 0.1
    done
}

host_state() {
    describe_host "$1"
    if [ ! -e "$host_dir/disk.img" ]; then
        echo absent
    elif ! supervisor_pid "$1" >/dev/null; then
        if grep -q '^failed' "$host_dir/state" 2>/dev/null; then cat "$host_dir/state"; else echo off; fi
    elif [ "$(cat "$host_dir/state")" != running ]; then
        cat "$host_dir/state"
    elif is_frozen "$1"; then
        echo frozen
    elif banner "$address" >/dev/null; then
        echo running
    else
        echo booting
    fi
}

is_frozen() {
    local pids
    pids=$(ssh_servers "$1") || return 1
    # shellcheck disable=SC2086 # several numbers
    ps -o state= -p ${pids//$'\n'/,} | grep T >/dev/null
}
