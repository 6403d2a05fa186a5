/* threads_program.c: the pool under stress; prints what went wrong, nothing when all is well.
 *
 * Arguments: the most shares; "fork" to fork, too. Each caller computes into its own memory, many times, with all
 * numbers of shares; one that ran twice, or not at all, leaves a wrong count. With EW_TEST_FAIL_AFTER=n pthread_create
 * fails from the n-th time on. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads/ew_threads.h"

#define ROUNDS  3000u
#define CALLERS 3u

typedef struct {
    unsigned ran[EW_THREADS_MAX];
    unsigned rounds, first_shares, wrong;
} caller_t;

static int created;
static unsigned most_shares;

int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *argument)
{
    const char *fail = getenv("EW_TEST_FAIL_AFTER");
    if (fail && __atomic_fetch_add(&created, 1, __ATOMIC_RELAXED) >= atoi(fail)) {
        return 11; /* EAGAIN */
    }
    return __real_pthread_create(thread, attr, run, argument);
}

static void share(void *context, unsigned number)
{
    caller_t *const caller = (caller_t *)context;
    for (unsigned i = 0; i < caller->rounds % 7u * 50u; i++) {
        __asm__ volatile("" ::: "memory");
    }
    caller->ran[number]++;
}

static void *call(void *argument)
{
    caller_t *const caller = (caller_t *)argument;
    unsigned wanted[EW_THREADS_MAX] = {0};
    for (caller->rounds = 0; caller->rounds < ROUNDS; caller->rounds++) {
        const unsigned shares = 1u + (caller->first_shares + caller->rounds) % most_shares;
        if (caller->rounds % 500u == 499u) {
            usleep(2000); /* all fall asleep */
        }
        if (caller->rounds % 1000u == 700u) {
            ew_threads_limit(caller->rounds % 3u ? EW_THREADS_MAX : 2u);
        }
        ew_threads_run(share, caller, shares);
        for (unsigned i = 0; i < shares; i++) {
            wanted[i]++;
        }
        caller->wrong += memcmp(wanted, caller->ran, sizeof wanted) != 0;
    }
    return NULL;
}

static unsigned one_caller(void)
{
    caller_t caller;
    memset(&caller, 0, sizeof caller);
    call(&caller);
    return caller.wrong;
}

static unsigned many_callers(void)
{
    static caller_t callers[CALLERS];
    pthread_t threads[CALLERS];
    unsigned wrong = 0;
    for (unsigned i = 0; i < CALLERS; i++) {
        callers[i].first_shares = 5u * i;
        if (__real_pthread_create(&threads[i], NULL, call, &callers[i]) != 0) {
            return 1;
        }
    }
    for (unsigned i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
        wrong += callers[i].wrong;
    }
    return wrong;
}

static void check(const char *what, unsigned wrong)
{
    if (wrong) {
        printf("%s: %u\n", what, wrong);
        exit(1);
    }
}

int main(int count, char **arguments)
{
    ew_threads_limit(EW_THREADS_MAX);
    most_shares = count > 1 ? (unsigned)atoi(arguments[1]) : EW_THREADS_MAX;
    check("one caller", one_caller());
    check("many callers", many_callers());
    if (count > 2 && strcmp(arguments[2], "fork") == 0) {
        int status = 1;
        const pid_t child = fork();
        if (child == 0) {
            exit(one_caller() != 0);
        }
        check("fork", child < 0 || waitpid(child, &status, 0) != child || status != 0);
        check("after the fork", one_caller());
    }
    return 0;
}
