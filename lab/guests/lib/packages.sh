# shellcheck shell=bash disable=SC2154
# What the controller needs, installed where it is missing and there is apt to do it.
ensure_packages() {
    local pair missing=()
    for pair in qemu-system-x86_64=qemu-system-x86 qemu-img=qemu-utils mmdebstrap=mmdebstrap cpio=cpio lz4=lz4 \
        mke2fs=e2fsprogs debugfs=e2fsprogs sfdisk=fdisk ssh-keygen=openssh-client flock=util-linux socat=socat modinfo=kmod; do
        PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || fail "not here: ${missing[*]} (install them, or run as root)"
    say "installing ${missing[*]}"
    apt-get -qq -o DPkg::Lock::Timeout=300 update >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}" >/dev/null
}
