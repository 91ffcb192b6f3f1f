# shellcheck shell=bash
# What every part of the lab knows: places, the hosts, and how to run something so that nothing of it stays.

lab_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
state=${EBB_LAB_STATE:-/var/lib/ebb-lab}
cache=${EBB_LAB_CACHE:-$HOME/.cache/ebb-lab}
suite=${EBB_LAB_SUITE:-bookworm}
port=2222
# Two labs with states of their own do not end each other's hosts.
cgroup_prefix=ebb-lab-$(printf %s "$state" | cksum | cut -d ' ' -f 1)
all_hosts=(builder1 db1 nas1 pi1)
# Hosts with rarer kinds of roots; they are made only when they are named.
more_hosts=(kiosk1 gateway1)
all_faults=(skip-erase skip-erase-scratch lose-persist empty-persist never-back new-host-keys slow
    wrong-machine no-authorized-keys boot-loop fail-unit freeze-ssh inhibit cut-answer late-reboot soft-reboot)

die() {
    printf 'lab: %s\n' "$*" >&2
    exit 1
}

say() {
    printf 'lab: %s\n' "$*" >&2
}

# Tries a command until it succeeds, at most $1 seconds.
within() {
    local deadline=$((SECONDS + $1))
    until "${@:2}"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.02
    done
}

# Sets address, user, root_kind, tree of one host.
describe_host() {
    tree=base
    root_kind=btrfs
    user=root
    case $1 in
        builder1) address=127.0.3.11 ;;
        db1) address=127.0.3.12 user=ebb tree=postgresql ;;
        nas1) address=127.0.3.13 ;;
        pi1) address=127.0.3.14 user=pi root_kind=overlay ;;
        kiosk1) address=127.0.3.15 root_kind=tmpfs ;;
        gateway1) address=127.0.3.16 root_kind=mkfs ;;
        *) die "no host is called '$1' (there are: ${all_hosts[*]} ${more_hosts[*]})" ;;
    esac
    host_dir=$state/hosts/$1
}

# Replaces this process: run it in a subshell or in the background. The command gets mount and
# process namespaces of its own and dies with the lab command, so a build that is killed half way
# leaves no mount, no loop device and no process behind.
isolated() {
    exec setpriv --pdeathsig KILL \
        unshare --mount --pid --fork --kill-child --mount-proc -- "$@"
}

# When a process started; fails for one that has ended, also where nobody has taken note of that yet.
start_time() {
    local stat fields
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # The second field may hold spaces; what follows its closing parenthesis does not.
    read -ra fields <<<"${stat##*) }"
    [ "${fields[0]}" != Z ] || return 1
    printf '%s\n' "${fields[19]}"
}

# The supervisor's process, if it is really ours: a number alone may have been given away again.
supervisor_pid() {
    local pid started
    read -r pid started 2>/dev/null <"$state/hosts/$1/pid" || return 1
    [ "$(start_time "$pid")" = "$started" ] || return 1
    printf '%s\n' "$pid"
}

only_child() {
    local children
    read -r children _ 2>/dev/null <"/proc/$1/task/$1/children" || [ -n "${children:-}" ] || return 1
    [ -n "$children" ] && printf '%s\n' "$children"
}

ssh_command() {
    describe_host "$1"
    ssh_argv=(ssh -F none -i "$state/id_ed25519" -p "$port" -l "$user"
        -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$state/known_hosts"
        -o GlobalKnownHostsFile=/dev/null -o UpdateHostKeys=no -o ConnectTimeout=5
        # The default exchange of OpenSSH 9 costs 0.1 s of CPU per connection.
        -o KexAlgorithms=curve25519-sha256 "$address")
}
