# A build farm's master: its state is declared, everything that a build leaves is not.
useradd --system --home-dir /var/lib/buildbot --shell /usr/sbin/nologin buildbot
install -d -o buildbot -g buildbot -m 750 /persist/var/lib/buildbot /persist/var/lib/buildbot/master
echo '{"builds": 1287, "workers": ["w1", "w2"]}' >/persist/var/lib/buildbot/master/state.json
echo "workers = ['w1', 'w2']" >/persist/var/lib/buildbot/master/master.cfg
chown -R buildbot:buildbot /persist/var/lib/buildbot
printf 'bind\t/var/lib/buildbot\t/persist/var/lib/buildbot\n' >>/persist/.ebb/persistence.tab
