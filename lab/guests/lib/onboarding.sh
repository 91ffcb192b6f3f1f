# shellcheck shell=bash disable=SC2154,SC2034
# What the checks of onboarding share: an inventory, living data on a guest, and questions about them.
guests=$guests_dir/guests
config=$state/ssh_config
tool=${EBB:-$project_dir/.build/debug/ebb}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# that DESCRIPTION COMMAND… — one thing to be shown.
that() {
    local what=$1 said start=$SECONDS
    shift
    if said=$("$@" 2>&1); then
        passed=$((passed + 1))
        echo "ok $((passed + failed)) - $what ($((SECONDS - start)) s)"
    else
        failed=$((failed + 1))
        echo "not ok $((passed + failed)) - $what ($((SECONDS - start)) s)"
        printf '%s\n' "$said" | tail -n 40 | sed 's/^/#   /'
    fi
}
finish() {
    echo "# $passed of $((passed + failed)) shown"
    [ "$failed" = 0 ]
}
same() { [ -n "$1" ] && [ "$1" = "$2" ] || { printf 'before:\n%s\nafter:\n%s\n' "$1" "$2" && return 1; }; }
on() { ssh -F "$config" -o BatchMode=yes -o ConnectTimeout=60 -o ServerAliveInterval=15 "$1" "${@:2}"; }
ebb() { "$tool" "$@" --inventory "$work/inventory" --database "$work/ebb.sqlite" --connect-timeout 60s --timeout 900s; }

# What a person would write of the guest: how its root is erased, where state persists, what is to be made for that.
# How a guest's root shall be erased where its file system leaves the choice (onboard-check --root).
declare -A root=(
    [stock-ext4]='{strategy: overlay, lower: /media/root-ro}'
    [stock-zfs]='{strategy: zfs, dataset: rpool/ROOT/debian, blank: blank}'
    [stock-btrfs]='{strategy: btrfs, top: /btrfs-top, subvolume: "@rootfs", blank: "@blank"}'
)
declare -A persist=(
    [stock-ext4]='[{mount: /persist}]'
    [stock-zfs]='[{mount: /persist, dataset: rpool/safe/persist}]'
    [stock-btrfs]='[{mount: /persist, dataset: "@persist"}]'
)
declare -A datasets=(
    [stock-ext4]='[]'
    [stock-zfs]='[{name: rpool/ROOT/debian, backup: false, blank: blank}, {name: rpool/safe/persist, backup: true, properties: {mountpoint: legacy}}]'
    [stock-btrfs]='[{name: "@rootfs", backup: false, blank: "@blank"}, {name: "@persist", backup: true}]'
)
# choose_root KIND — what stock-ext4 becomes instead of an overlay by overlayroot: one by systemd.volatile, made anew, or in memory.
initramfs='initramfs-tools'
choose_root() {
    case $1 in
        overlay) ;;
        volatile) initramfs=dracut ;;
        mkfs | tmpfs)
            root[stock-ext4]="{strategy: $1, blank: /persist/blank}"
            datasets[stock-ext4]='[{name: /, backup: false, blank: /persist/blank}]'
            ;;
        *) return 1 ;;
    esac
}
make_inventory() {
    mkdir -p "$work/inventory"
    cat >"$work/inventory/hosts.yml" <<YAML
all:
  hosts:
    $1:
      ansible_host: 127.0.0.1
      ansible_port: $(guest_port "$1")
      ansible_user: root
      ansible_ssh_private_key_file: $state/id_ed25519
      ansible_ssh_common_args: -o UserKnownHostsFile=$state/known_hosts
      ebb:
        root: ${root[$1]}
        persist: ${persist[$1]}
        datasets: ${datasets[$1]}
        presets: [wireguard, postgresql, cron]
        persistence:
          - {path: /etc/ssh/ssh_host_ed25519_key, mechanism: bind, class: secret, owner: root, mode: "0600"}
          - {path: /etc/ssh/ssh_host_ed25519_key.pub, mechanism: bind, class: identity, owner: root}
        accept:
          - {path: "/var/log/**", reason: sent to the log server, by: check}
          - {path: "/var/cache/**", reason: made again, by: check}
          - {path: "/var/lib/systemd/**", reason: made again, by: check}
        reboot: {timeout: 900s}
YAML
}

# Ebb formats nothing: where persistent storage is a device of its own, a person makes its file system.
prepare_storage() {
    [ "$1" = stock-ext4 ] || return 0
    [ "$initramfs" != dracut ] || prepare_dracut "$1"
    on "$1" 'mkfs.ext4 -q -F /dev/vdc && mkdir -p /persist &&
        echo "/dev/vdc /persist ext4 noatime 0 0" >>/etc/fstab && systemctl daemon-reload && mount /persist'
}

# What a Debian system has that was set up with dracut: systemd in its initramfs, and no initramfs-tools.
# shellcheck disable=SC2016  # expanded in the guest
prepare_dracut() {
    on "$1" 'dpkg --remove --force-depends overlayroot initramfs-tools initramfs-tools-core >/dev/null 2>&1
        dracut --force --quiet --no-hostonly-cmdline "/boot/initrd.img-$(uname -r)" "$(uname -r)"' &&
        "$guests" reboot "$1"
}

# shellcheck disable=SC2016  # expanded in the guest
make_data() {
    on "$1" 'set -e
        for try in $(seq 90); do su postgres -c "psql -qAtc \"select 1\"" >/dev/null 2>&1 && break; sleep 1; done
        cd /tmp
        su postgres -c "createdb shop"
        su postgres -c "psql -q shop" <<SQL
create table orders (id integer primary key, amount numeric not null);
insert into orders select n, n * 1.5 from generate_series(1, 500) as n;
checkpoint;
SQL
        mkdir -p -m 700 /etc/wireguard
        umask 077
        head -c 32 /dev/urandom | base64 >/etc/wireguard/wg0.key
        printf "[Interface]\nPrivateKey = %s\n" "$(cat /etc/wireguard/wg0.key)" >/etc/wireguard/wg0.conf
        echo "17 4 * * * /usr/local/bin/backup" | crontab -
        sync'
}
# Everything that must not be lost, as text that is equal as long as nothing is.
fingerprint() {
    # shellcheck disable=SC2016  # expanded in the guest
    on "$1" 'for try in $(seq 90); do su postgres -c "psql -qAtc \"select 1\" shop" >/dev/null 2>&1 && break; sleep 1; done
        cd /tmp
        su postgres -c "psql -qAt shop -c \"select count(*), sum(amount), md5(string_agg(id || chr(58) || amount, chr(44) order by id)) from orders where id <= 500\""
        for path in /etc/wireguard/wg0.key /etc/wireguard/wg0.conf /etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key.pub /var/spool/cron/crontabs/root; do
            stat -c "%n %U:%G %u:%g %a %Y" "$path"
            sha256sum <"$path"
        done
        stat -c "%n %U:%G %a" /etc/wireguard /var/lib/postgresql /var/lib/postgresql/15/main /var/spool/cron/crontabs
        crontab -l'
}
plant_junk() { on "$1" 'echo junk | tee /root/junk /etc/junk /var/lib/junk /usr/local/junk >/dev/null; sync'; }
junk_is_gone() {
    # shellcheck disable=SC2016  # expanded in the guest
    on "$1" 'for path in /root/junk /etc/junk /var/lib/junk /usr/local/junk; do [ ! -e "$path" ] || { echo "$path"; exit 1; }; done'
}
rows_stay() {
    on "$1" "cd /tmp && su postgres -c 'psql -q shop -c \"insert into orders values (1000, 1)\"' && sync" &&
        ebb reboot run "$1" --yes &&
        fingerprint "$1" >/dev/null &&
        [ "$(on "$1" "cd /tmp && su postgres -c 'psql -qAt shop -c \"select count(*) from orders\"'")" = 501 ]
}
proven() {
    local count
    count=$(python3 - "$work/ebb.sqlite" "$1" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(db.execute("select count(*) from boot join host on host.id = hostID where name = ? and erasure = 'erased' and retention = 'kept'", (sys.argv[2],)).fetchone()[0])
PY
    )
    [ "$count" -ge "$2" ] || { echo "$count proven boots, not $2" && return 1; }
}
plan_changes_nothing() {
    local before after
    before=$(on "$1" 'cat /etc/fstab; ls -a /etc /etc/systemd/system /etc/initramfs-tools/*; mount | sort')
    ebb onboard "$1" plan || [ $? = 4 ] || return 1
    after=$(on "$1" 'cat /etc/fstab; ls -a /etc /etc/systemd/system /etc/initramfs-tools/*; mount | sort')
    same "$before" "$after"
}
changes_nothing() {
    local before said
    before=$(on "$1" cat /proc/sys/kernel/random/boot_id)
    said=$(ebb onboard "$1" apply --yes --format json)
    printf '%s\n' "$said"
    grep -q '"changed": *false' <<<"$said" &&
        same "$before" "$(on "$1" cat /proc/sys/kernel/random/boot_id)"
}
nothing_to_undo() {
    local said
    said=$(ebb onboard "$1" rollback --yes --format json)
    printf '%s\n' "$said"
    grep -q '"changed": *false' <<<"$said"
}
not_reached() {
    local said status=0
    said=$(ebb onboard "$1" rollback --yes --connect-timeout 5s 2>&1) || status=$?
    printf 'exit status %s\n%s\n' "$status" "$said"
    [ "$status" = 4 ]
}
healthy() {
    # shellcheck disable=SC2016  # expanded in the guest
    on "$1" 'for i in $(seq 90); do state=$(systemctl is-system-running); case $state in starting|initializing) sleep 1 ;; *) break ;; esac; done
        systemctl --failed --no-legend; test "$state" = running'
}
key_is_pinned() {
    local port
    port=$(guest_port "$1")
    ssh-keyscan -T 60 -t ed25519 -p "$port" 127.0.0.1 2>/dev/null | cut -d' ' -f2,3 | grep -xF -f - \
        <(grep -F "[127.0.0.1]:$port " "$state/known_hosts" | cut -d' ' -f2,3) >/dev/null
}
documents_fit() {
    local words
    for words in "onboard $1 plan" "onboard $1 apply --yes" "datasets plan $1" "persistence show $1" "persistence verify $1" "persistence orphans $1"; do
        # shellcheck disable=SC2086  # words
        (ebb $words --format json || true) | "$project_dir/lab/fits" || { echo "ebb $words" && return 1; }
    done
}

# show_onboarded GUEST BEFORE — that a guest on which `apply` ended is erased at every boot, and keeps what it had.
show_onboarded() {
    local guest=$1 before=$2
    that "$guest: the first boot was proven" proven "$guest" 1
    plant_junk "$guest"
    that "$guest: a second boot is proven" ebb reboot run "$guest" --yes
    that "$guest: two boots are proven" proven "$guest" 2
    that "$guest: planted junk is gone" junk_is_gone "$guest"
    that "$guest: rows, key, cron job and host keys are what they were" same "$before" "$(fingerprint "$guest")"
    that "$guest: the database takes new rows, and they stay" rows_stay "$guest"
    that "$guest: the host key is the pinned one" key_is_pinned "$guest"
    that "$guest: every declared path is in effect" ebb persistence verify "$guest"
    that "$guest: applying again changes nothing" changes_nothing "$guest"
    that "$guest: no failed unit" healthy "$guest"
    that "$guest: documents fit their schemas" documents_fit "$guest"
}

# show_rollback GUEST STEP BEFORE — that `rollback` brings a guest back from that step.
show_rollback() {
    local guest=$1 step=$2 before=$3
    that "$guest, $step: ebb takes it back" ebb onboard "$guest" rollback --yes --pause-services
    that "$guest, $step: no declared byte is lost" same "$before" "$(fingerprint "$guest")"
    that "$guest, $step: nothing is left in the way" is_plain "$guest"
    that "$guest, $step: a second rollback changes nothing" nothing_to_undo "$guest"
    that "$guest, $step: a boot erases nothing" junk_stays "$guest"
    that "$guest, $step: and keeps all data" same "$before" "$(fingerprint "$guest")"
    that "$guest, $step: no failed unit" healthy "$guest"
}
is_plain() {
    # shellcheck disable=SC2016  # expanded in the guest
    on "$1" 'status=0
        for path in /etc/systemd/system/ebb-persist.service /usr/local/lib/ebb/ebb-persist /etc/initramfs-tools/hooks/ebb-erase \
            /etc/initramfs-tools/scripts/*/ebb-* /etc/overlayroot.local.conf; do
            ! test -e $path || { echo "$path is left"; status=1; }
        done
        lsinitramfs /boot/initrd.img-$(uname -r) | grep "ebb-\(erase\|overlay\)" && status=1
        for path in /etc/wireguard /var/lib/postgresql /etc/ssh/ssh_host_ed25519_key; do
            ! mountpoint -q $path || { echo "$path is a mount"; status=1; }
        done
        exit $status'
}
junk_stays() {
    plant_junk "$1" && "$guests" reboot "$1" && ! junk_is_gone "$1" >/dev/null
}
