# shellcheck shell=sh
# What NixOS copies into /etc at each activation.
if [ -e /etc/NIXOS ] && [ -e /etc/.clean ]; then cat /etc/.clean; fi
