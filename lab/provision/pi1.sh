# A Raspberry Pi: overlay root as overlayroot makes it, logs in memory only.
mkdir -p /media/root-ro /media/root-rw /etc/systemd/journald.conf.d /persist/var/lib/zigbee2mqtt
printf '[Journal]\nStorage=volatile\n' >/etc/systemd/journald.conf.d/volatile.conf
printf 'permit_join: false\nmqtt:\n  server: mqtt://localhost\n' >/persist/var/lib/zigbee2mqtt/configuration.yaml
echo '{"id": 1, "type": "Coordinator", "ieeeAddr": "0x00124b0014d9a1f2"}' >/persist/var/lib/zigbee2mqtt/database.db
printf 'bind\t/var/lib/zigbee2mqtt\t/persist/var/lib/zigbee2mqtt\n' >>/persist/.ebb/persistence.tab
