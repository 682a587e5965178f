# SPDX-License-Identifier: ISC
# The calls that unit tests replace: for each of these tests, the names of functions. The linker sends their calls
# to __wrap_NAME, which the test has; __real_NAME is the real function. These tests are for Linux only.

# The calls of store, session, tool and client that fail with tests/unit/store_faults.h, or are looked at.
failing = $(patsubst %,os_file_%,open_dir open_subdir open open_any open_append open_stream create append \
    read_next read_some read_at write_at write size look look_at load make replace sync sync_dir sync_data \
    sync_all rename_new rename_over link remove truncate make_dir remove_tree each) os_mount_is_one \
    os_mount_free_space os_mount_reports_sync os_lock_open os_lock_set os_lock_take_over os_clock_sleep \
    os_clock_ms malloc calloc realloc strdup free pthread_create
replaced_admin/each_failure    = $(failing)
replaced_ctl/backup            = os_file_make_dir os_file_sync_dir
replaced_ctl/batch             = $(failing)
replaced_ctl/each_failure      = $(failing)
replaced_session/each_failure  = $(failing)
replaced_doors/sasl           = $(failing)
replaced_doors/smtp_each_failure = $(failing)
replaced_doors/smtp_fence     = fence_holds
replaced_doors/pop3_each_failure = $(failing)
replaced_doors/pop3_fence = fence_holds
replaced_session/meanwhile     = $(failing)
replaced_session/group         = $(failing)
replaced_session/show          = $(failing)
replaced_store/account_copy    = $(failing)
replaced_store/account_many    = $(failing)
replaced_store/account_meanwhile = $(failing)
replaced_store/account_put     = $(failing)
replaced_store/account_list    = $(failing) os_clock_now
replaced_store/changes         = $(failing) os_clock_now
replaced_store/changes_known   = $(replaced_store/changes)
replaced_store/changes_read    = $(replaced_store/changes)
replaced_store/backup          = $(failing)
replaced_store/backup_sync     = os_mount_reports_sync os_file_rename_new os_file_rename_over
replaced_store/backup_finding  = $(failing)
replaced_store/backup_doors    = $(failing)
replaced_store/backup_each_failure = $(failing)
replaced_store/deleted_accounts = $(failing)
replaced_store/door_key       = $(replaced_store/changes)
replaced_store/delete_many     = $(failing)
replaced_store/each_failure    = $(failing)
replaced_store/expiry          = os_clock_now $(addprefix os_file_,rename_new look sync_dir each)
replaced_store/fsck_meanwhile  = $(failing)
replaced_store/letter_put      = $(failing)
replaced_store/lock_file       = $(failing)
replaced_store/message_copy    = $(failing)
replaced_store/meanwhile       = $(failing)
replaced_store/quota_warning   = $(failing)
replaced_store/redo_meanwhile  = $(failing)
replaced_store/redo_room       = $(failing)
replaced_store/under_way       = $(failing)
replaced_store/backup_place    = $(failing)
replaced_store/backup_resume   = $(failing)
replaced_store/restore         = $(failing)

replaced_store/fence           = os_lock_set os_clock_boot_ms os_file_read_through os_file_read_at os_file_refresh calloc pthread_create
replaced_store/group           = $(failing)
replaced_store/group_backup    = $(failing)
replaced_store/group_each_failure = $(failing)
replaced_store/group_failure   = $(failing) fence_proves os_file_exists os_process_uid
replaced_store/housekeeper     = os_clock_now os_file_open_subdir pthread_join
replaced_store/lock            = os_lock_set
replaced_store/logged_delivery = redo_append $(addprefix os_file_,rename_new sync_dir sync_data sync_all)
replaced_store/ownership       = os_file_look os_clock_ms
replaced_store/redo            = realloc $(addprefix os_file_,write_at sync_data sync_all)
replaced_store/redo_restart    = os_clock_sleep $(addprefix os_file_,write look rename_over rename_new remove read_at sync_dir sync_all)
replaced_store/late          = $(failing)
replaced_store/strangers     = $(failing)
replaced_store/trash           = os_clock_now
replaced_session/session       = realloc
replaced_session/fence         = fence_holds fence_touch
replaced_admin/control_socket  = calloc pthread_create os_file_look os_net_accept os_clock_ms
replaced_ctl/doctor_store   = os_file_look os_clock_ms
replaced_ctl/progress          = os_clock_ms
replaced_net/registry          = calloc os_clock_ms
replaced_transport/udp_io_failure = os_udp_send_pieces os_net_write os_udp_receive_pieces

# The client, with a server in memory.
in_memory_server = os_net_connect socket_io_init
replaced_client/each_failure   = $(failing) $(in_memory_server)
replaced_client/menu           = $(in_memory_server) os_clock_sleep os_clock_ms os_tty_wait
replaced_client/menu_letter    = $(replaced_client/menu)
replaced_client/menu_mail      = $(replaced_client/menu)
# These also replace calls that only the client makes.
replaced_client/verbs          = $(failing) $(addprefix os_,file_open_path file_load_path file_load_standard \
    file_resolve edit_open edit_date edit_cut clock_now clock_us)
replaced_client/verbs_each_failure = $(replaced_client/verbs)
replaced_client/verbs_files    = $(replaced_client/verbs)

replaced_client/maildir        = os_clock_now
replaced_client/mbox           = os_file_sync
replaced_client/progress       = os_clock_ms
replaced_client/prompt         = os_clock_ms $(addprefix os_tty_,raw_begin raw_end raw_stop raw_at_end raw_wait draw size)
replaced_client/udp_connect    = getaddrinfo

# The calls of the system that fail with tests/unit/os_faults.h. On 32 bits, some of them have other names.
failing_os = open64 openat64 __openat64_2 fcntl64 fstat64 fstatat64 fstatfs64 fstatvfs64 ftruncate64 read write \
    pread64 pwrite64 fsync fdatasync syncfs renameat linkat unlinkat mkdirat fchown fchdir fchmodat futimens \
    getrlimit64 dup2 dup3 pipe2 eventfd pidfd_open socket socketpair setsockopt getsockopt bind listen connect \
    accept4 getsockname getpeername sendmsg recvmsg send recv getrandom fork waitpid getppid fdopendir readdir64 \
    fopen64 setmntent crypt_gensalt_rn geteuid malloc calloc realloc free pthread_create
replaced_os/command_failure    = $(failing_os)
replaced_os/each_failure       = $(failing_os)
replaced_os/net_failure        = $(failing_os)

replaced_os/attached           = getifaddrs freeifaddrs os_clock_ms
replaced_os/file               = renameat2 unlinkat
replaced_os/landlock_kernel    = syscall prctl open64
replaced_os/local              = geteuid getegid malloc getsockopt
replaced_os/mount              = setmntent uname fstatfs64 fstatvfs64 fopen64 renameat
replaced_os/mount_look         = os_file_load fstatfs64
replaced_os/net                = getaddrinfo
replaced_os/process            = getpwnam_r getpwuid_r getgrnam_r initgroups setresgid setresuid getresuid getresgid setuid \
    setgid sysconf
replaced_os/stack              = pthread_getattr_np pthread_attr_getstack madvise
replaced_os/syslog             = connect socket send
replaced_os/udp_table          = openat64 __openat64_2
