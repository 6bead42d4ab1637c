/*
 * Memory of the interpreter: linear memory has a fixed size, and running out of it is a Lua error, never a crash.
 */
#ifndef PERILUNE_HEAP_H
#define PERILUNE_HEAP_H

#include <stddef.h>

struct lua_State;

/* The Lua thread that runs: who gets the error when memory that no Lua state asked for cannot be had. */
extern struct lua_State *perilune_running;

/* Lua's allocator (lua_Alloc). */
void *perilune_allocate(void *ud, void *block, size_t old_size, size_t new_size);

/* malloc and realloc that raise "not enough memory". */
void *perilune_malloc(size_t size);
void *perilune_realloc(void *block, size_t size);

void perilune_throw_memory_error(struct lua_State *L) __attribute__((noreturn));

/* Raises "not enough memory" for a string of a size that no memory has, before time is lost on making it. */
void perilune_check_size(struct lua_State *L, double size);

/* The most that Lua's objects took: as the collector saw it, which looks before it frees anything. */
extern size_t perilune_memory_peak;

/* Whether so much is in use that a full collection must run before more is asked for. */
int perilune_memory_is_tight(size_t used);

/* Called after such a collection: sets when the next one is due. */
void perilune_memory_was_collected(size_t used);

/* Where the next collection begins: where the collector would like to, in bounds. */
size_t perilune_gc_threshold(size_t wanted, size_t live);

#endif
