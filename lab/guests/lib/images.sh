# shellcheck shell=bash disable=SC2154
# Names of what the store holds, and building what is missing.

# The kernel that ready-made ZFS modules are for, if there are any.
kernel_with_modules() {
    local from=${EBB_LAB_ZFS_MODULES:-} file
    for file in "$from" "$from"/zfs-modules-*.deb; do
        if [[ -n $from && $file = *.deb && -f $file ]]; then
            dpkg-deb -f "$file" Package | sed 's/^zfs-modules-//'
            return
        fi
    done
}

lab_key() { echo "$cache/key/id_ed25519"; }

# make_key DIRECTORY
make_key() { ssh-keygen -q -t ed25519 -N '' -C 'ebb lab' -f "$1/id_ed25519"; }

# ensure_image GUEST — builds whatever is missing, and prints the image's directory.
ensure_image() {
    local guest=$1 base modules='' services='' name kind inputs input there=()
    kind=$(guest_kind "$guest")
    [ "$(id -u)" = 0 ] || fail "only root can build images"
    stored key make_key >&2
    base=base-$(key "$guests_dir/build/base" "$guests_dir/build/unpack-kernel" "$suite" "$mirror")
    stored "$base" "$guests_dir/build/base" "kernel=$(kernel_with_modules)" >&2
    if [ "$kind" = zfs ]; then
        modules=zfs-modules-$(<"$cache/$base/kernel")
        stored "$modules" "$guests_dir/build/zfs-modules" "$cache/$base" >&2
    fi
    inputs=("$guests_dir"/build/{tree,image} "$guests_dir"/guest/{all,"$kind","$guest"})
    inputs+=("$guests_dir/install/start" "$guests_dir/install/$guest")
    if is_ephemeral "$guest"; then
        inputs+=("$guests_dir/guest/ephemeral" "$project_dir"/Sources/EbbSetup/Host/ebb-persist{,.service})
    else
        services=services-$(key "$guests_dir/build/services" "$base")
        stored "$services" "$guests_dir/build/services" "$cache/$base" >&2
        inputs+=("$guests_dir/guest/stock")
    fi
    # What a guest has nothing of would be hashed as its path, which differs from checkout to checkout.
    for input in "${inputs[@]}"; do
        [ ! -e "$input" ] || there+=("$input")
    done
    name=$guest-$(key "${there[@]}" "$base" "$modules" "$services" "$(lab_key).pub")
    stored "$name" "$guests_dir/build/image" "$guest" "$cache/$base" "${modules:+$cache/$modules}" \
        "${services:+$cache/$services}" "$(lab_key).pub" >&2
    sweep "$base" ${services:+"$services"} "$name"
    echo "$cache/$name"
}
