/*
 * Lua's allocator: free lists by size for small blocks, without headers, as Lua always says how large a block was; the
 * library's malloc for the rest. Small blocks are never given back to malloc; the next blocks of their size take them.
 */
#include "heap.h"

#include <stdlib.h>
#include <string.h>

#include "lua.h"

#include "ldo.h"

#include "abi.h"

#define GRAIN 8
#define MAX_SMALL 256
#define CLASSES (MAX_SMALL / GRAIN + 1)
#define CHUNK 65536

/* A script gets a full collection when it has used so much of its memory, then at half of what is still left. */
#define TIGHT_NUMERATOR 3
#define TIGHT_DENOMINATOR 4
#define LAST_STEP 32

lua_State *perilune_running;

static void *free_blocks[CLASSES];
static char *chunk;
static char *chunk_end;
static size_t tight_at;

size_t perilune_memory_peak;

static int class_of(size_t size) { return (int)((size + GRAIN - 1) / GRAIN); }

static void put_small(void *block, size_t size) {
  int c = class_of(size);
  *(void **)block = free_blocks[c];
  free_blocks[c] = block;
}

static void *carve_from_new_chunk(size_t rounded) {
  size_t left = (size_t)(chunk_end - chunk);
  if (left >= GRAIN) put_small(chunk, left > MAX_SMALL ? MAX_SMALL : left / GRAIN * GRAIN);
  chunk = malloc(CHUNK);
  chunk_end = chunk ? chunk + CHUNK : chunk;
  if (!chunk) return NULL;
  void *block = chunk;
  chunk += rounded;
  return block;
}

static inline void *get_small(size_t size) {
  int c = class_of(size);
  void *block = free_blocks[c];
  if (__builtin_expect(block != NULL, 1)) {
    free_blocks[c] = *(void **)block;
    return block;
  }
  size_t rounded = (size_t)c * GRAIN;
  if ((size_t)(chunk_end - chunk) < rounded) return carve_from_new_chunk(rounded);
  block = chunk;
  chunk += rounded;
  return block;
}

static inline void *get(size_t size) { return size <= MAX_SMALL ? get_small(size) : malloc(size); }

static inline void put(void *block, size_t size) {
  if (size <= MAX_SMALL)
    put_small(block, size);
  else
    free(block);
}

static void *failed(void) {
  perilune_io.memory_failed = 1;
  return NULL;
}

void *perilune_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
  (void)ud;
  if (block == NULL || old_size == 0) {
    if (new_size == 0) return NULL;
    void *fresh = get(new_size);
    return fresh ? fresh : failed();
  }
  if (new_size == 0) {
    put(block, old_size);
    return NULL;
  }
  if (old_size > MAX_SMALL && new_size > MAX_SMALL) {
    void *moved = realloc(block, new_size);
    return moved ? moved : failed();
  }
  if (old_size <= MAX_SMALL && new_size <= MAX_SMALL && class_of(old_size) == class_of(new_size)) return block;
  void *moved = get(new_size);
  if (!moved) return failed();
  memcpy(moved, block, old_size < new_size ? old_size : new_size);
  put(block, old_size);
  return moved;
}

void perilune_throw_memory_error(lua_State *L) {
  perilune_io.memory_failed = 1;
  luaD_throw(L, LUA_ERRMEM);
  __builtin_unreachable();
}

void *perilune_malloc(size_t size) {
  void *block = malloc(size);
  if (!block) perilune_throw_memory_error(perilune_running);
  return block;
}

void *perilune_realloc(void *block, size_t size) {
  void *moved = realloc(block, size);
  if (!moved) perilune_throw_memory_error(perilune_running);
  return moved;
}

static size_t memory_size(void) { return (size_t)__builtin_wasm_memory_size(0) * 65536; }

void perilune_check_size(lua_State *L, double size) {
  if (size >= (double)memory_size()) perilune_throw_memory_error(L);
}

int perilune_memory_is_tight(size_t used) {
  if (used > perilune_memory_peak) perilune_memory_peak = used;
  if (tight_at == 0) tight_at = memory_size() / TIGHT_DENOMINATOR * TIGHT_NUMERATOR;
  return used >= tight_at;
}

void perilune_memory_was_collected(size_t used) {
  size_t size = memory_size();
  size_t first = size / TIGHT_DENOMINATOR * TIGHT_NUMERATOR;
  size_t step = size > used ? (size - used) / 2 : 0;
  if (step < size / LAST_STEP) step = size; /* nearly full: collections would only delay the end */
  tight_at = used + step > first ? used + step : first;
}

/*
 * Lua begins a collection when its objects have grown by half, which an interpreter that holds little but its libraries
 * does every few hundred scripts: marking them again takes longer than it takes to leave the garbage for a while.
 */
#define GARBAGE_MIN (512 * 1024)

size_t perilune_gc_threshold(size_t wanted, size_t live) {
  if (wanted < live + GARBAGE_MIN) wanted = live + GARBAGE_MIN;
  return tight_at && wanted > tight_at ? tight_at : wanted;
}
