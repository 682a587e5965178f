# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# machines.sh: hosts with kernels of their own (user-mode Linux), an NFS server and clients, for the tests here.
# A test begins with
#
#     . "$(dirname "$0")/machines.sh"
#
# It then runs in a directory $T and in namespaces of its own for processes, mounts and the network. They end with
# it, and so do all machines, file systems and bridges. Needs root; tests/setup hosts-nfs installs what it uses.
#
# There are two networks: "store", between the machines, and "mail", where this script is, too.

set -u
LC_ALL=C
export LC_ALL
hosts=$(cd "$(dirname "$0")" && pwd)
B=$(cd "${B:-$hosts/../../build}" && pwd)
PORT=5555

cannot() { # WHY
    echo "1..0 # SKIP $*"
    exit 0
}

begin_alone() { # SCRIPT ARGUMENT...: in namespaces, and removes $T afterwards
    [ "$(id -u)" = 0 ] || cannot 'needs root'
    command -v linux.uml >/dev/null || cannot 'user-mode-linux is missing: tests/setup hosts-nfs'
    [ -c /dev/net/tun ] || cannot 'no /dev/net/tun'
    HOSTS_T=$(mktemp -d "${TMPDIR:-/tmp}/pochta-machines.XXXXXX") || exit 1
    export HOSTS_T B
    trap 'exit 1' HUP INT TERM
    trap 'status=$?; [ -z "$alone" ] || kill -9 "$alone" 2>/dev/null; wait; rm -rf "$HOSTS_T"; exit $status' EXIT
    alone=''
    unshare --net --mount --pid --fork --kill-child --mount-proc "$@" &
    alone=$!
    wait "$alone"
    status=$?
    alone=''
    exit "$status"
}
[ -n "${HOSTS_T-}" ] || begin_alone "$0" "$@"

T=$HOSTS_T
ran=0 failed=0 number=0

# --- what is said ---

result() { # STATUS NAME
    ran=$((ran + 1))
    [ "$1" = 0 ] && { echo "ok $ran - $2"; return 0; }
    failed=$((failed + 1))
    echo "not ok $ran - $2"
    return 1
}

ok() { # NAME COMMAND...
    name=$1
    shift
    "$@"
    result $? "$name" || echo "# failed: $*"
}

is() { # GOT EXPECTED NAME
    [ "$1" = "$2" ]
    result $? "$3" || echo "# got $1, expected $2"
}

wait_for() { # SECONDS COMMAND...: until the command succeeds
    wait_left=$(($1 * 20))
    shift
    until "$@"; do
        wait_left=$((wait_left - 1))
        [ "$wait_left" -gt 0 ] || return 1
        sleep 0.05
    done
}

show_logs() {
    for log in "$T"/*/console "$T"/*/log; do
        [ -e "$log" ] || continue
        echo "# $log"
        grep -v -e 'Incoming GSO' -e net_ratelimit "$log" | tail -n 15 | sed 's/^/# /'
    done
}

give_up() { # WHY: nothing after it would mean anything
    echo "Bail out! $*"
    show_logs
    exit 1
}

# --- the networks ---

make_networks() {
    ip link set lo up
    for net in store mail; do
        ip link add "$net" type bridge
        ip link set "$net" up
    done
    ip addr add 10.9.1.1/24 dev mail
}

link() { # MACHINE up|down: its cable to the network "store"
    case $2 in
    up) ip link set "$1-store" master store ;;
    down) ip link set "$1-store" nomaster ;;
    esac
}

card() { # MACHINE NETWORK NUMBER LAST: prints the kernel's option
    ip tuntap add "$1-$2" mode tap
    ip link set "$1-$2" master "$2" up
    echo "vec$3:transport=tap,ifname=$1-$2,depth=128,gro=0,mac=02:00:00:00:0$3:$4"
}

# --- machines ---

# Names, and the last number of their addresses: 10.9.0.N in the network "store", 10.9.1.N in "mail".
number_of() { case $1 in nfs) echo 10 ;; a) echo 11 ;; b) echo 12 ;; esac; }
address() { echo "10.9.1.$(number_of "$1")"; }

boot() { # MACHINE: starts it, after a loss of power if it is on, and waits until it takes commands
    boots=$1 last=$(number_of "$1")
    [ ! -e "$T/$boots/pid" ] || power_off "$boots"
    mkdir -p "$T/$boots" "$T/uml"
    rm -f "$T/$boots/"*
    mkfifo "$T/$boots/in"
    for net in store mail; do ip link del "$boots-$net" 2>/dev/null; done
    set -- "$(card "$boots" store 0 "$last")" "addr=10.9.0.$last"
    [ "$boots" = nfs ] || set -- "$@" "$(card "$boots" mail 1 "$last")" "addr=10.9.1.$last"
    # In a namespace for processes: those of user-mode Linux do not all end with the first one.
    TMPDIR=/dev/shm unshare --pid --fork --kill-child linux.uml mem=256M "uml_dir=$T/uml/" "umid=$boots" \
        root=/dev/root rootfstype=hostfs rootflags=/ ro "init=$hosts/init" "host=$boots" "dir=$T/$boots" \
        con=null con0=null,fd:1 ssl=null ssl0=fd:3,null console=tty0 "$@" \
        3<>"$T/$boots/in" >"$T/$boots/console" 2>&1 </dev/null &
    echo $! >"$T/$boots/pid"
    wait_for 30 [ -e "$T/$boots/up" ] || give_up "the machine $boots does not start"
}

power_off() { # MACHINE...: at once
    for off; do
        pid=$(cat "$T/$off/pid")
        kill -9 "$pid"
        wait "$pid" 2>/dev/null
        rm "$T/$off/pid"
    done
}

start_on() { # MACHINE COMMAND: and does not wait for it
    number=$((number + 1))
    printf '%s %s\n' "$number" "$2" 1<>"$T/$1/in"
}

on() { # MACHINE COMMAND: waits for it and prints what it prints; fails if it does, or takes more than a minute
    start_on "$1" "$2"
    on_file=$T/$1/$number
    wait_for 60 [ -e "$on_file.rc" ] || { echo "# $1: no answer to $2"; return 124; }
    sed 's/^/# /' "$on_file.out"
    return "$(cat "$on_file.rc")"
}

# --- NFS ---

# The disk of the NFS server's machine is a file in a file system that is shut down when the power fails. Then all
# that the machine has written but not flushed is gone, like the cache of a drive.
make_disk() {
    mkdir "$T/drive"
    truncate -s 600M "$T/drive.image"
    mkfs.xfs -q "$T/drive.image"
    mount -o loop "$T/drive.image" "$T/drive" || cannot 'no loop device'
    head -c 200M /dev/zero >"$T/drive/disk"
    mkfs.ext4 -q "$T/drive/disk"
    sync -f "$T/drive/disk"
}

cut_nfs() { # the power of the NFS server's machine and of its drive fails
    power_off nfs # first: it must not see errors of its drive
    xfs_io -x -c shutdown "$T/drive"
    wait_for 10 umount "$T/drive" 2>/dev/null && # when all processes of the machine have ended
        mount -o loop "$T/drive.image" "$T/drive" || give_up 'the drive cannot be mounted'
}

boot_nfs() { # sync|async|ganesha: it exports a file system that way
    boot nfs
    on nfs "$hosts/export $1 $T/drive" || give_up 'the NFS server does not start'
}

boot_client() { # MACHINE: it mounts that at /run/store
    boot "$1"
    on "$1" 'modprobe -d /run/root -a nfs nfsv4 && mount.nfs4 -o vers=4.2,hard 10.9.0.10:/ /run/store' ||
        give_up "$1 cannot mount the file system"
}

# --- servers ---

serve() { # MACHINE STORE OPTION...: a server there
    serves=$1 store=$2
    shift 2
    rm -f "$T/$serves/exit"
    start_on "$serves" "${POCHTAD:-$B/pochtad} --listen $(address "$serves"):$PORT --store /run/store/$store \
--reserve-bytes 0 --login-delay 0 --recipients-per-minute 0 $* >/run/dir/log 2>&1; echo \$? >/run/dir/exit"
}

has_said() { grep -q "event=$2" "$T/$1/log" 2>/dev/null; } # MACHINE EVENT: its server

load() { # WORD...: the users
    "$B/hosts/load" "$@"
}
