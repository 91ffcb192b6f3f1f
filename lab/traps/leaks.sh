# shellcheck shell=sh
# Sets traps for whoever believes that a declared path stays kept, on a host that is erased at its next boot. Runs as root;
# /persist is persistent storage. What each path is called is what is wrong with it.
set -eu
kept=/persist/traps
rm -rf "$kept" && mkdir -p "$kept" /traps
cd /traps
for name in link link-renamed-over link-recreated link-elsewhere link-dangling; do
    echo kept >"$kept/$name" && ln -s "$kept/$name" "$name"
done
# What editors and package managers do, and what sshd's key generation does.
echo lost >new && mv new link-renamed-over
rm link-recreated && echo lost >link-recreated
ln -sfn /etc/issue link-elsewhere
rm "$kept/link-dangling"
for name in file file-replaced-behind file-renamed-over; do
    echo kept >"$kept/$name" && : >"$name" && mount --bind "$kept/$name" "$name"
done
# Renamed over where it lives, the mount goes on showing the old one; renamed over where it is mounted, the kernel says no.
echo newer >"$kept/new" && mv "$kept/new" "$kept/file-replaced-behind" && echo lost >>file-replaced-behind
echo lost >new && ! mv new file-renamed-over 2>/dev/null && rm new
for name in directory directory-not-mounted directory-in-memory directory-other-mounted directory-mode; do
    mkdir -p "$kept/$name" "$name"
done
for name in directory directory-in-memory directory-mode; do mount --bind "$kept/$name" "$name"; done
echo lost >directory-not-mounted/file
mount -t tmpfs none "$kept/directory-in-memory" && mount --bind "$kept/directory-in-memory" directory-in-memory
mount -t tmpfs none directory-other-mounted
chmod 755 "$kept/directory-mode"
# tmpfiles.d's `L` over a directory that is there does nothing, and says nothing.
mkdir tmpfiles-link "$kept/tmpfiles-link" && echo lost >tmpfiles-link/file
echo "L /traps/tmpfiles-link - - - - $kept/tmpfiles-link" | systemd-tmpfiles --create -
sync
