# shellcheck shell=bash disable=SC2034,SC2054
# What every virtual machine of the lab has in common. Emulated processors only need what makes them
# fast: `max` without the two string features, with which QEMU's emulation stalls.
qemu_machine=(
    nice -n "${EBB_LAB_NICE:-0}"
    qemu-system-x86_64 -nodefaults -no-user-config -display none
    -machine pc,usb=off,vmport=off,hpet=off -accel "tcg,tb-size=128" -cpu 'max,-erms,-fsrm' -smp 1
    -rtc base=utc,clock=host -device virtio-rng-pci
)
# init_on_alloc and mitigations cost an emulated processor far more than a real one.
kernel_words='console=ttyS0 quiet loglevel=4 net.ifnames=0 init_on_alloc=0 mitigations=off'
kernel_words+=' random.trust_cpu=on systemd.show_status=auto fsck.mode=skip raid=noautodetect nowatchdog'
# An emulator that gets no processor for a moment upsets what the kernel measures at boot: its timer seems to be broken,
# and it panics; its time stamp counter seems slow, and its clock then runs many times too fast.
kernel_words+=' no_timer_check tsc=unstable clocksource=acpi_pm'
