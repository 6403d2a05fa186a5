/* SPDX-License-Identifier: Apache-2.0 */
/* ew_threads.c:
 * The shares of a layer are dealt out to the calling thread and its workers in turn. Every worker has a word that says
 * what it is about to do. Only the caller that holds the pool posts; what is posted belongs to whoever changes the word
 * first, the worker or the caller that has nothing else to do:
 *
 *     IDLE -> POSTED -> TAKEN -> IDLE        the worker computes; TAKEN -> AWAITED when the caller sleeps for it
 *             POSTED -> IDLE                 the caller computes
 *     IDLE -> ASLEEP -> POSTED               the worker sleeps until it is posted to
 *     IDLE, ASLEEP -> CLOSED                 the worker ends
 *
 * A sleeper waits for its word to change; whoever changes it from ASLEEP or AWAITED wakes it, so no wake-up is lost. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity, syscall */
#endif

#include "ew_threads.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How often a thread looks before it sleeps: some 100 microseconds, longer than small layers between two large ones
 * take, and as long as it takes some systems to wake a thread. */
#if defined(__x86_64__) || defined(__i386__)
#define SPINS   4000u
#define RELAX() __builtin_ia32_pause()
#elif defined(__aarch64__) || defined(__ARM_ARCH_7A__)
#define SPINS   20000u
#define RELAX() __asm__ volatile("yield" ::: "memory")
#else
#define SPINS   20000u
#define RELAX() __asm__ volatile("" ::: "memory")
#endif

enum { IDLE, ASLEEP, POSTED, TAKEN, AWAITED, CLOSED };

typedef struct {
    int state;
    pthread_t thread;
} __attribute__((aligned(64))) worker_t; /* a cache line each */

static struct {
    worker_t workers[EW_THREADS_MAX - 1];
    ew_share_t run; /* the layer at work */
    void *context;
    unsigned shares, threads;
    unsigned count;     /* workers that have started */
    unsigned startable; /* none beyond these could be started */
    unsigned processors;
    unsigned limit; /* ew_threads_limit(); 0: as many as processors */
    int busy;       /* a caller holds the pool; it stays so when the pool is closed */
    int fork_noticed;
} pool = {.startable = EW_THREADS_MAX - 1};

static int load(const int *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static int exchange(int *word, int value)
{
    return __atomic_exchange_n(word, value, __ATOMIC_ACQ_REL);
}

static int change(int *word, int from, int to)
{
    return __atomic_compare_exchange_n(word, &from, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static void sleep_while(int *word, int value)
{
    while (load(word) == value) {
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
    }
}

static void wake(int *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Waits for shares and takes them; 0 when the pool closes. */
static int take_shares(worker_t *self)
{
    for (;;) {
        for (unsigned left = SPINS; left > 0; left--) {
            const int state = load(&self->state);
            if (state == POSTED && change(&self->state, POSTED, TAKEN)) {
                return 1;
            }
            if (state == CLOSED) {
                return 0;
            }
            RELAX();
        }
        if (change(&self->state, IDLE, ASLEEP)) {
            sleep_while(&self->state, ASLEEP);
        }
    }
}

/* The shares that are dealt to thread number `thread`; the caller is number 0. */
static void run_shares(unsigned thread)
{
    for (unsigned share = thread; share < pool.shares; share += pool.threads) {
        pool.run(pool.context, share);
    }
}

static void *work(void *argument)
{
    worker_t *const self = (worker_t *)argument;
    while (take_shares(self)) {
        run_shares((unsigned)(self - pool.workers) + 1u);
        if (exchange(&self->state, IDLE) == AWAITED) {
            wake(&self->state);
        }
    }
    return NULL;
}

/* In the child of a fork: the other threads are not there. */
static void forget_workers(void)
{
    for (unsigned i = 0; i < EW_THREADS_MAX - 1; i++) {
        pool.workers[i].state = IDLE;
    }
    pool.count = 0;
    pool.busy = 0;
}

/* How many threads may work. More than there are processors would wait for each other. */
static unsigned allowed_threads(void)
{
    const unsigned limit = __atomic_load_n(&pool.limit, __ATOMIC_RELAXED);
    if (pool.processors == 0) {
        cpu_set_t set;
        pool.processors = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1u;
    }
    return limit > 0 ? limit : pool.processors;
}

/* One more worker, in which no signal handler of the application runs; 0 when there cannot be one. */
static int start_worker(void)
{
    worker_t *const worker = &pool.workers[pool.count];
    sigset_t all, before;
    if (!pool.fork_noticed && pthread_atfork(NULL, NULL, forget_workers) != 0) {
        return 0;
    }
    pool.fork_noticed = 1;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int status = pthread_create(&worker->thread, NULL, work, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != 0) {
        return 0;
    }
    pool.count++;
    return 1;
}

/* How many workers can be posted to, at most `wanted`; starts those that are missing. */
static unsigned ready_workers(unsigned wanted)
{
    const unsigned allowed = allowed_threads() - 1u;
    wanted = wanted < allowed ? wanted : allowed;
    while (pool.count < wanted && pool.count < pool.startable) {
        if (!start_worker()) {
            pool.startable = pool.count;
        }
    }
    return wanted < pool.count ? wanted : pool.count;
}

static void post(worker_t *worker)
{
    if (exchange(&worker->state, POSTED) == ASLEEP) {
        wake(&worker->state);
    }
}

static void await(worker_t *worker)
{
    for (unsigned left = SPINS; left > 0 && load(&worker->state) == TAKEN; left--) {
        RELAX();
    }
    if (change(&worker->state, TAKEN, AWAITED)) {
        sleep_while(&worker->state, AWAITED);
    }
}

/* For the caller that holds the pool. */
static void run_with_workers(ew_share_t run, void *context, unsigned shares)
{
    const unsigned posted = ready_workers(shares - 1u);
    pool.run = run;
    pool.context = context;
    pool.shares = shares;
    pool.threads = posted + 1u;
    for (unsigned i = 0; i < posted; i++) {
        post(&pool.workers[i]);
    }
    run_shares(0);
    for (unsigned i = 0; i < posted; i++) {
        if (change(&pool.workers[i].state, POSTED, IDLE)) {
            run_shares(i + 1u);
        }
    }
    for (unsigned i = 0; i < posted; i++) {
        await(&pool.workers[i]);
    }
}

void ew_threads_run(ew_share_t run, void *context, unsigned shares)
{
    if (exchange(&pool.busy, 1) == 0) {
        run_with_workers(run, context, shares);
        exchange(&pool.busy, 0);
        return;
    }
    for (unsigned share = 0; share < shares; share++) {
        run(context, share);
    }
}

void ew_threads_limit(unsigned threads)
{
    __atomic_store_n(&pool.limit, threads > 0 ? threads : 1u, __ATOMIC_RELAXED);
}

/* The code of the workers may be unloaded after this. A pool at work is left alone: the process ends around it, perhaps
 * in a signal handler that has interrupted the caller. */
__attribute__((destructor)) static void close_pool(void)
{
    if (exchange(&pool.busy, 1) != 0) {
        return;
    }
    for (unsigned i = 0; i < pool.count; i++) {
        if (exchange(&pool.workers[i].state, CLOSED) == ASLEEP) {
            wake(&pool.workers[i].state);
        }
        pthread_join(pool.workers[i].thread, NULL);
    }
}
