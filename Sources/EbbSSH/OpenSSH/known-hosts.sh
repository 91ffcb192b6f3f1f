#!/bin/sh
# Notes which key ($2) the hop $1 shows (ssh asks without one as well), and prints the keys that are
# revoked for it.
cd "${0%/*}" || exit
[ "$2" = NONE ] || printf %s "$2" >"key-$1"
cat "revoked-$1"
