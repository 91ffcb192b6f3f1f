# A kiosk: its root lives in memory, filled at each boot; /usr is the image's, read-only.
mkdir -p /media/root-ro /persist/var/lib/kiosk
echo 'https://kiosk.example/start' >/persist/var/lib/kiosk/page
printf 'bind\t/var/lib/kiosk\t/persist/var/lib/kiosk\n' >>/persist/.ebb/persistence.tab
