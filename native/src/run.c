/* What scripts and functions share; see run.h. */
#include "run.h"

#include <string.h>

#include "lauxlib.h"

#include "ldo.h"
#include "lstate.h"

#include "abi.h"
#include "alarm.h"
#include "errors.h"
#include "heap.h"
#include "output.h"
#include "resp-writer.h"
#include "state.h"

/* Characters shown of an error that is not a table. */
#define MAX_PLAIN_ERROR 100

/* Names by number. */
static int names;

void perilune_init_runs(lua_State *L) {
  perilune_init_writer(L);
  lua_newtable(L);
  names = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_settop(L, 0);
  lua_pushcfunction(L, perilune_error_handler);
}

int perilune_keep(lua_State *L, const char *name, size_t length) {
  int number = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_rawgeti(L, LUA_REGISTRYINDEX, names);
  lua_pushlstring(L, name, length);
  lua_rawseti(L, -2, number);
  lua_pop(L, 1);
  return number;
}

void perilune_release(lua_State *L, int number) {
  luaL_unref(L, LUA_REGISTRYINDEX, number);
  lua_rawgeti(L, LUA_REGISTRYINDEX, names);
  lua_pushnil(L);
  lua_rawseti(L, -2, number);
  lua_pop(L, 1);
}

static const char *push_name(lua_State *L, int number) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, names);
  lua_rawgeti(L, -1, number);
  lua_remove(L, -2);
  return lua_tostring(L, -1);
}

/* The text in a field of the error on top of the stack, or NULL. Leaves the value on the stack. */
static const char *error_field(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  const char *text = lua_isstring(L, -1) ? lua_tostring(L, -1) : NULL;
  lua_insert(L, -2);
  return text;
}

/* An error without a table comes from Lua itself: there was no memory, or the handler of errors failed. */
static void write_plain_error(lua_State *L, int number) {
  const char *message = lua_isstring(L, -1) ? lua_tostring(L, -1) : "execution failure";
  char cut[MAX_PLAIN_ERROR + 1];
  strncpy(cut, message, MAX_PLAIN_ERROR);
  cut[MAX_PLAIN_ERROR] = 0;
  perilune_add_to_error("ERR Error running script ");
  perilune_add_to_error(push_name(L, number));
  perilune_add_to_error(", ");
  perilune_add_to_error(cut);
}

static void write_table_error(lua_State *L, int number) {
  const char *message = error_field(L, "err");
  const char *source = error_field(L, "source");
  const char *line = error_field(L, "line");
  perilune_add_to_error(message ? message : "ERR (error object is a table value)");
  if (!source || !line) return;
  perilune_add_to_error(" script: ");
  perilune_add_to_error(push_name(L, number));
  perilune_add_to_error(", on ");
  perilune_add_to_error(source);
  perilune_add_to_error(":");
  perilune_add_to_error(line);
  perilune_add_to_error(".");
}

/* Writes the error on top of the stack, which ended the run. */
static void write_error(lua_State *L, void *number) {
  int counted = lua_istable(L, -1) && perilune_is_counted(L);
  perilune_io.output_length = 0;
  perilune_begin_error();
  if (lua_istable(L, -1))
    write_table_error(L, *(int *)number);
  else
    write_plain_error(L, *(int *)number);
  perilune_end_error(counted);
}

void perilune_write_outer_error(lua_State *L, int status) {
  const char *text = "not enough memory";
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) text = lua_tostring(L, -1);
  perilune_io.output_length = 0;
  perilune_write_error(text, strlen(text));
}

int perilune_run_protected(lua_State *L, void (*body)(lua_State *L, void *run), void *run, int number) {
  ptrdiff_t bottom = savestack(L, L->top);
  perilune_io.output_length = 0;
  perilune_io.protocol = 2;
  perilune_running = L;
  size_t before = perilune_memory_peak = G(L)->totalbytes;
  int status = luaD_pcall(L, body, run, bottom, savestack(L, L->base));
  if (G(L)->totalbytes > perilune_memory_peak) perilune_memory_peak = G(L)->totalbytes;
  perilune_io.memory_growth = (uint32_t)(perilune_memory_peak - before);
  perilune_alarm = 0;
  if (status != 0) {
    int second = luaD_pcall(L, write_error, &number, bottom + (ptrdiff_t)sizeof(TValue), 0);
    if (second != 0) {
      perilune_write_outer_error(L, second);
      perilune_tell_error(0, 0);
    }
  }
  perilune_reset_collector(L);
  lua_settop(L, PERILUNE_HANDLER_INDEX);
  return status != 0;
}
