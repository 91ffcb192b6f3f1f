# shellcheck shell=sh
# Whether files are as they should be, whether the initramfs holds $entry, and what the last boot
# said. Arguments, two for each file: path, content in base64. $mark: there while a rebuild is due.
number=0
while [ "$#" -gt 0 ]; do
    if [ ! -e "$1" ]; then state=absent
    elif printf %s "$2" | base64 -d | cmp -s - "$1"; then state=same
    else state=other
    fi
    echo "file $number $state"
    number=$((number + 1))
    shift 2
done

image=/boot/initrd.img-$(uname -r)
# The list is read whole: who stops reading makes the tools that write it complain.
entries=''
state=unknown
if [ -z "$entry" ] || ! [ -e "$image" ]; then :
elif [ -e "$mark" ]; then state=lacks
elif command -v lsinitramfs >/dev/null; then
    entries=$(lsinitramfs "$image") || exit 1
elif command -v lsinitrd >/dev/null; then
    entries=$(lsinitrd "$image") || exit 1
    entries=$(printf '%s\n' "$entries" | sed 's/.* //')
fi
if [ -n "$entries" ]; then
    case "
$entries
" in
        *"
$entry
"*) state=holds ;;
        *) state=lacks ;;
    esac
fi
echo "image $state"
if [ -e /run/ebb/erase ]; then
    line=$(head -n 1 /run/ebb/erase) || exit 1
    printf 'boot %.500s\n' "$line"
else
    echo boot silent
fi
