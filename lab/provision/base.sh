# Runs inside the base tree: what a provisioning tool would do to any of the hosts.

# Keys and identity belong to one host and are made with it.
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
: >/etc/machine-id
ln -sf /etc/machine-id /var/lib/dbus/machine-id

systemctl --quiet disable ssh.socket 2>/dev/null || true
systemctl --quiet enable ssh.service
# There is no terminal in a container, and updates come with a new image.
systemctl --quiet mask console-getty.service getty.target systemd-firstboot.service
systemctl --quiet disable apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer 2>/dev/null || true

echo LANG=C.UTF-8 >/etc/default/locale
mkdir -p /usr/local/lib/ebb /persist
# Made at the first boot of any host, which a provisioning tool sees before it takes the blank.
install -m 600 /dev/null /etc/.pwd.lock
mkdir -p /var/lib/systemd/linger
: >/etc/resolv.conf
rm -rf /var/cache/apt/*.bin /var/lib/apt/lists/* /var/log/*.log /var/log/apt /tmp/*
