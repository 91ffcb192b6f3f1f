# shellcheck shell=bash disable=SC2034
# Paths, the table of guests, and words for the person at the terminal.
guests_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
project_dir=$(cd "$guests_dir/../.." && pwd)
cache=${EBB_LAB_CACHE:-$HOME/.cache/ebb-lab}/guests
state=${EBB_LAB_STATE:-/var/lib/ebb-lab}/guests
suite=bookworm
mirror=${EBB_LAB_MIRROR:-}
boot_timeout=${EBB_LAB_BOOT_TIMEOUT:-300}
memory=${EBB_LAB_MEMORY:-512}

all_guests=(zfs1 btrfs1 overlay1 mkfs1 stock-zfs stock-ext4 stock-btrfs)

# What a guest's root lives on; it names the extra packages and the way its image is made.
guest_kind() {
    case $1 in
        zfs1 | stock-zfs) echo zfs ;;
        btrfs1 | stock-btrfs) echo btrfs ;;
        overlay1) echo overlay ;;
        mkfs1) echo mkfs ;;
        stock-ext4) echo ext4 ;;
        *) return 1 ;;
    esac
}

# Ports begin at EBB_LAB_PORTS, so that the guests of two states can run side by side.
guest_port() {
    local number=${EBB_LAB_PORTS:-2300} guest
    for guest in "${all_guests[@]}"; do
        number=$((number + 1))
        if [ "$guest" = "$1" ]; then
            echo "$number"
            return
        fi
    done
    return 1
}

# A guest is erased at boot unless it is a candidate for onboarding.
is_ephemeral() {
    case $1 in
        stock-*) return 1 ;;
        *) return 0 ;;
    esac
}

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "guests: $*"
    exit 1
}
