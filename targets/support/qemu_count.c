/* SPDX-License-Identifier: Apache-2.0 */
/* qemu_count.c: a QEMU plugin that counts what one call of one function costs, without touching the program.
 *
 * Arguments: out=FILE lo=ADDRESS hi=ADDRESS [stop=ADDRESS] [fail=ADDRESS] [each=1]
 *            [line=BYTES code=LINES data=LINES ways=LINES ahead=1]
 * The function lies in [lo, hi) and is a straight list of calls of functions that lie elsewhere. Every executed
 * instruction raises a counter; callbacks stand only on the function's own instructions. When the counter
 * moved by more than one between two of them, the difference is one call. stop: reaching it ends the emulator.
 * fail: likewise, and the output says so. each=1: also counts each address. line, code, data, ways: with each=1, the
 * cache between core and flash (everything below address 0x20000000): its line, how many it keeps of code and of data
 * (0: both share those of code), and among how many an address may lie (0: all). The least recently used one goes.
 * ahead=1: the line behind the one that is executed is always there in time.
 *
 * Output, of the last complete call of the function:
 *     call OWN INSTRUCTIONS LOADS STORES   one per call made: own instructions before it, then its cost
 *     rest OWN LOADS STORES                own instructions after the last call; own loads and stores in all
 *     at ADDRESS BYTES EXECUTED LOADS STORES TAKEN MISSES SPLITS    each=1: per instruction, since the function was
 *                                          entered. MISSES: lines that its data, or as the last instruction of a
 *                                          block that block's code, brought into the cache. SPLITS: accesses beyond
 *                                          the first that unaligned data takes: halfword 1, word 1 or 2
 *     end | fail
 * Loads and stores are counted as QEMU 7.2 reports them: one per element for vector instructions, one per word
 * for LDM, LDRD and the like. Instructions that an IT block skips are counted. each=1 expects Thumb code. All of
 * it is the same in every version of QEMU but one thing: where a block ends, and so which instruction has its MISSES.
 *
 * With api=1 nothing is run, and the output is
 *     api MIN CURRENT USED   versions of the plugin interface: the least and most that this QEMU has, the one in use
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qemu_plugin_api.h"

#define FLASH_END 0x20000000u

/* An instruction of the program, and how often it did what. */
typedef struct place {
    struct place *next;
    counter_t executed;
    uint64_t executed_before; /* `executed` when the function was entered */
    uint64_t address, loads, stores, taken, misses, splits;
    size_t bytes;
    bool pair; /* loads or stores two general registers */
} place_t;

typedef struct {
    uint64_t own, instructions, loads, stores;
} call_t;

typedef struct {
    uint64_t start, end;
    place_t *last;
} block_t;

/* Lines by set; number: address / line_bytes + 1, 0 for an empty one. */
typedef struct {
    uint64_t sets, ways, *number, *used;
} cache_t;

static FILE *out;
static uint64_t low, high, stop_at, fail_at;
static bool each, is_a64;
static int current_api;

static counter_t executed;           /* instructions since the start of the program */
static uint64_t loads[2], stores[2]; /* [1]: by the function's own instructions */

static uint64_t seen_executed, seen_loads, seen_stores; /* at the last own instruction; memory of others only */
static bool inside;
static call_t *calls;
static size_t call_count, call_room;
static uint64_t own;

#define BUCKETS 65536u
static place_t *buckets[BUCKETS];
static uint64_t previous_end;
static place_t *previous_last;

static uint64_t line_bytes, code_lines, data_lines, line_ways, ahead, cache_clock, next_line;
static cache_t code_cache, data_cache;

static void *needed(void *memory)
{
    if (!memory) {
        fprintf(stderr, "error: out of memory\n");
        _exit(1);
    }
    return memory;
}

static void *allocate(void *old, size_t bytes)
{
    return needed(realloc(old, bytes));
}

static place_t *place_at(uint64_t address)
{
    place_t **bucket = &buckets[(address >> 1) % BUCKETS], *place;
    for (place = *bucket; place; place = place->next) {
        if (place->address == address) {
            return place;
        }
    }
    place = allocate(NULL, sizeof *place);
    memset(place, 0, sizeof *place);
    place->address = address;
    if (each) {
        place->executed = new_counter();
        needed(place->executed.score);
    }
    place->next = *bucket;
    *bucket = place;
    return place;
}

static cache_t empty_cache(uint64_t lines)
{
    const uint64_t ways = line_ways ? line_ways : lines, bytes = lines * sizeof(uint64_t);
    cache_t made = {lines / ways, ways, allocate(NULL, bytes), allocate(NULL, bytes)};
    memset(made.number, 0, bytes);
    memset(made.used, 0, bytes);
    return made;
}

/* How many lines of [address, end) had to be waited for: none outside of the flash, nor line `next`, if given. */
static uint64_t missed(cache_t *cache, uint64_t address, uint64_t end, uint64_t *next)
{
    uint64_t count = 0;
    if (!line_bytes || address >= FLASH_END) {
        return 0;
    }
    for (uint64_t line = address / line_bytes; line <= (end - 1) / line_bytes; line++) {
        const uint64_t first = line % cache->sets * cache->ways;
        uint64_t place = first;
        for (uint64_t i = first; i < first + cache->ways && cache->number[place] != line + 1; i++) {
            place = cache->number[i] == line + 1 || cache->used[i] < cache->used[place] ? i : place;
        }
        count += cache->number[place] != line + 1 && !(next && *next == line);
        if (next) {
            *next = line + 1;
        }
        cache->number[place] = line + 1;
        cache->used[place] = ++cache_clock;
    }
    return count;
}

static void enter(void)
{
    inside = true;
    call_count = 0;
    own = 0;
    memset(loads, 0, sizeof loads);
    memset(stores, 0, sizeof stores);
    for (size_t i = 0; i < BUCKETS; i++) {
        for (place_t *place = buckets[i]; place; place = place->next) {
            place->executed_before = each ? value_of(place->executed) : 0;
            place->loads = place->stores = place->taken = place->misses = place->splits = 0;
        }
    }
}

static void on_own(unsigned cpu, void *data)
{
    (void)cpu;
    const bool entered = *(const uint64_t *)data == low;
    const uint64_t now = value_of(executed);
    if (entered) {
        enter();
    } else if (inside && now - seen_executed > 1) {
        if (call_count == call_room) {
            call_room = call_room ? 2 * call_room : 256;
            calls = allocate(calls, call_room * sizeof *calls);
        }
        calls[call_count++] = (call_t){own, now - seen_executed - 1, loads[0] - seen_loads, stores[0] - seen_stores};
        own = 0;
    }
    own++;
    seen_executed = now;
    seen_loads = loads[0];
    seen_stores = stores[0];
}

static void on_memory(unsigned cpu, memory_info_t info, uint64_t address, void *data)
{
    (void)cpu;
    place_t *place = data;
    const bool is_own = place->address >= low && place->address < high;
    const uint64_t bytes = 1ull << qemu_plugin_mem_size_shift(info);
    /* From QEMU 8.1 on, more and more of what were two accesses is one. */
    const uint64_t count = bytes == 16 || (bytes == 8 && place->pair) ? 2 : 1;
    if (each && bytes <= 4) {
        place->splits += address % bytes == 0 ? 0 : bytes == 4 && address % 2 ? 2 : 1;
    }
    if (qemu_plugin_mem_is_store(info)) {
        stores[is_own] += count;
        place->stores += count;
    } else {
        loads[is_own] += count;
        place->loads += count;
        place->misses += each ? missed(data_lines ? &data_cache : &code_cache, address, address + bytes, NULL) : 0;
    }
}

static void on_block(unsigned cpu, void *data)
{
    (void)cpu;
    const block_t *block = data;
    if (previous_last && block->start != previous_end) {
        previous_last->taken++;
    }
    block->last->misses += missed(&code_cache, block->start, block->end, ahead ? &next_line : NULL);
    previous_end = block->end;
    previous_last = block->last;
}

static void report(const char *ending)
{
    for (size_t i = 0; i < call_count; i++) {
        fprintf(out, "call %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", calls[i].own, calls[i].instructions,
                calls[i].loads, calls[i].stores);
    }
    if (inside) {
        fprintf(out, "rest %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", own, loads[1], stores[1]);
    }
    for (size_t i = 0; each && i < BUCKETS; i++) {
        for (const place_t *place = buckets[i]; place; place = place->next) {
            const uint64_t times = value_of(place->executed) - place->executed_before;
            if (times) {
                fprintf(out, "at %" PRIu64 " %zu %" PRIu64 " %" PRIu64 " %" PRIu64, place->address, place->bytes, times,
                        place->loads, place->stores);
                fprintf(out, " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", place->taken, place->misses, place->splits);
            }
        }
    }
    fprintf(out, "%s\n", ending);
    fclose(out);
}

static void on_stop(unsigned cpu, void *data)
{
    (void)cpu;
    report(data ? "fail" : "end");
    _exit(0);
}

static void on_exit_of_program(void *data)
{
    (void)data;
    report("end");
}

static void old_on_exit_of_program(plugin_id_t id, void *data)
{
    (void)id;
    on_exit_of_program(data);
}

/* Whether it is LDRD, STRD, LDP or STP. Instructions of the other encodings that match make no access of 8 bytes. */
static bool is_pair(uint32_t code)
{
    const bool t32 = (code & 0xfe40u) == 0xe840u && (code & 0x0120u), a32 = (code & 0x0e1000d0u) == 0x000000d0u;
    return is_a64 ? (code & 0xbc000000u) == 0x28000000u : t32 || a32;
}

/* QEMU 7.2 adds to the last instruction of a page the one behind it, which it has looked at. */
static size_t bytes_of_thumb(uint32_t code)
{
    return (code & 0xf800u) >= 0xe800u ? 4 : 2;
}

static void on_translate(struct qemu_plugin_tb *tb, void *data)
{
    (void)data;
    const size_t count = qemu_plugin_tb_n_insns(tb);
    block_t *block = each ? allocate(NULL, sizeof *block) : NULL;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);
        place_t *place = place_at(qemu_plugin_insn_vaddr(instruction));
        const uint32_t code = code_of(instruction, current_api);
        place->bytes = each ? bytes_of_thumb(code) : qemu_plugin_insn_size(instruction);
        place->pair = is_pair(code);
        raise_at(instruction, executed);
        if (place->address >= low && place->address < high) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_own, NO_REGS, &place->address);
        }
        if (place->address == stop_at || place->address == fail_at) {
            void *failed = place->address == fail_at ? &fail_at : NULL;
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_stop, NO_REGS, failed);
        }
        /* Its inline form ignores the direction in QEMU 7.2. */
        qemu_plugin_register_vcpu_mem_cb(instruction, on_memory, NO_REGS, READ | WRITE, place);
        if (each) {
            raise_at(instruction, place->executed); /* behind on_own, which reads it when the function is entered */
            block->start = i == 0 ? place->address : block->start;
            block->end = place->address + place->bytes;
            block->last = place;
        }
    }
    if (each && count) {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, NO_REGS, block);
    }
}

static void old_on_translate(plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    on_translate(tb, NULL);
}

EXPORT int qemu_plugin_install(plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    bool only_api = false;
    current_api = info->api.current;
    is_a64 = !strcmp(info->target_name, "aarch64");
    for (int i = 0; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) {
            return -1;
        }
        *value++ = 0;
        if (!strcmp(argv[i], "out")) {
            out = fopen(value, "w");
        } else {
            const uint64_t number = strtoull(value, NULL, 0);
            low = strcmp(argv[i], "lo") ? low : number;
            high = strcmp(argv[i], "hi") ? high : number;
            stop_at = strcmp(argv[i], "stop") ? stop_at : number;
            fail_at = strcmp(argv[i], "fail") ? fail_at : number;
            each = strcmp(argv[i], "each") ? each : number != 0;
            only_api = strcmp(argv[i], "api") ? only_api : number != 0;
            line_bytes = strcmp(argv[i], "line") ? line_bytes : number;
            code_lines = strcmp(argv[i], "code") ? code_lines : number;
            data_lines = strcmp(argv[i], "data") ? data_lines : number;
            line_ways = strcmp(argv[i], "ways") ? line_ways : number;
            ahead = strcmp(argv[i], "ahead") ? ahead : number;
        }
    }
    if (!can_count(info->api.min)) {
        fprintf(stderr, "error: plugin API %d to %d has no counters that are known here\n", info->api.min, current_api);
        return -1;
    }
    if (out && only_api) {
        fprintf(out, "api %d %d %d\n", info->api.min, current_api, qemu_plugin_version);
        fclose(out);
        _exit(0);
    }
    if (!out || high <= low) {
        fprintf(stderr, "error: out, lo and hi are needed\n");
        return -1;
    }
    if (line_bytes && (!code_lines || (line_ways && (code_lines % line_ways || data_lines % line_ways)))) {
        fprintf(stderr, "error: a cache needs lines of code, a multiple of its ways\n");
        return -1;
    }
    if (line_bytes) {
        code_cache = empty_cache(code_lines);
        data_cache = empty_cache(data_lines ? data_lines : code_lines);
    }
    executed = new_counter();
    needed(executed.score);
    stop_at = stop_at ? stop_at : UINT64_MAX;
    fail_at = fail_at ? fail_at : UINT64_MAX;
    if (current_api >= NEW_CALLBACKS) {
        new_on_translation(id, on_translate, NULL);
        new_at_exit(id, on_exit_of_program, NULL);
    } else {
        old_on_translation(id, old_on_translate);
        old_at_exit(id, old_on_exit_of_program, NULL);
    }
    return 0;
}
