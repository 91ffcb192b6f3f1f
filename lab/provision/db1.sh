# A database host: the cluster lives on persistent storage, its place in the blank is empty.
mkdir -p /persist/var/lib
cp -a /var/lib/postgresql /persist/var/lib/
find /var/lib/postgresql -mindepth 1 -delete
printf 'bind\t/var/lib/postgresql\t/persist/var/lib/postgresql\n' >>/persist/.ebb/persistence.tab
