#!/bin/sh
# SPDX-License-Identifier: ISC
# Completion for bash and zsh: each command, option, user and file is offered, and no other. What
# there is, the manual and the server's own list of keys say, not the text that completion reads.
. "$(dirname "$0")/lib.sh"
docs=$here/../../docs
contrib=$here/../../contrib/completion
PATH=$B:$PATH
export PATH
cd "$T" || exit 1

in_bash() { # WORD...: what can stand in the place of the last, which may have begun
    bash -c '
        source "$0" && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _pochta &&
            printf "%s\n" "${COMPREPLY[@]}"' "$contrib/pochta.bash" "$@" | sort
}
in_zsh() { # WORD...: zsh itself takes those that begin as the last does
    zsh -f -c '
        compadd() { local begun=${words[CURRENT]}; print -l -- ${(M)${(P)2}:#$begun*} }
        compset() { words[CURRENT]=${words[CURRENT]#*=} }
        _files() { [[ $1 == -/ ]] && print -l -- *(N/) || print -l -- *(N) }
        file=$1 && shift && words=("$@") && CURRENT=$#
        complete_it() { source $file }
        complete_it' - "$contrib/_pochta" "$@" | sort
}

page_commands() { # PAGE
    grep '^\.It Cm [a-z]' "$docs/$1" | sed 's/ , Cm /\n.It Cm /g' |
        sed -n 's/^\.It Cm \([a-z][a-z-]*\( [a-z][a-z]*\)\{0,1\}\).*/\1/p' | sort -u
}
page_options() { # PAGE
    grep '^\.It Fl -' "$docs/$1" | sed 's/ , Fl /\n.It Fl /g' | sed -n 's/^\.It Fl \(-[a-z0-9-]*\).*/-\1/p' | sort -u
}
server_options() { # those of every key, and those that are none
    pochtad --example-config | sed -n 's/^#* *\([a-z0-9-]*\) =.*/--\1/p'
    printf '%s\n' --config --help --version --check-config --print-config --example-config
}
offered() { # SHELL PROGRAM: commands, those of two words too
    for first in $("$1" "$2" ''); do
        second=$("$1" "$2" "$first" '' | grep '^[a-z]*$')
        [ -n "$second" ] || echo "$first"
        for word in $second; do echo "$first $word"; done
    done
}

mkdir -m 0700 store dir MAIL
: >file
start_server
echo secret | pochtactl --store "$T/store" user add ann
echo secret | pochtactl --store "$T/store" user add bob
pochtactl --store "$T/store" group add staff ann bob
mkdir "$T/empty"
directories=$(find . -mindepth 1 -maxdepth 1 -type d | sed 's|^./||' | sort)

check() { # SHELL
    is "$("$1" pochta '')" "$(page_commands pochta.1)" "$1: the commands of pochta"
    is "$(cd "$T/empty" && offered "$1" pochtactl | sort)" "$(page_commands pochtactl.8 | sort)" "$1: the names of pochtactl"
    is "$("$1" pochta --)" "$(page_options pochta.1)" "$1: the options of pochta"
    is "$("$1" pochtactl --)" "$(page_options pochtactl.8)" "$1: the names of pochtactl"
    is "$("$1" pochtad --)" "$(server_options | sort -u)" "$1: the options of pochtad"
    is "$("$1" pochtad --log-t)" --log-to "$1: a command of which the beginning is typed"
    is "$("$1" pochtactl --store store user dis)" disable "$1: the second word of a command"
    is "$("$1" pochtactl --store store mailbox ann '')" "$(grep -o 'Cm mailbox Ar name Cm [a-z]*' "$docs/pochtactl.8" | sed 's/.* //' | sort -u)" \
        "$1: what can be done with a mailbox"
    for command in 'user delete' 'user list' mailbox kick fsck 'fsck ann' 'group add staff' 'group remove staff ann'; do
        # shellcheck disable=SC2086 # several words
        is "$("$1" pochtactl --store store $command '')" 'ann
bob' "$1: users after $command"
    done
    for command in add remove list delete; do
        is "$("$1" pochtactl --store store group $command '')" staff "$1: groups after group $command"
    done
    is "$("$1" pochtactl --json --store store user list b)" bob "$1: ... of which the beginning is typed"
    is "$("$1" pochtactl --store nowhere user delete '')" '' "$1: ... none without a store"
    is "$("$1" pochtactl --store store who '')" '' "$1: nothing after a command without arguments"
    is "$("$1" pochta search '')" '' "$1: nothing where the argument can be anything"
    for command in read take delete undelete mark-unread; do
        is "$("$1" pochta $command '')" 'all
unread' "$1: words for IDs after $command"
    done
    is "$("$1" pochta delete all '')" '' "$1: ... once"
    is "$("$1" pochta export x '')" 'all
unread' "$1: ... and after the path of an export"
    for command in 'export --format mbox' 'export' 'import' 'import --format mbox' '--format mbox import'; do
        # shellcheck disable=SC2086 # several words
        is "$("$1" pochta $command '')" "$(ls)" "$1: files and directories after $command"
        # shellcheck disable=SC2086 # several words
        is "$("$1" pochta $command M | grep -x MAIL)" MAIL "$1: ... one with a capital"
    done
    for command in 'export --format maildir' '--format maildir export --delete' 'import --format maildir' \
        'save 3' 'save all' 'save 3,7-9 2'; do
        # shellcheck disable=SC2086 # several words
        is "$("$1" pochta $command '')" "$directories" "$1: directories after $command"
    done
    is "$("$1" pochta save '')" 'all
unread' "$1: words for IDs after save"
    for command in 'save 3 dir' 'save 3 2 dir' 'import x' 'export x all' 'forward 3' 'forward' 'send'; do
        # shellcheck disable=SC2086 # several words
        is "$("$1" pochta $command '')" '' "$1: nothing after $command"
    done
    is "$("$1" pochta mark)" mark-unread "$1: a command with a hyphen"
    is "$("$1" pochtactl --store d | grep -x dir)" dir "$1: a directory"
    is "$("$1" pochtactl --store '' | grep -cx file)" 0 "$1: ... no file"
    is "$("$1" pochtad --config f | grep -x file)" file "$1: a file"
    is "$("$1" pochtad --idle '')" '' "$1: nothing for another value"
}

check in_bash
is "$(in_bash pochtactl --store = store user delete '')" 'ann
bob' 'in_bash: a value behind =, which bash sets off'
if command -v zsh >/dev/null; then
    check in_zsh
    is "$(in_zsh pochtactl --store=store user delete '')" 'ann
bob' 'in_zsh: a value behind ='
    is "$(in_zsh pochtad --config=f | grep -x file)" file 'in_zsh: ... a file'
    ok 'zsh finds no fault in it' zsh -n "$contrib/_pochta"
else
    skip 'there is no zsh' 'in_zsh'
fi

# What make install puts where the shells look.
env -u MAKEFLAGS -u MFLAGS make -s -C "$here/../.." -o all install B="$B" PREFIX=/usr DESTDIR="$T/root" >"$T/make" 2>&1 || cat "$T/make"
is "$(cd "$T/root/usr/share" && find bash-completion zsh ! -type d | sort)" 'bash-completion/completions/pochta
bash-completion/completions/pochtactl
bash-completion/completions/pochtad
zsh/site-functions/_pochta' 'make install'
for name in pochta pochtactl pochtad; do
    ok "... which loads for $name" cmp "$T/root/usr/share/bash-completion/completions/$name" "$contrib/pochta.bash"
done
done_testing
