# shellcheck shell=sh
# Cuts the power at every command of a script that moves a path, and looks for lost bytes.
#
#   unshare -m sh power-cut.sh DIR NAME WHAT ROOT-FS PERSIST-FS ERASE [STRIDE]
#
# DIR holds adopt and rollback (the scripts, made for DIR/root and DIR/persist, path DIR/root/NAME)
# and persist-unit (the boot-time script). WHAT is file or directory; ERASE is yes, no, or rollback
# (no erasing, and a rollback instead of the second adopt). The power is cut for real as far as the
# file systems are concerned: their devices are copied as they are at that instant, and the copies
# are mounted next.
#
# Prints one line for each cut that lost something, and `cuts N` at the end.
set -u
dir=$1
name=$2
what=$3
root_fs=$4
persist_fs=$5
erase=$6
stride=${7:-1}
cd "$dir" || exit 1
mount --make-rprivate / 2>/dev/null
# A /run of its own: removing a mount point there would unmount it in every other namespace too.
mount -t tmpfs tmpfs /run || exit 1
mkdir -p root persist shim blank

for command in cp mv mount umount sync ln rm mkdir rmdir tar chmod chown; do
    real=$(command -v "$command")
    cat >"shim/$command" <<SHIM
#!/bin/sh
n=\$((\$(cat "$dir/count") + 1))
echo "\$n" >"$dir/count"
if [ "\$n" = "\$(cat "$dir/cut")" ]; then
    if [ "\$((n % 2))" = 0 ]; then "$real" "\$@"; fi
    "$dir/crash"
fi
exec "$real" "\$@"
SHIM
done
# The devices as they are now, and then the end of every process of the script.
cat >crash <<CRASH
#!/bin/sh
/usr/bin/cp --sparse=always "$dir/root.img" "$dir/root.cut"
/usr/bin/cp --sparse=always "$dir/persist.img" "$dir/persist.cut"
kill -9 0
CRASH
chmod 755 shim/* crash

make_image() { # FILE FS
    rm -f "$1"
    case $2 in
        ext4) truncate -s 24M "$1" && mkfs.ext4 -q -O ^metadata_csum_seed "$1" ;;
        btrfs) truncate -s 128M "$1" && mkfs.btrfs -q -M "$1" >/dev/null 2>&1 ;;
    esac
}

fill() {
    mkdir -p root/top && chmod 711 root/top && chown 0:4 root/top
    if [ "$what" = file ]; then
        printf 'key material\n' >"root/$name"
        chmod 600 "root/$name"
        chown 7:8 "root/$name"
        setfattr -n user.note -v kept "root/$name"
        return
    fi
    mkdir "root/$name"
    (
        cd "root/$name" || exit 1
        mkdir -p a/b empty 'odd name' && chmod 2770 a && chown 12:34 a
        : >a/empty-flag
        printf one >a/one
        ln a/one a/b/two
        ln -s ../../nowhere a/dangling
        odd=$(printf 'odd name/line\nbreak\tand \\ back\001slash*?[')
        printf odd >"$odd"
        printf x >'odd name/-n'
        truncate -s 3M a/sparse && printf end >>a/sparse
        mkfifo a/fifo
        setfattr -n user.b -v 1 a/one && setfattr -n user.a -v 2 a/one
        setfacl -m u:1:rx -m d:u:1:rwx a
        setfacl -m u:1:r a/empty-flag
        touch -d '2001-02-03 04:05:06.789' a/one a/b .
        chmod 700 .
    )
}

# All that must not be lost, as text.
manifest() {
    if [ -d "$1" ]; then
        (
            cd "$1" || exit 1
            find . ! -type d -printf '%n %P\n' | sort
            find . -printf '%P|%y|%m|%U|%G|%l|%T@\n' | sort
            find . -type f -print0 | sort -z | xargs -0 sha256sum
            find . -print0 | sort -z | xargs -0 -n1 sh -c \
                'echo "$1"; getfattr -h -d -m - -- "$1" | grep -v "^# file" | sort' sh
        )
    else
        stat -L -c '%a %u %g %Y' "$1"
        sha256sum <"$1"
        getfattr -d -m - --absolute-names "$1" | grep -v '^# file' | sort
    fi 2>/dev/null
}

boot() { # mounts the images, puts the table in effect
    mount -o loop root.img root && mount -o loop persist.img persist || exit 1
    for journal in persist/.ebb/adopt/*; do
        if [ -e "$journal/boot" ]; then echo another >"$journal/boot"; fi
    done
    sh persist-unit "$dir/persist" >boot.out 2>&1
}

halt() {
    rm -rf /run/ebb-under-* 2>/dev/null
    for _ in 1 2 3; do
        grep -o " $dir/[^ ]* " /proc/self/mountinfo | sort -ru | while read -r mounted; do
            umount -l "$(printf %b "$(printf %s "$mounted" | sed 's/\\/\\0/g')")" 2>/dev/null
        done
        grep -q " $dir/" /proc/self/mountinfo || break
    done
    grep '/run/ebb-under' /proc/self/mountinfo | cut -d' ' -f5 | xargs -r umount -l
}

make_image root.start "$root_fs"
make_image persist.start "$persist_fs"
mount -o loop root.start root || exit 1
cp --sparse=always root.start root.empty
fill
manifest "root/$name" >wanted
umount root
# What an erased root comes back with: the top directory, and an older version of the path.
cp --sparse=always root.empty root.blank
mount -o loop root.blank root
mkdir -p root/top && chmod 711 root/top && chown 0:4 root/top
if [ "$what" = file ]; then echo old >"root/$name"; else mkdir "root/$name"; echo old >"root/$name/old"; fi
umount root

cut=0
lost=0
erasures=0
while [ "$cut" -lt 400 ]; do
    cut=$((cut + stride))
    cp --sparse=always root.start root.img
    cp --sparse=always persist.start persist.img
    boot
    echo 0 >count
    echo "$cut" >./cut
    PATH=$dir/shim:$PATH setsid -w sh -s <adopt >first.out 2>&1
    if [ "$(cat count)" -lt "$cut" ]; then
        halt
        break
    fi
    halt
    mv root.cut root.img
    mv persist.cut persist.img
    erased=no
    if [ "$erase" = yes ]; then
        # Only when the copy was complete can anything be asked of an erased root.
        mount -o loop persist.img persist
        case $(cat persist/.ebb/adopt/*/state 2>/dev/null) in
            copied | compared | placing | placed | listed | effective) erased=yes ;;
        esac
        umount persist
        if [ "$erased" = yes ]; then
            cp --sparse=always root.blank root.img
            erasures=$((erasures + 1))
        fi
    fi
    boot
    echo 100000 >./cut
    again=adopt
    if [ "$erase" = rollback ]; then again=rollback; fi
    sh -s <"$again" >second.out 2>&1
    manifest "root/$name" >got
    if ! cmp -s wanted got || ! grep -q "$(printf '\tend\t\\(ok\\|changed\\):')" second.out; then
        lost=$((lost + 1))
        echo "LOST at cut $cut (erased: $erased) after $(cut -f3 first.out | tr '\n' ' ')"
        cut -f 2- second.out | head -20
        diff wanted got | head -10
        cat boot.out
    fi
    # Once more changes nothing, and the next boot brings it back.
    sh -s <"$again" >third.out 2>&1
    if ! grep -q "$(printf '\tend\tok:')" third.out; then
        lost=$((lost + 1))
        echo "NOT IDEMPOTENT at cut $cut: $(cut -f 2- third.out)"
    fi
    if [ "$again" = adopt ]; then
        halt
        cp --sparse=always root.blank root.img
        boot
        manifest "root/$name" >got
        if ! cmp -s wanted got; then
            lost=$((lost + 1))
            echo "NOT BACK after an erasing boot, cut $cut: $(cat boot.out)"
        fi
    fi
    halt
    [ "$lost" -lt 3 ] || break
done
echo "cuts $((cut / stride - 1)), erasures $erasures"
