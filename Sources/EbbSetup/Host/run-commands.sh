# shellcheck shell=sh
# Runs each argument, a command line, and stops at the first that fails. Prints the number of each
# that ended well, counted from 1.
number=0
for command do
    eval "$command" >/dev/null || exit 1
    number=$((number + 1))
    echo "$number"
done
