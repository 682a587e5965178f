/* SPDX-License-Identifier: ISC */
/*
 * The locks of a store, src/server/store/lock.c and lock_file.c, for spin: see "The model of the locks"
 * in docs/store.md. Each step is one that the kernel or the processor does at once; a comment
 * names the C function. Between two steps anything else can happen: a step of another thread or
 * process, a kill, a stop, or somebody removes the file "lock".
 *
 * There is one stripe, with two mailboxes. Place 0 is the server with its threads; each other place is a
 * tool, which opens the store, changes a mailbox and closes the store. tests/model/run sets the bounds,
 * and breaks one rule at a time with -DBREAK_...: then spin must find an assertion that fails, or
 * processes that wait for ever.
 */
#define SERVER  0
#define PLACES  (1 + TOOLS)
#define FILES   (2 + REMOVALS)      /* that have the name "lock", one after the other */
#define LIVES   (PLACES + RESTARTS) /* processes in all */
#define KEYS    (1 + 2 * LIVES)     /* in the names of semaphores, each drawn once */
#define SEMS    (1 + LIVES + FOREIGN + WRONG)
#define NOTHING 255
#define BIT(p)  (1 << (p))

/* What may still go wrong. */
byte kills = KILLS, restarts = RESTARTS, stops = STOPS, removals = REMOVALS, full_disks = FULL_DISKS,
     foreign = FOREIGN, wrong = WRONG;

/* --- what the kernel has: it outlives the processes, but a dead process has no locks --- */

typedef file { /* each lock byte: who has it, as a place + 1, or a bit for each place that shares it */
    byte stripe;
    byte use_alone, use_shared;
    byte visit;
    bool instance;
    byte key;                           /* in the semaphores' names */
    byte slot_process, slot_mailbox     /* 0: nobody has held the stripe in this file */
};
file files[FILES];
byte lock_name = NOTHING;               /* which file has the name "lock" */
byte files_made, processes;
byte keys_drawn = 1;                    /* 0: no key */
bool serving;                           /* the server's locks on "version" and on the directory */

byte sem_named[KEYS];                   /* the semaphore that has the name with this key; 0: none */
byte sem_value[SEMS];
bool sem_foreign[SEMS];                 /* another user's, or open to others */
byte sems_made;

/* --- what a process has, until it ends --- */

byte id[PLACES];                        /* a number that no other process had; 0: no process */
bool is_open[PLACES];
byte fd[PLACES], key[PLACES], sem[PLACES];
bool turn[PLACES], kept[PLACES], written[PLACES], alone[PLACES];
byte slot_process[PLACES], slot_mailbox[PLACES];
bool trusts_memory[PLACES];             /* what it remembers of the mailboxes is what the disk has */
byte stopped;                           /* the place + 1 of a process that got SIGSTOP */
byte served;                            /* threads of the server that are done */

/* --- what the promises are checked with: the processes do not see it --- */

byte holder;                            /* who changes a mailbox now, as a place + 1 */
byte torn;                              /* the mailbox that is half changed, or was when its holder died */
bool owes[PLACES];                      /* has the semaphore: if it dies now, somebody must notice */
bool unrepaired;                        /* a process died like that, and nobody has noticed yet */
bool spoiled;                           /* a semaphore has a wrong value: one death too many may be reported */
bool slot_failed;                       /* the slot in the file is older than the change */

/* A tool uses a file that has lost its name: the server must not end before it has made the file again. */
#define NAMELESS(f) (f != lock_name && (files[f].use_alone > SERVER + 1 || (files[f].use_shared & ~BIT(SERVER))))
#if REMOVALS
#define NAMELESS_USE (NAMELESS(0) || NAMELESS(1) || NAMELESS(2))
#else
#define NAMELESS_USE false
#endif

#define GONE (me && (id[p] != me || stopped == p + 1))
#define F    files[fd[p]]
#define LOCALS byte me, i, fd_new; bool ok, first, opened, stale, dead, ours, over_other, was_kept, keep

inline report_death(mailbox) /* died(): for a real death, and with the right name or none */
{
    assert(unrepaired || spoiled);
    assert(!torn || !mailbox || mailbox == torn || slot_failed)
}

inline forget_death() /* it is not reported again */
{
    unrepaired = false; torn = 0; spoiled = false
}

inline release_locks(p) /* the kernel, when p closes its files or dies */
{
    i = 0;
    do
    :: i < FILES ->
        if :: files[i].stripe == p + 1 -> files[i].stripe = 0 :: else fi;
        if :: files[i].use_alone == p + 1 -> files[i].use_alone = 0 :: else fi;
        if :: p == SERVER -> files[i].instance = false :: else fi;
        files[i].use_shared = files[i].use_shared & ~BIT(p);
        files[i].visit = files[i].visit & ~BIT(p);
        i++
    :: else -> break
    od;
    if :: p == SERVER -> serving = false :: else fi;
    i = 0
}

inline end_process(p)
{
    release_locks(p);
    id[p] = 0; is_open[p] = false; fd[p] = 0; key[p] = 0; sem[p] = 0;
    turn[p] = false; kept[p] = false; written[p] = false; alone[p] = false;
    slot_process[p] = 0; slot_mailbox[p] = 0; trusts_memory[p] = false
}

/* --- lock.c: a stripe --- */

inline begin_turn() /* it waits on a condition, until the time is over */
{
    if
#ifdef BREAK_NO_TURN
    :: turn[p] = true; ok = true
#else
    :: d_step { !turn[p] -> turn[p] = true; ok = true }
    :: turn[p] -> ok = false
#endif
    fi
}

inline lock_take(mailbox) /* ok: not LOCK_FAILED; stale: LOCK_STALE */
{
    begin_turn();
    if
    :: !ok
    :: else ->
        d_step { was_kept = kept[p]; kept[p] = false };       /* atomic_exchange */
        if
        :: was_kept
        :: else ->
            if                                                /* lock_among_processes */
#ifdef BREAK_NO_OFD_LOCK
            :: true
#else
            :: d_step { F.stripe == 0 || F.stripe == p + 1 -> F.stripe = p + 1 }
            :: F.stripe != 0 && F.stripe != p + 1 -> ok = false
#endif
            fi;
#ifdef BREAK_SLOT_NOT_READ
            if :: !ok || slot_process[p] :: else ->
#else
            if :: !ok :: else ->
#endif
                d_step { slot_process[p] = F.slot_process;    /* lock_file_read_slot */
                         slot_mailbox[p] = F.slot_mailbox }
            fi
        fi;
        if
        :: !ok -> turn[p] = false                             /* end_turn */
        :: else -> take_semaphore(mailbox)
        fi
    fi
}

inline take_semaphore(mailbox)
{
#ifdef BREAK_SEMAPHORE_WAITED_FOR
    d_step { sem_value[sem[p]] > 0 -> sem_value[sem[p]]--; dead = false; owes[p] = true };
#else
    d_step {                                                  /* sem_trywait, died */
        dead = sem_value[sem[p]] == 0;
        if :: dead :: else -> sem_value[sem[p]]-- fi;
        owes[p] = true;
#ifndef BREAK_DEATH_IGNORED
        if :: dead -> report_death(slot_mailbox[p]); forget_death() :: else fi
#endif
    };
#endif
    ours = slot_process[p] == id[p];
    stale = dead || !ours;
    written[p] = true; over_other = false;
    if
    :: ours && slot_mailbox[p] == mailbox
    :: else ->
        over_other = slot_process[p] && !ours;
        slot_process[p] = id[p]; slot_mailbox[p] = mailbox;
#ifndef BREAK_SLOT_WRITTEN_LATE
        write_slot()
#endif
    fi
}

inline write_slot() /* lock_file_write_slot: may fail on a full disk */
{
    if
    :: d_step { F.slot_process = id[p]; F.slot_mailbox = slot_mailbox[p]; slot_failed = false }
    :: d_step { full_disks > 0 ->
           full_disks--; slot_failed = true; written[p] = false; stale = true }
    fi
}

inline lock_give()
{
    keep = alone[p] && written[p];
#ifdef BREAK_LOCK_GIVEN_BEFORE_SEMAPHORE
    if :: keep :: else -> F.stripe = 0 fi;
#endif
#ifdef BREAK_POST_WITHOUT_SLOT
    d_step { sem_value[sem[p]]++; owes[p] = false };
#else
    d_step {                                                  /* sem_post */
        if
        :: over_other && !written[p] -> unrepaired = true     /* the slot misleads: left as if it had died */
        :: else -> sem_value[sem[p]]++
        fi;
        owes[p] = false
    };
#endif
    if
    :: keep -> kept[p] = true                                 /* atomic_store */
    :: else -> d_step { if :: F.stripe == p + 1 -> F.stripe = 0 :: else fi } /* lock_file_lock */
    fi;
    turn[p] = false                                           /* end_turn */
}

/* What a caller does with a stripe: mailbox.c forgets what it remembers if it is stale. */
inline change(mailbox)
{
    lock_take(mailbox);
    if
    :: !ok
    :: else ->
        d_step {
            if :: stale -> trusts_memory[p] = true :: else fi;
            assert(!holder);                                  /* no two holders */
            assert(!unrepaired && !torn);                     /* no lost repair */
            assert(trusts_memory[p]);                         /* LOCK_CLEAN was true */
            holder = p + 1; torn = mailbox;
            i = 0;
            do
            :: i < PLACES -> trusts_memory[i] = i == p; i++
            :: else -> break
            od;
            i = 0
        };
#ifdef BREAK_SEMAPHORE_GIVEN_EARLY
        d_step { sem_value[sem[p]]++; owes[p] = false };
#endif
        d_step { holder = 0; torn = 0 };
#ifdef BREAK_SEMAPHORE_GIVEN_EARLY
        d_step { sem_value[sem[p]]--; owes[p] = true };
#endif
#ifdef BREAK_SLOT_WRITTEN_LATE
        write_slot();
#endif
        lock_give()
    fi
}

/*
 * lock_is_ours, for a reader that takes no lock. While a thread of its process takes or has the stripe,
 * the reader may see what was there before.
 */
#ifdef BREAK_READ_WITHOUT_THE_SEMAPHORE
#define IS_OURS (kept[p] || F.slot_process == id[p])
#else
#define IS_OURS (kept[p] || (F.slot_process == id[p] && sem_value[sem[p]] > 0))
#endif
inline read()
{
    d_step { if :: IS_OURS && !turn[p] -> assert(trusts_memory[p]) :: else fi }
}

/* --- lock_file.c: the files --- */

inline new_file(its_key) /* make_file: under another name first, so that all of it is there at once */
{
    files[files_made].key = its_key;
    fd_new = files_made; files_made++
}

inline open_or_make() /* the file that has the name, or a new one */
{
    ok = true;
    if
    :: d_step { lock_name != NOTHING -> fd[p] = lock_name }
    :: d_step { lock_name == NOTHING && files_made < FILES ->
           new_file(keys_drawn); keys_drawn++; lock_name = fd_new; fd[p] = fd_new }
    :: lock_name == NOTHING && files_made == FILES -> ok = false      /* beyond our bounds */
    fi
}

#define OF_NO_SERVER (!F.instance && serving)                 /* is_of_no_server, after all its looks */

inline look_at_semaphore(number) /* nobody else can use it now: sem_getvalue, died */
{
    dead = sem_value[number] == 0;
    if :: dead -> report_death(F.slot_mailbox) :: else fi
}

inline unlink_semaphore(its_key) /* another user's stays, as in /tmp */
{
    if :: sem_named[its_key] && !sem_foreign[sem_named[its_key]] -> sem_named[its_key] = 0 :: else fi;
    if :: dead -> forget_death() :: else fi
}

inline end_dead_processes()
{
    if
    :: !sem_named[F.key] || sem_foreign[sem_named[F.key]]     /* may_be_trusted */
    :: else ->                                                /* lock_file_end_stripe */
        d_step { look_at_semaphore(sem_named[F.key]) };
        d_step { unlink_semaphore(F.key) }
    fi
}

inline share_use() /* it may wait until the time is over */
{
    if
    :: d_step { F.use_alone == 0 || F.use_alone == p + 1 ->
           F.use_alone = 0; F.use_shared = F.use_shared | BIT(p) }
#ifndef BREAK_USE_WAITED_FOR_WITHOUT_END
    :: F.use_alone != 0 && F.use_alone != p + 1 -> ok = false
#endif
    fi
}

inline begin_use()
{
    if                                                        /* os_lock_set(BYTE_USERS, EXCLUSIVE) */
    :: d_step { (F.use_alone == 0 && F.use_shared == 0) -> F.use_alone = p + 1 }; first = true
    :: (F.use_alone != 0 || F.use_shared != 0) -> first = false
    fi;
#ifdef BREAK_KEYS_DRAWN_BY_EACH
    first = true;
#endif
    if :: !first -> share_use() :: else fi;
    if                                                        /* os_lock_is_named */
#ifdef BREAK_NAME_NOT_CHECKED
    :: false
#elif defined BREAK_NAME_CHECKED_BY_THE_FIRST
    :: first && p != SERVER && lock_name != fd[p] -> ok = false
#else
    :: p != SERVER && lock_name != fd[p] -> ok = false
#endif
    :: else
    fi;
    if
    :: ok && first ->                                         /* write_new_keys */
        end_dead_processes();
        d_step { F.key = keys_drawn; keys_drawn++; F.slot_process = 0; F.slot_mailbox = 0 };
        share_use()
    :: else
    fi;
    if
    :: ok && p != SERVER -> F.visit = F.visit | BIT(p)        /* os_lock_set(BYTE_VISIT, SHARED) */
    :: else
    fi;
    if :: ok -> key[p] = F.key :: else fi                     /* read_keys */
}

inline lock_semaphore_open() /* looks before it creates */
{
    do
    :: d_step { sem_named[key[p]] && !sem_foreign[sem_named[key[p]]] -> sem[p] = sem_named[key[p]] }; break
#ifdef BREAK_FOREIGN_SEMAPHORE_TRUSTED
    :: d_step { sem_named[key[p]] && sem_foreign[sem_named[key[p]]] -> sem[p] = sem_named[key[p]] }; break
#else
    :: sem_named[key[p]] && sem_foreign[sem_named[key[p]]] -> ok = false; break
#endif
    :: d_step { !sem_named[key[p]] -> sems_made++; sem_value[sems_made] = 1;   /* O_CREAT | O_EXCL */
                sem_named[key[p]] = sems_made; sem[p] = sems_made }; break
    od
}

inline locks_open()
{
    if
    :: p == SERVER -> serving = true; ok = true               /* become_server */
    :: p != SERVER -> ok = !(lock_name == NOTHING && serving) /* os_file_exists, lock_file_is_served */
    fi;
    if :: ok -> open_or_make() :: else fi;
    opened = ok;
    if
    :: ok && p == SERVER -> F.instance = true                 /* take_instance */
    :: ok && p != SERVER -> ok = !OF_NO_SERVER
    :: else
    fi;
    if :: ok -> begin_use() :: else fi;
    if :: ok -> lock_semaphore_open() :: else fi
}

inline locks_close()
{
    if
    :: !opened
    :: opened ->
        if                                                    /* lock_file_end_use */
        :: d_step { (F.use_alone == 0 || F.use_alone == p + 1) && (F.use_shared & ~BIT(p)) == 0 ->
               F.use_shared = 0; F.use_alone = p + 1 };
            end_stripe()
        :: (F.use_alone != 0 && F.use_alone != p + 1) || (F.use_shared & ~BIT(p)) != 0
#ifdef BREAK_EACH_UNLINKS
            -> end_stripe()
#endif
        fi
    fi;
    atomic { me = 0; end_process(p) }
}

inline end_stripe() /* lock_file_end_stripe, if the process has opened the semaphore */
{
    if
    :: !sem[p]
    :: else ->
#ifdef BREAK_UNLINKED_WITHOUT_A_LOOK
        dead = false;
#else
        d_step { look_at_semaphore(sem[p]) };
#endif
        d_step { unlink_semaphore(key[p]) }
    fi
}

/* Each second, in the server. */
inline locks_keep()
{
    alone[p] = F.visit == 0;                                  /* look_for_visitors */
    if
    :: !alone[p] && kept[p] ->
        begin_turn();
        if :: ok -> stop_keeping(); turn[p] = false :: else fi
    :: else
    fi;
    if
    :: lock_name == fd[p]                                     /* lock_file_is_there */
    :: else ->
#ifdef BREAK_MADE_AGAIN_WITHOUT_TURNS
        ok = true;
#else
        begin_turn();
#endif
        if
        :: ok -> stop_keeping(); make_again(); turn[p] = false
        :: else
        fi
    fi
}

inline stop_keeping()
{
    d_step { was_kept = kept[p]; kept[p] = false };
    if :: was_kept -> F.stripe = 0 :: else fi
}

inline make_again() /* lock_file_make_again */
{
#ifdef BREAK_MADE_AGAIN_IN_USE
    ok = true;
#else
    if                                                        /* os_lock_set(BYTE_USERS, EXCLUSIVE) */
    :: d_step { F.use_alone == 0 && F.use_shared == BIT(p) -> F.use_shared = 0; F.use_alone = p + 1 }
    :: d_step { F.use_alone == p + 1 -> skip }
    :: F.use_alone != p + 1 && (F.use_alone || F.use_shared != BIT(p)) -> ok = false
    fi;
#endif
    if
    :: ok && lock_name != NOTHING && lock_name != fd[p] ->    /* remove_stranger */
        d_step {
            if
            :: lock_name != NOTHING -> ok = !files[lock_name].use_alone && !files[lock_name].use_shared
            :: else
            fi
        };
        if :: ok -> lock_name = NOTHING :: else fi            /* os_file_remove */
    :: else
    fi;
    if
    :: ok && lock_name == NOTHING && files_made < FILES ->
        d_step {                                              /* make_file, os_file_rename_new */
            if
            :: lock_name != NOTHING || files_made == FILES -> ok = false
            :: else ->
                new_file(key[p]);
                files[fd_new].instance = true; files[fd_new].use_shared = BIT(p);
                lock_name = fd_new
            fi
        };
        d_step {                                              /* os_lock_take_over */
            if
            :: ok ->
                if :: F.stripe == p + 1 -> F.stripe = 0 :: else fi;
                if :: F.use_alone == p + 1 -> F.use_alone = 0 :: else fi;
                F.use_shared = F.use_shared & ~BIT(p); F.instance = false;
                fd[p] = fd_new
            :: else
            fi
        }
    :: else
    fi
}

/* --- the processes --- */

inline begin_process()
{
    atomic { processes++; id[p] = processes; me = processes; opened = false; ok = false }
}

#define MAY_RESTART (restarts > 0)

/* The threads of a process end with it. A stopped process never goes on, but may be killed. */
proctype Tool(byte p)
{
    LOCALS;
    byte mailbox = p % 2 + 1;
start:
    begin_process();
    {
        locks_open();
        if :: ok -> change(mailbox) :: else fi;
        locks_close()
    } unless { GONE };
end_stopped:
    id[p] != me || me == 0;
end_dead:
    if
    :: me == 0
    :: d_step { me != 0 && MAY_RESTART -> restarts-- }; goto start
    fi
}

proctype Server()
{
    LOCALS;
    byte looks;
    byte p = SERVER;
start:
    begin_process();
    {
        locks_open();
        if
        :: ok ->
            is_open[p] = true;
end_serving:
            do
            :: looks < LOOKS -> looks++; locks_keep()
            :: d_step { served == THREADS && !NAMELESS_USE -> is_open[p] = false }; break
            od
        :: else
        fi;
        locks_close()
    } unless { GONE };
end_stopped:
    id[p] != me || me == 0;
end_dead:
    if
    :: me == 0
    :: d_step { me != 0 && MAY_RESTART -> restarts--; looks = 0 }; goto start
    fi
}

proctype Thread(byte mailbox) /* a session of the server */
{
    LOCALS;
    byte p = SERVER;
    byte rounds;
end_closed:
    atomic { is_open[p] -> me = id[p] };
    {
        do
        :: read()
        :: rounds < ROUNDS -> rounds++; change(mailbox)
        :: rounds == ROUNDS -> break
        od;
        atomic { served++; me = 0 }
    } unless { GONE };
    if
    :: me == 0
    :: me != 0 ->
end_stopped:
        id[p] != me;
        goto end_closed
    fi
}

inline kill_process(p)
{
    kills--;
    if :: owes[p] -> unrepaired = true; owes[p] = false :: else fi;
    if :: holder == p + 1 -> holder = 0 :: else fi;
    if :: stopped == p + 1 -> stopped = 0 :: else fi;
    end_process(p)
}

/* Kills, stops, and what others do to the files and semaphores. */
active proctype World()
{
    byte i, p;
    atomic {
        if :: SERVERS -> run Server() :: else fi;
        do :: i < THREADS -> i++; run Thread(i) :: else -> break od;
        do :: p < TOOLS -> p++; run Tool(p) :: else -> break od
    }
end:
    do
    :: atomic { kills > 0 -> select(p : 0 .. TOOLS);
           if /* a server whose file was removed must live until it has made it again */
           :: id[p] && (p != SERVER || removals == REMOVALS || lock_name == fd[p]) -> d_step { kill_process(p) }
           :: else
           fi }
    :: atomic { stops > 0 -> select(p : 0 .. TOOLS);
           if :: id[p] -> stops--; stopped = p + 1 :: else fi }
#ifdef BREAK_REMOVED_WITHOUT_A_SERVER
    :: d_step { removals > 0 && lock_name != NOTHING -> removals--; lock_name = NOTHING }
#else
    :: d_step { removals > 0 && lock_name != NOTHING && is_open[SERVER] ->
           removals--; lock_name = NOTHING }
#endif
    :: atomic { (foreign > 0 || wrong > 0) && keys_drawn > 1 -> select(p : 1 .. keys_drawn - 1);
           if
           :: d_step { !sem_named[p] && foreign > 0 ->
                  foreign--; sems_made++; sem_named[p] = sems_made; sem_foreign[sems_made] = true }
           :: d_step { !sem_named[p] && wrong > 0 ->
                  wrong--; sems_made++; sem_named[p] = sems_made; spoiled = true;
                  sem_value[sems_made] = WRONG_VALUE }
           :: else
           fi }
    od
}
