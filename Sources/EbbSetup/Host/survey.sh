# shellcheck shell=sh
# What starts this host, and what builds its initramfs. Reads only.
loader=unknown
if [ -e /boot/firmware/cmdline.txt ] || [ -e /boot/cmdline.txt ]; then loader=pi
elif [ -d /boot/loader/entries ] || [ -d /efi/loader/entries ]; then loader=systemdBoot
elif [ -e /boot/extlinux/extlinux.conf ]; then loader=extlinux
elif command -v update-grub >/dev/null || [ -d /boot/grub ] || [ -d /boot/grub2 ]; then loader=grub
fi
initramfs=unknown
if [ -e /etc/NIXOS ]; then initramfs=nixos
elif command -v update-initramfs >/dev/null; then initramfs=initramfsTools
elif command -v dracut >/dev/null; then initramfs=dracut
elif command -v mkinitcpio >/dev/null; then initramfs=mkinitcpio
fi
echo "loader $loader"
echo "initramfs $initramfs"
if [ -e /sys/module/zfs/version ]; then
    version=$(cat /sys/module/zfs/version) || exit 1
    echo "zfs ${version%%-*}"
fi
if [ -e /etc/overlayroot.conf ] || [ -e /usr/sbin/overlayroot-chroot ]; then echo overlayroot yes
else echo overlayroot no
fi
case $initramfs in
    initramfsTools) echo systemd-initrd no ;;
    dracut) echo systemd-initrd yes ;;
    *) echo systemd-initrd unknown ;;
esac
