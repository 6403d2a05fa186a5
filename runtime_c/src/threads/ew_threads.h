/* SPDX-License-Identifier: Apache-2.0 */
/* ew_threads.h: the layers of a model on several threads of a Linux process.
 *
 * One pool serves all models and instances of a process whose kernels have one version. Its threads start at the first
 * layer that wants them, sleep between inferences, and end with the process (or when the library that holds them is
 * unloaded). */
#ifndef EW_THREADS_H
#define EW_THREADS_H

#define EW_THREADS_MAX 16

#ifdef __cplusplus
extern "C" {
#endif

/* Computes share number `share` of what `context` points to. */
typedef void (*ew_share_t)(void *context, unsigned share);

/* Calls run(context, 0) to run(context, shares - 1), each once, and returns when all have returned.
 * 0 < shares <= EW_THREADS_MAX. The calling thread takes what no other thread has begun; that is all when the pool is
 * at work for another caller, or could not start a thread. May be called from any thread, not from a share; not
 * from a signal handler. After fork() the child starts threads of its own; fork() must not interrupt a share. */
void ew_threads_run(ew_share_t run, void *context, unsigned shares);

/* From the next layer on at most `threads` threads compute, the calling one included: 1 (or 0) leaves it alone. Without
 * this call there are as many as the process has processors. The results do not depend on it. */
void ew_threads_limit(unsigned threads);

#ifdef __cplusplus
}
#endif

#endif
