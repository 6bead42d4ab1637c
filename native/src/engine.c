/*
 * An interpreter for programs of the host, without a server: globals to set and read, programs to run, functions to call
 * in both directions. Every call may come from a function of the host's that Lua called, so all work is done on the
 * thread that runs.
 */
#include <string.h>

#include "lauxlib.h"

#include "abi.h"
#include "alarm.h"
#include "output.h"
#include "sandbox.h"
#include "state.h"
#include "values.h"

/* What an action works on: the input buffer, copied before Lua runs and may write there again. */
struct request {
  uint32_t length;
  int reference;
};

static int make_engine(lua_State *L) {
  perilune_open_libraries(L);
  /* They read files of the host's. */
  lua_pushnil(L);
  lua_setglobal(L, "dofile");
  lua_pushnil(L);
  lua_setglobal(L, "loadfile");
  return 0;
}

PERILUNE_EXPORT(init_engine) int perilune_init_engine(void) {
  lua_State *L = perilune_new_state();
  return L && lua_cpcall(L, make_engine, NULL) == 0;
}

/* Writes the values above `bottom` as their count and a stream. */
static void put_results(lua_State *L, int bottom) {
  uint32_t count = (uint32_t)(lua_gettop(L) - bottom);
  perilune_io.output_length = 0;
  perilune_output_put(&count, 4);
  for (uint32_t i = 1; i <= count; i++) perilune_put_value(L, bottom + (int)i);
}

static int run_program(lua_State *L) {
  const struct request *request = lua_touserdata(L, 1);
  lua_settop(L, 0);
  if (luaL_loadbuffer(L, perilune_io.input, request->length, "=lua") != 0) return lua_error(L);
  lua_call(L, 0, LUA_MULTRET);
  put_results(L, 0);
  return 0;
}

/* The input is the length of the name, the name, and the value. */
static int set_global(lua_State *L) {
  uint32_t length;
  memcpy(&length, perilune_io.input, 4);
  lua_pushlstring(L, perilune_io.input + 4, length);
  perilune_get_value(L, perilune_io.input + 4 + length);
  lua_settable(L, LUA_GLOBALSINDEX);
  return 0;
}

static int get_global(lua_State *L) {
  const struct request *request = lua_touserdata(L, 1);
  lua_settop(L, 0);
  lua_pushlstring(L, perilune_io.input, request->length);
  lua_gettable(L, LUA_GLOBALSINDEX);
  put_results(L, 0);
  return 0;
}

/* The input is the count of arguments and their values. */
static int call_function(lua_State *L) {
  const struct request *request = lua_touserdata(L, 1);
  const char *p = perilune_io.input + 4;
  uint32_t count;
  memcpy(&count, perilune_io.input, 4);
  lua_settop(L, 0);
  lua_rawgeti(L, LUA_REGISTRYINDEX, request->reference);
  luaL_checkstack(L, (int)count + 1, "too many arguments");
  for (uint32_t i = 0; i < count; i++) p = perilune_get_value(L, p);
  lua_call(L, (int)count, LUA_MULTRET);
  put_results(L, 0);
  return 0;
}

static int act(lua_CFunction action, uint32_t length, int reference) {
  lua_State *L = perilune_running;
  struct request request = {length, reference};
  int status = lua_cpcall(L, action, &request);
  if (status == 0) return 0;
  size_t size;
  const char *text = lua_tolstring(L, -1, &size);
  perilune_io.output_length = 0;
  if (text)
    perilune_output_put(text, (uint32_t)size);
  else
    perilune_output_literal("the error is not a text");
  lua_pop(L, 1);
  return 1;
}

PERILUNE_EXPORT(engine_run) int perilune_engine_run(uint32_t length) { return act(run_program, length, 0); }

PERILUNE_EXPORT(engine_set) int perilune_engine_set(uint32_t length) { return act(set_global, length, 0); }

PERILUNE_EXPORT(engine_get) int perilune_engine_get(uint32_t length) { return act(get_global, length, 0); }

PERILUNE_EXPORT(engine_call) int perilune_engine_call(int reference, uint32_t length) {
  return act(call_function, length, reference);
}

PERILUNE_EXPORT(engine_release) void perilune_engine_release(int reference) {
  luaL_unref(perilune_running, LUA_REGISTRYINDEX, reference);
}
