# shellcheck shell=bash
# Makes what is missing: packages of this machine, the image, keys, disks. Everything is made under a
# temporary name and renamed, so what has its name is whole.

install_packages() {
    local entry missing=()
    for entry in mmdebstrap:mmdebstrap systemd-nspawn:systemd-container mkfs.btrfs:btrfs-progs \
        ssh-keygen:openssh-client mke2fs:e2fsprogs unshare:util-linux pgrep:procps; do
        command -v "${entry%%:*}" >/dev/null || missing+=("${entry#*:}")
    done
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "please install: ${missing[*]}"
    say "installing ${missing[*]}"
    local log=$cache/packages.log
    {
        apt-get -q -o DPkg::Lock::Timeout=300 update &&
            DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
                -o DPkg::Lock::Timeout=300 install "${missing[@]}"
    } >"$log" 2>&1 || die "apt-get failed, see $log"
}

image_path() {
    local key
    key=$(
        cd "$lab_dir" && {
            echo "$suite"
            cat lib/build-image provision/packages provision/base.sh provision/postgresql.sh
        } | sha256sum | cut -c 1-16
    )
    printf '%s\n' "$cache/image-$key.btrfs"
}

# What a disk is made from, beside the image.
disk_key() {
    cat "$lab_dir/lib/make-disk" "$lab_dir/provision/host.sh" "$lab_dir/provision/$1.sh" \
        "$lab_dir"/../Sources/EbbSetup/Host/ebb-persist{,.service} | cat - <(basename "$image") | sha256sum | cut -c 1-16
}

build_image() {
    image=$(image_path)
    [ ! -e "$image" ] || return 0
    rm -rf "$cache"/*.partial "$cache"/build.*
    say "building the image (once, about a minute)"
    (isolated "$lab_dir/lib/build-image" "$image") >"$cache/build.log" 2>&1 ||
        die "the image could not be built, see $cache/build.log"
    # Images of older recipes: the newest two stay.
    find "$cache" -name 'image-*.btrfs' -printf '%T@ %p\n' | sort -rn | tail -n +3 | cut -d ' ' -f 2- |
        xargs -r -d '\n' rm -f --
}

# An SSH key, whole or not there.
make_key() {
    local type=$1 file=$2 comment=$3
    [ ! -e "$file" ] || return 0
    rm -f -- "$file.new" "$file.new.pub"
    ssh-keygen -q -t "$type" -N '' -C "$comment" -f "$file.new"
    mv -- "$file.new.pub" "$file.pub"
    mv -- "$file.new" "$file"
}

make_identity() {
    describe_host "$1"
    mkdir -p "$host_dir/keys" "$host_dir/faults"
    chmod 700 "$host_dir"
    make_key ed25519 "$host_dir/keys/ssh_host_ed25519_key" "$1"
    make_key ecdsa "$host_dir/keys/ssh_host_ecdsa_key" "$1"
    if [ ! -s "$host_dir/machine-id" ]; then
        tr -d - </proc/sys/kernel/random/uuid >"$host_dir/machine-id.new"
        mv "$host_dir/machine-id.new" "$host_dir/machine-id"
    fi
}

write_known_hosts() {
    local host
    for host in "${all_hosts[@]}" "${more_hosts[@]}"; do
        describe_host "$host"
        [ ! -e "$host_dir/keys/ssh_host_ed25519_key.pub" ] ||
            printf '[%s]:%s %s\n' "$address" "$port" "$(cut -d ' ' -f 1,2 "$host_dir/keys/ssh_host_ed25519_key.pub")"
    done >"$state/known_hosts.new"
    mv "$state/known_hosts.new" "$state/known_hosts"
}

make_disks() {
    local host made=() jobs=()
    for host in "$@"; do
        describe_host "$host"
        if [ -e "$host_dir/disk.img" ]; then
            [ "$(disk_key "$host")" = "$(cat "$host_dir/disk.key" 2>/dev/null)" ] ||
                say "$host has a disk of another recipe: 'lab reset $host' makes a new one"
            continue
        fi
        # On record before the disk is there: the disk is what counts as finished.
        disk_key "$host" >"$host_dir/disk.key"
        isolated "$lab_dir/lib/make-disk" "$host" "$image" >"$host_dir/disk.log" 2>&1 &
        jobs+=($!)
        made+=("$host")
    done
    local index failed=()
    for index in "${!jobs[@]}"; do
        wait "${jobs[index]}" || failed+=("${made[index]}")
    done
    [ ${#failed[@]} -eq 0 ] || die "no disk for ${failed[*]}, see disk.log in $state/hosts/${failed[0]}"
}
