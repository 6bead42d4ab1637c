/*
 * The patched Lua on this machine's own processor and C library: runs the program in a file and prints the string it
 * returns. The parity test runs the same program in WebAssembly and compares.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

int luaopen_cjson(lua_State *L);
int luaopen_struct(lua_State *L);
int luaopen_cmsgpack(lua_State *L);
int luaopen_bit(lua_State *L);

/* What the patches ask of their host. Nobody sets the alarm here, and memory has no limit. */
volatile int perilune_alarm;
lua_State *perilune_running;

void perilune_poll(lua_State *L) { (void)L; }
int perilune_memory_is_tight(size_t used) { return used == (size_t)-1; }
void perilune_memory_was_collected(size_t used) { (void)used; }
size_t perilune_gc_threshold(size_t wanted, size_t live) {
  (void)live;
  return wanted;
}

void *perilune_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
  (void)ud;
  (void)old_size;
  if (new_size > 0) return realloc(block, new_size);
  free(block);
  return NULL;
}

void perilune_check_size(lua_State *L, double size) {
  (void)L;
  (void)size;
}

void perilune_throw_memory_error(lua_State *L) {
  (void)L;
  abort();
}

void *perilune_malloc(size_t size) { return malloc(size); }
void *perilune_realloc(void *block, size_t size) { return realloc(block, size); }

static void open_library(lua_State *L, const char *name, lua_CFunction open) {
  lua_pushcfunction(L, open);
  lua_pushstring(L, name);
  lua_call(L, 1, 0);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  lua_State *L = lua_newstate(perilune_allocate, NULL);
  perilune_running = L;
  open_library(L, "", luaopen_base);
  open_library(L, LUA_TABLIBNAME, luaopen_table);
  open_library(L, LUA_STRLIBNAME, luaopen_string);
  open_library(L, LUA_MATHLIBNAME, luaopen_math);
  open_library(L, "cjson", luaopen_cjson);
  open_library(L, "struct", luaopen_struct);
  open_library(L, "cmsgpack", luaopen_cmsgpack);
  open_library(L, "bit", luaopen_bit);
  lua_settop(L, 0);
  int status = luaL_loadfile(L, argv[1]) || lua_pcall(L, 0, 1, 0);
  size_t length = 0;
  const char *text = lua_tolstring(L, -1, &length);
  if (text) fwrite(text, 1, length, stdout);
  return status != 0 || !text;
}
