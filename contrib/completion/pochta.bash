# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# Completion of pochta, pochtactl and pochtad for bash. Every word is asked of the program: its
# commands, options and their values of --help, users of "pochtactl user list" for who may see them.

_pochta_options() { # HELP
    sed -n 's/^  \(--[a-z0-9-]*\), \(--[a-z0-9-]*\)$/\1\n\2/p; t; s/^  \(--[a-z0-9-]*\).*/\1/p' <<<"$1"
}

_pochta_value() { # HELP OPTION: what its value is called; nothing where it takes none
    sed -n "s/^  $2 \([A-Z][A-Z:]*\).*/\1/p; s/^  $2\$/VALUE/p" <<<"$1"
}

_pochta_commands() { # HELP: one a line
    sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p; s/^  \([a-z][a-z-]* [a-z][a-z-]*\)  .*/\1/p' <<<"$1"
}

_pochta_arguments() { # HELP COMMAND
    sed -n "s/^  $2  *\([^ ].*\)/\1/p" <<<"$1"
}

# Prints the name of the next argument of a command, or nothing if the command takes no more.
_pochta_kind() { # HELP WORD...
    local help=$1 command=${2//[^a-z-]/} kinds word
    shift 2
    if [[ ${1-} =~ ^[a-z]+$ && -n $(_pochta_arguments "$help" "$command $1") ]]; then
        command+=" $1"
        shift
    fi
    kinds=$(_pochta_arguments "$help" "$command")
    read -ra kinds <<<"${kinds%%  *}"
    for word; do
        # [N] may be left out: a word that is not a number is the argument after it.
        [[ ${kinds[0]-} != '[N]' || $word =~ ^[0-9]+$ ]] || kinds=("${kinds[@]:1}")
        [[ ${kinds[0]-} == *... ]] || kinds=("${kinds[@]:1}")
    done
    [[ ${kinds[0]-} != '[N]' ]] || kinds=("${kinds[@]:1}")
    [[ ${kinds[0]-} != ?(\[)[A-Z]* ]] || tr -d '[].' <<<"${kinds[0]}"
}

# The words that can stand after those of a command that are there already.
_pochta_words() { # PROGRAM HELP STORE KIND WORD...
    local program=$1 help=$2 store=$3 kind=$4 commands
    shift 4
    commands=$(_pochta_commands "$help")
    case $# in
    0) sed 's/ .*//' <<<"$commands" ;;
    1) sed -n "s/^${1//[^a-z-]/} //p" <<<"$commands" ;;
    esac
    case ${program##*/}:$kind in
    *:IDS) printf '%s\n' all unread ;;
    *:ACTION) printf '%s\n' list show restore delete ;;
    pochtactl:GROUP*)
        timeout 2 "$program" ${store:+--store "$store"} group list 2>/dev/null </dev/null | cut -f 1
        ;;
    pochtactl:NAME*)
        timeout 2 "$program" ${store:+--store "$store"} user list 2>/dev/null </dev/null | cut -f 1
        ;;
    esac
}

_pochta() {
    local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]}
    local help option='' store='' format='' kind='' word words=() list
    COMPREPLY=()
    help=$(timeout 2 "$program" --help 2>/dev/null </dev/null) || return 0
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $word == = ]]; then
            continue
        elif [[ -n $option ]]; then
            [[ $option != --store ]] || store=$word
            [[ $option != --format ]] || format=$word
            option=''
        elif [[ $word == --* ]]; then
            [[ -z $(_pochta_value "$help" "${word//[^a-z0-9-]/}") ]] || option=${word//[^a-z0-9-]/}
        else
            words+=("$word")
        fi
    done
    [[ $current != = ]] || current=''
    if [[ -n $option ]]; then
        kind=$(_pochta_value "$help" "$option")
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_pochta_options "$help")" -- "$current")
        return 0
    elif [[ ${#words[@]} -gt 0 ]]; then
        kind=$(_pochta_kind "$help" "${words[@]}")
    fi
    case $kind:$format in
    PATH:maildir | DIR:*) mapfile -t COMPREPLY < <(compgen -d -- "$current") && compopt -o filenames 2>/dev/null ;;
    PATH:* | FILE:*) mapfile -t COMPREPLY < <(compgen -f -- "$current") && compopt -o filenames 2>/dev/null ;;
    *)
        [[ -z $option ]] || return 0
        list=$(_pochta_words "$program" "$help" "$store" "$kind" "${words[@]}")
        mapfile -t COMPREPLY < <(compgen -W "$(sort -u <<<"$list")" -- "$current")
        ;;
    esac
    return 0
}

complete -F _pochta pochta pochtactl pochtad
