# Runs inside one host's tree, before its blank is taken, with what the host is in the environment:
# HOST, ADDRESS, PORT, LOGIN, PUBLIC_KEY, MACHINE_ID.
echo "$HOST" >/etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$HOST" >/etc/hosts
echo "$MACHINE_ID" >/etc/machine-id

if [ "$LOGIN" = root ]; then
    home=/root
    root_login=prohibit-password
else
    home=/home/$LOGIN
    root_login=no
    useradd --create-home --shell /bin/bash "$LOGIN"
    echo "$LOGIN ALL=(ALL) NOPASSWD: ALL" >"/etc/sudoers.d/$LOGIN"
    chmod 440 "/etc/sudoers.d/$LOGIN"
fi
mkdir -p "$home/.ssh"
chmod 700 "$home/.ssh"
echo "$PUBLIC_KEY" >"$home/.ssh/authorized_keys"
chmod 600 "$home/.ssh/authorized_keys"
chown -R "$LOGIN:$LOGIN" "$home/.ssh"

cat >/etc/ssh/sshd_config.d/lab.conf <<CONFIG
Port $PORT
ListenAddress $ADDRESS
HostKey /persist/etc/ssh/ssh_host_ed25519_key
HostKey /persist/etc/ssh/ssh_host_ecdsa_key
PermitRootLogin $root_login
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
MaxStartups 200:30:400
MaxSessions 100
CONFIG
chmod 755 /usr/local/lib/ebb/ebb-persist
systemctl --quiet enable ebb-persist.service
