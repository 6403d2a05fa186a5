/* SPDX-License-Identifier: Apache-2.0 */
/* qemu_plugin_api.h: the part of QEMU's plugin interface that qemu_count.c uses, since distributions ship no header.
 *
 * One built plugin serves QEMU 7.2 and 8.2 (plugin API 1), which raise a counter at any address, and 9.0 and later
 * (API 2 and up), which raise entries of scoreboards, one for each virtual CPU. QEMU reads which API a plugin was
 * written for before it calls anything of it, so that a constructor decides it from the functions that are there, or
 * from the environment: QEMU 11.1 takes no less than API 7, whose callbacks have other arguments.
 * Source: QEMU, include/qemu/qemu-plugin.h (later include/plugins) and plugins/loader.c of 7.2 to 11.1.
 */
#ifndef QEMU_PLUGIN_API_H
#define QEMU_PLUGIN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT   __attribute__((visibility("default")))
#define OPTIONAL __attribute__((weak))
#define ADD_U64  0
#define NO_REGS  0
#define READ     1
#define WRITE    2

typedef uint64_t plugin_id_t;
typedef uint32_t memory_info_t;
typedef struct {
    const char *target_name;
    struct {
        int min, current;
    } api; /* what is behind it depends on the API */
} qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*execute_cb_t)(unsigned cpu, void *data);
typedef void (*memory_cb_t)(unsigned cpu, memory_info_t info, uint64_t address, void *data);

/* An entry of a scoreboard, `offset` bytes from its start; in API 1 the scoreboard is ordinary memory. */
typedef struct {
    void *score;
    size_t offset;
} counter_t;

void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, execute_cb_t, int, void *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, execute_cb_t, int, void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, memory_cb_t, int, int, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
bool qemu_plugin_mem_is_store(memory_info_t);
unsigned qemu_plugin_mem_size_shift(memory_info_t);

/* One function: up to API 2 it returns where the code is, from API 3 on it copies it. */
const void *old_insn_data(const struct qemu_plugin_insn *) __asm__("qemu_plugin_insn_data");
size_t new_insn_data(const struct qemu_plugin_insn *, void *, size_t) __asm__("qemu_plugin_insn_data");
/* One function each: from API 7 on callbacks get what was given with them in place of the plugin's id. */
typedef void (*old_translation_cb_t)(plugin_id_t, struct qemu_plugin_tb *);
typedef void (*new_translation_cb_t)(struct qemu_plugin_tb *, void *data);
typedef void (*old_exit_cb_t)(plugin_id_t, void *data);
typedef void (*new_exit_cb_t)(void *data);
void old_on_translation(plugin_id_t, old_translation_cb_t) __asm__("qemu_plugin_register_vcpu_tb_trans_cb");
void new_on_translation(plugin_id_t, new_translation_cb_t, void *) __asm__("qemu_plugin_register_vcpu_tb_trans_cb");
void old_at_exit(plugin_id_t, old_exit_cb_t, void *) __asm__("qemu_plugin_register_atexit_cb");
void new_at_exit(plugin_id_t, new_exit_cb_t, void *) __asm__("qemu_plugin_register_atexit_cb");
/* API 1 only. */
OPTIONAL void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int, void *, uint64_t);
/* API 2 and up. */
OPTIONAL void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *, int, counter_t, uint64_t);
OPTIONAL void *qemu_plugin_scoreboard_new(size_t bytes);
OPTIONAL uint64_t qemu_plugin_u64_sum(counter_t);

#define API_IN_ENVIRONMENT "EDGEWRIGHT_PLUGIN_API" /* overrules what is chosen here */
#define NEW_CALLBACKS      7
EXPORT int qemu_plugin_version;

static bool has_scoreboards(void)
{
    return qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu && qemu_plugin_scoreboard_new && qemu_plugin_u64_sum;
}

/* Whether a QEMU whose least API is `least` has counters that are known here. */
static bool can_count(int least)
{
    return least <= NEW_CALLBACKS && (has_scoreboards() || qemu_plugin_register_vcpu_insn_exec_inline);
}

__attribute__((constructor)) static void choose_api(void)
{
    const char *asked = getenv(API_IN_ENVIRONMENT);
    qemu_plugin_version = asked ? atoi(asked) : has_scoreboards() ? 2 : 1;
}

/* A counter of zero; NULL for its scoreboard when there is no memory. COUNTERS of them share a scoreboard. */
#define COUNTERS 1024u
static counter_t new_counter(void)
{
    static counter_t last;
    const size_t bytes = COUNTERS * sizeof(uint64_t);
    last.offset += sizeof(uint64_t);
    if (!last.score || last.offset == bytes) {
        last.score = has_scoreboards() ? qemu_plugin_scoreboard_new(bytes) : calloc(COUNTERS, sizeof(uint64_t));
        last.offset = 0;
    }
    return last;
}

static uint64_t *memory_of(counter_t counter)
{
    return (uint64_t *)((char *)counter.score + counter.offset);
}

/* Whenever the instruction is executed, it raises the counter: in API 1 behind all its callbacks, from API 2 on between
 * those that were registered before and after. */
static void raise_at(struct qemu_plugin_insn *instruction, counter_t counter)
{
    if (has_scoreboards()) {
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(instruction, ADD_U64, counter, 1);
    } else {
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, memory_of(counter), 1);
    }
}

static uint64_t value_of(counter_t counter)
{
    return has_scoreboards() ? qemu_plugin_u64_sum(counter) : *memory_of(counter);
}

/* The first four bytes of the instruction, or all if there are fewer; `current` is the newest API of this QEMU. */
static uint32_t code_of(const struct qemu_plugin_insn *instruction, int current)
{
    const size_t size = qemu_plugin_insn_size(instruction);
    uint32_t code = 0;
    if (current >= 3) {
        new_insn_data(instruction, &code, sizeof code);
    } else {
        memcpy(&code, old_insn_data(instruction), size < sizeof code ? size : sizeof code);
    }
    return code;
}

#endif
