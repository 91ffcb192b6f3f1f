#!/bin/sh
# Answers a question for a password, and no other question. Which ssh asks decides, by the last of its
# arguments, and nothing that the prompt says: a host writes its prompts itself. The hops and their
# passwords are in the environment: EBB_WHO_0, EBB_PASSWORD_0 and so on.
case $1 in *[Pp]assword*) ;; *) exit 1 ;; esac
hop=$(tr '\0' '\n' <"/proc/$PPID/cmdline" | tail -n 1)
number=0
while eval "who=\${EBB_WHO_$number-}" && [ -n "$who" ]; do
    if [ "$who" = "$hop" ]; then
        eval "printf '%s\n' \"\$EBB_PASSWORD_$number\""
        exit
    fi
    number=$((number + 1))
done
exit 1
