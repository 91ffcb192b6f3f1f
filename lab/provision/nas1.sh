# A file server: two declared paths, and a data file system of its own at /srv/data.
mkdir -p /persist/var/lib/samba/private /srv/data
echo 'alice:1000:8846F7EAEE8FB117AD06BDD830B7586C' >/persist/var/lib/samba/private/smbpasswd
chmod 700 /persist/var/lib/samba/private
chmod 600 /persist/var/lib/samba/private/smbpasswd
echo '/srv/data 10.0.0.0/8(rw,no_subtree_check)' >/persist/etc/exports
{
    printf 'bind\t/var/lib/samba\t/persist/var/lib/samba\n'
    printf 'symlink\t/etc/exports\t/persist/etc/exports\n'
} >>/persist/.ebb/persistence.tab
