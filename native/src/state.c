/* Making an interpreter; see state.h. */
#include "state.h"

#include <stdlib.h>
#include <unistd.h>

#include "lgc.h"
#include "lstate.h"

#include "abi.h"
#include "heap.h"

int perilune_buffers_init(void);

static int panic(lua_State *L) {
  (void)L;
  abort(); /* an error outside every protected call: the host drops the instance */
}

lua_State *perilune_new_state(void) {
  if (!perilune_buffers_init()) return NULL;
  lua_State *L = lua_newstate(perilune_allocate, NULL);
  if (L) lua_atpanic(L, panic);
  perilune_running = L;
  return L;
}

lua_State *perilune_new_interpreter(lua_CFunction make_sandbox, int insecure) {
  lua_State *L = perilune_new_state();
  if (!L) return NULL;
  lua_pushcfunction(L, make_sandbox);
  lua_pushboolean(L, insecure);
  if (lua_pcall(L, 1, 1, 0) != 0) return NULL;
  lua_gc(L, LUA_GCCOLLECT, 0);
  return L;
}

/* The end of what was ever taken of linear memory: all beyond is untouched. */
PERILUNE_EXPORT(heap_top) char *perilune_heap_top(void) { return sbrk(0); }

/* Bytes Lua's objects take. */
PERILUNE_EXPORT(memory_used) uint32_t perilune_memory_used(void) {
  return (uint32_t)G(perilune_running)->totalbytes;
}

PERILUNE_EXPORT(collect) void perilune_collect(void) { lua_gc(perilune_running, LUA_GCCOLLECT, 0); }

void perilune_reset_collector(lua_State *L) {
  global_State *g = G(L);
  if (g->GCthreshold == MAX_LUMEM) lua_gc(L, LUA_GCRESTART, 0);
  g->gcpause = LUAI_GCPAUSE;
  g->gcstepmul = LUAI_GCMUL;
}
