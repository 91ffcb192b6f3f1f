#!/bin/sh
# Answers ssh's question for the password of one of the hosts on its way, and no other question. Whose
# they are, and the passwords, are in the environment: EBB_WHO_0, EBB_PASSWORD_0 and so on.
case $1 in *[Pp]assword*) ;; *) exit 1 ;; esac
number=0
while eval "who=\${EBB_WHO_$number-}" && [ -n "$who" ]; do
    case $1 in
        *"$who"*)
            eval "printf '%s\n' \"\$EBB_PASSWORD_$number\""
            exit
            ;;
    esac
    number=$((number + 1))
done
exit 1
