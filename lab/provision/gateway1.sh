# A gateway: its root is made anew and filled at each boot.
mkdir -p /media/root-ro /persist/etc/wireguard
chmod 700 /persist/etc/wireguard
echo '[Interface]' >/persist/etc/wireguard/wg0.conf
chmod 600 /persist/etc/wireguard/wg0.conf
printf 'bind\t/etc/wireguard\t/persist/etc/wireguard\n' >>/persist/.ebb/persistence.tab
