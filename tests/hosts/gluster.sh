# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# gluster.sh: a GlusterFS volume with three replicas on this machine, and mounts of it, each of which stands for a
# host. A test begins with
#
#     . "$(dirname "$0")/../hosts/gluster.sh"
#     gluster_alone "$0" "$@"
#     . "$(dirname "$0")/../it/lib.sh"
#
# gluster_alone starts the test a second time, in namespaces of its own for mounts, processes and networks. Everything
# that is made there ends with the test, however it ends: daemons, mounts, loop devices, network devices, and the files
# of GlusterFS in /run, /var/lib and /var/log, which are empty in these namespaces.
#
# The bricks are XFS in images in memory. XFS itself simulates a power cut: it drops what it has not yet written.

gluster_vol=mail gluster_at=10.83.0.1 gluster_known=glusterd,glusterfs,gluster,mkfs.xfs,ip,ss,unshare,nsenter,setpriv

# Prints why the test cannot run here; false if it can.
gluster_cannot() {
    [ "$(id -u)" = 0 ] || { echo 'this is not root'; return; }
    for gluster_command in $(echo "$gluster_known" | tr , ' '); do
        command -v "$gluster_command" >/dev/null || { echo "there is no $gluster_command"; return; }
    done
    [ -e /dev/fuse ] || { echo 'there is no FUSE'; return; }
    (gluster_enter sh -c 'mount -t tmpfs none /run && ip link add name pochta0 type bridge &&
        ip link add name pochta1 type veth peer name pochta2') >/dev/null 2>&1 ||
        { echo 'no namespace for mounts, processes and networks is allowed'; return; }
    (gluster_enter sh -c 'mount -t tmpfs none /run && truncate -s 320M /run/image && mkfs.xfs -q /run/image &&
        mkdir /run/at && mount -o loop /run/image /run/at') >/dev/null 2>&1 ||
        { echo 'no XFS on a loop device can be mounted'; return; }
    return 1
}

# In a shell of its own, which it replaces: the first process of the namespaces ends with unshare, and that with the
# parent of this shell.
gluster_enter() { # COMMAND...
    exec setpriv --pdeathsig KILL unshare --mount --net --pid --fork --kill-child --mount-proc "$@"
}

gluster_end_alone() {
    [ -z "$gluster_inner" ] || { kill -KILL "$gluster_inner" && wait "$gluster_inner"; } 2>/dev/null
    rm -rf "$TMPDIR"
}

# Returns only in the second run.
gluster_alone() { # TEST ARGUMENT...
    [ -z "${GLUSTER_ALONE-}" ] || return 0
    gluster_why=$(gluster_cannot) && echo "1..0 # SKIP $gluster_why" && exit 0
    TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/pochta-hosts.XXXXXX") GLUSTER_ALONE=1 gluster_inner=''
    export TMPDIR GLUSTER_ALONE
    trap gluster_end_alone EXIT
    trap 'exit 1' HUP INT TERM
    gluster_enter "$@" &
    gluster_inner=$!
    gluster_status=0
    wait "$gluster_inner" || gluster_status=$?
    gluster_inner=''
    exit "$gluster_status"
}

gluster_fails() { # WHAT: ends the test, with what GlusterFS has logged
    diag "GlusterFS: $*"
    for gluster_log in "$G"/*.log "$G"/said /var/log/glusterfs/bricks/*.log; do
        diag "$gluster_log: $(grep -e ' E ' -e ' W ' -e failed "$gluster_log" 2>/dev/null | tail -n 5)"
    done
    exit 1
}

gluster_ask() { gluster --mode=script "$@" >"$G/said" 2>&1; } # WORD...

gluster_mount_bricks() { # with GLUSTER_XFS, or wsync: then XFS has written each change of a directory before it returns
    for gluster_n in 1 2 3; do
        wait_for 30 mount -o "loop,noatime,${GLUSTER_XFS-wsync}" "$G/disks/$gluster_n" "$G/brick$gluster_n" ||
            gluster_fails "brick $gluster_n cannot be mounted"
    done
}

# Starts it, below $G. The time-outs are short, so that a test need not wait: the bricks give up a host that is cut off
# after some 6 seconds, and the host gives up the bricks after 3 to 6.
gluster_begin() {
    # shellcheck disable=SC2154 # lib.sh sets it
    G=$T/gluster
    trap gluster_end EXIT
    # shellcheck disable=SC2115 # these are empty here
    for gluster_dir in /run /dev/shm /var/lib/glusterd /var/log/glusterfs; do
        mkdir -p "$gluster_dir" && mount -t tmpfs none "$gluster_dir" || gluster_fails "an empty $gluster_dir"
    done
    mkdir -p "$G/disks" "$G/brick1" "$G/brick2" "$G/brick3" /run/netns /run/gluster
    mount -t tmpfs none "$G/disks"
    ip link set lo up
    ip link add name bricks type bridge
    ip addr add "$gluster_at/24" dev bricks
    ip link set bricks up
    for gluster_n in 1 2 3; do
        truncate -s 320M "$G/disks/$gluster_n"
        mkfs.xfs -q "$G/disks/$gluster_n" || gluster_fails mkfs.xfs
    done
    gluster_mount_bricks
    cat >"$G/glusterd.vol" <<END
volume management
    type mgmt/glusterd
    option working-directory /var/lib/glusterd
    option transport-type socket
    option transport.socket.bind-address $gluster_at
    option transport.socket.listen-port 24007
    option ping-timeout 0
    option max-port 60999
end-volume
END
    glusterd -N -f "$G/glusterd.vol" -p "$G/glusterd.pid" -l "$G/glusterd.log" >"$G/said" 2>&1 3>&- 4>&- 5>&- 6>&- &
    children="$children $!"
    wait_for 30 gluster_ask pool list || gluster_fails 'glusterd does not answer'
    # shellcheck disable=SC2046 # several options
    gluster_ask volume create $gluster_vol replica 3 "$gluster_at:$G/brick1/b" "$gluster_at:$G/brick2/b" "$gluster_at:$G/brick3/b" force &&
        gluster_ask volume set $gluster_vol $(gluster_options) && gluster_ask volume start $gluster_vol ||
        gluster_fails "$(cat "$G/said")"
}

gluster_options() { # those that docs/hosts.md names, then the time-outs
    echo client.strict-locks "${GLUSTER_STRICT-on}" cluster.eager-lock off cluster.post-op-delay-secs 0
    for gluster_cache in write-behind read-ahead io-cache quick-read stat-prefetch open-behind readdir-ahead nl-cache; do
        echo "performance.$gluster_cache" off
    done
    echo network.ping-timeout 3 server.keepalive-time 2 server.keepalive-interval 1 server.keepalive-count 3
    echo server.tcp-user-timeout 5
}

# It fails as long as glusterd does not answer, for example because the network of the host has only just come back.
gluster_start_mount() { # N DIR
    nsenter --net="/run/netns/host$1" glusterfs --volfile-server="$gluster_at" --volfile-id="$gluster_vol" \
        --entry-timeout=0 --attribute-timeout=0 --negative-timeout=0 -p "$G/mount$1.pid" -l "$G/mount$1.log" "$2" \
        >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&-
}

# A host: a network of its own, in which the process behind the mount runs.
gluster_mount() { # N DIR
    if [ ! -e "/run/netns/host$1" ]; then
        ip netns add "host$1"
        ip link add name "host$1" type veth peer name net netns "host$1"
        ip link set "host$1" master bricks up
        ip -n "host$1" addr add "10.83.0.1$1/24" dev net
        ip -n "host$1" link set net up
    fi
    mkdir -p "$2"
    wait_for 20 gluster_start_mount "$@" || gluster_fails "host $1 cannot mount it"
    eval "gluster_dir$1=\$2"
    wait_for 30 gluster_is_connected "$1" || gluster_fails "host $1 does not reach the bricks"
}

# Whether that host has connections to this many bricks, or to all three. It does not look at the mount: that could
# hang for ever.
gluster_is_connected() { # N [BRICKS]
    [ "$(ss -Htn state established src "$gluster_at" dst "10.83.0.1$1" | awk '$3 !~ /:24007$/' | wc -l)" -ge "${2-3}" ]
}

gluster_unmount() { # N: as when that host is started again; no server may run there any more
    gluster_pid=$(cat "$G/mount$1.pid")
    kill -KILL "$gluster_pid"
    wait_for 30 gone "$gluster_pid" || gluster_fails "the process behind the mount of host $1 does not end"
    eval "umount -l \"\$gluster_dir$1\"" || gluster_fails "host $1 stays mounted"
}

gluster_cut() { ip link set "host$1" down; }  # N: the host loses its network, and nobody is told

# The host has its network again. Waits until it has connections to enough bricks to change something. In about one of
# 16 cases, GlusterFS 10.3 does not try to connect to a brick again, and calls on that mount may hang until its process
# ends.
gluster_heal() { # N
    ip link set "host$1" up
    wait_for 20 gluster_is_connected "$1" 2 || note "host $1 does not reach the bricks again"
}

# All bricks lose their power, and with them the hosts: the servers that run there, and their mounts. From the first
# line on, nothing more reaches a disk.
gluster_power_off() { # PID...: of the servers
    # shellcheck disable=SC2154 # lib.sh sets it
    perl "$here/../hosts/power_off" "$G/brick1" "$G/brick2" "$G/brick3" || gluster_fails 'the power cannot be cut'
    kill_child KILL "$@"
    for gluster_pid; do wait "$gluster_pid" 2>/dev/null; done # they have a copy of each mount
    for gluster_file in "$G"/mount*.pid; do
        gluster_n=${gluster_file#"$G/mount"}
        gluster_unmount "${gluster_n%.pid}"
    done
    # shellcheck disable=SC2046 # several ids
    kill -KILL $(cat /run/gluster/vols/$gluster_vol/*.pid /run/gluster/shd/$gluster_vol/*.pid)
    for gluster_n in 1 2 3; do
        wait_for 30 umount "$G/brick$gluster_n" 2>/dev/null || gluster_fails "brick $gluster_n stays mounted"
    done
}

gluster_power_on() { # the hosts mount again by gluster_mount
    gluster_mount_bricks
    gluster_ask volume start $gluster_vol force || gluster_fails "$(cat "$G/said")"
}

# Instead of lib.sh's clean_up, which could not remove what is mounted below $T.
gluster_end() {
    gluster_status=$?
    # First the processes behind the mounts: a server that waits for one of them would not end.
    # shellcheck disable=SC2046 # several ids
    kill -KILL $(cat "$G"/mount*.pid 2>/dev/null) 2>/dev/null
    # shellcheck disable=SC2046 # several directories
    umount -l $(awk -v at="$T/" 'index($2, at) == 1 { print $2 }' /proc/mounts)
    (exit "$gluster_status")
    clean_up
}
