/*
 * Scripts: an interpreter is made once, scripts are loaded into it under a number, and a run is one call from the host:
 * the arguments lie in the input buffer, the answer is left as RESP in the output buffer.
 */
#include <string.h>

#include "lauxlib.h"

#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"

#include "abi.h"
#include "alarm.h"
#include "errors.h"
#include "heap.h"
#include "mentions.h"
#include "output.h"
#include "resp-writer.h"
#include "sandbox.h"
#include "state.h"

#define SHA_LENGTH 40

/* Characters shown of an error that is not a table. */
#define MAX_PLAIN_ERROR 100

/* The error handler lies at the bottom of the stack; scripts run above it. */
#define HANDLER_INDEX 1

static lua_State *L;
static int names;
static TString *keys_name;
static TString *argv_name;
/* What each script mentions, by its number. */
static unsigned char *mentions;
static int mentions_size;
/* Which of the globals are set. */
static int are_set;

struct run {
  int script;
  int keys;
  int arguments;
  int protocol;
};

static int make_sandbox(lua_State *state) {
  int insecure = lua_toboolean(state, 1);
  lua_settop(state, 0);
  perilune_open_libraries(state);
  perilune_close_sandbox(state, insecure);
  keys_name = luaS_newliteral(state, "KEYS");
  luaS_fix(keys_name);
  argv_name = luaS_newliteral(state, "ARGV");
  luaS_fix(argv_name);
  lua_newtable(state);
  names = luaL_ref(state, LUA_REGISTRYINDEX);
  return 0;
}

/* Makes the interpreter for scripts; 0 when there is not enough memory for it. */
PERILUNE_EXPORT(init_sandbox) int perilune_init_sandbox(int insecure) {
  L = perilune_new_state();
  if (!L) return 0;
  lua_pushcfunction(L, make_sandbox);
  lua_pushboolean(L, insecure);
  if (lua_pcall(L, 1, 0, 0) != 0) return 0;
  lua_pushcfunction(L, perilune_error_handler);
  lua_gc(L, LUA_GCCOLLECT, 0);
  return 1;
}

static void note_mentions(int script, int mentioned) {
  if (script >= mentions_size) {
    int size = script * 2;
    mentions = perilune_realloc(mentions, (size_t)size);
    mentions_size = size;
  }
  mentions[script] = (unsigned char)mentioned;
}

static void load_script(lua_State *state, void *argument) {
  size_t length = *(size_t *)argument;
  const char *sha = perilune_io.input;
  if (luaL_loadbuffer(state, sha + SHA_LENGTH, length - SHA_LENGTH, "@user_script") != 0) {
    size_t message_length;
    lua_pushliteral(state, "Error compiling script (new function): ");
    lua_insert(state, -2);
    lua_concat(state, 2);
    const char *message = lua_tolstring(state, -1, &message_length);
    perilune_write_error(message, message_length);
    return;
  }
  int mentioned = perilune_mentions(clvalue(state->top - 1)->l.p);
  int script = luaL_ref(state, LUA_REGISTRYINDEX);
  note_mentions(script, mentioned);
  lua_rawgeti(state, LUA_REGISTRYINDEX, names);
  lua_pushlstring(state, sha, SHA_LENGTH);
  lua_rawseti(state, -2, script);
  *(int *)argument = script;
}

/* The error of the host's own work around a script: nearly always that there is no memory. */
static void write_outer_error(int status) {
  const char *text = "not enough memory";
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) text = lua_tostring(L, -1);
  perilune_io.output_length = 0;
  perilune_write_error(text, strlen(text));
}

/*
 * Compiles a script: its SHA (40 digits) and text lie in the input buffer. Returns its number, or 0 with the error in
 * the output buffer.
 */
PERILUNE_EXPORT(load) int perilune_load(uint32_t length) {
  size_t argument = length;
  perilune_io.output_length = 0;
  int status = luaD_pcall(L, load_script, &argument, savestack(L, L->top), 0);
  if (status != 0) write_outer_error(status);
  lua_settop(L, HANDLER_INDEX);
  return perilune_io.output_length ? 0 : (int)argument;
}

PERILUNE_EXPORT(unload) void perilune_unload(int script) {
  luaL_unref(L, LUA_REGISTRYINDEX, script);
  lua_rawgeti(L, LUA_REGISTRYINDEX, names);
  lua_pushnil(L);
  lua_rawseti(L, -2, script);
  lua_settop(L, HANDLER_INDEX);
}

/*
 * Makes the array KEYS or ARGV of strings in the input buffer and sets the global, which scripts cannot. Written to the
 * new table directly: it is white and nothing collects before it is complete.
 */
static void set_strings(TString *name, const uint32_t *table, int count) {
  Table *array = luaH_new(L, count, 0);
  sethvalue(L, L->top, array);
  incr_top(L);
  for (int i = 0; i < count; i++, table += 2) {
    TString *string = luaS_newlstr(L, perilune_io.input + table[0], table[1]);
    setsvalue(L, &array->array[i], string);
  }
  Table *globals = hvalue(gt(L));
  TValue *slot = luaH_setstr(L, globals, name);
  sethvalue(L, slot, array);
  luaC_barriert(L, globals, slot);
  L->top--;
}

/* One of the globals, if the script can see it; otherwise what the script before had is let go. */
static void set_global(int mention, int mentioned, TString *name, const uint32_t *table, int count) {
  if (mentioned & mention) {
    set_strings(name, table, count);
    are_set |= mention;
  } else if (are_set & mention) {
    setnilvalue(luaH_setstr(L, hvalue(gt(L)), name));
    are_set &= ~mention;
  }
}

/* The text in a field of the error on top of the stack, or NULL. Leaves the value on the stack. */
static const char *error_field(lua_State *state, const char *name) {
  lua_getfield(state, -1, name);
  const char *text = lua_isstring(state, -1) ? lua_tostring(state, -1) : NULL;
  lua_insert(state, -2);
  return text;
}

/* The name of a script in errors: its SHA. */
static const char *push_name(lua_State *state, int script) {
  lua_rawgeti(state, LUA_REGISTRYINDEX, names);
  lua_rawgeti(state, -1, script);
  lua_remove(state, -2);
  return lua_tostring(state, -1);
}

/* An error without a table comes from Lua itself: there was no memory, or the handler of errors failed. */
static void write_plain_error(lua_State *state, int script) {
  const char *message = lua_isstring(state, -1) ? lua_tostring(state, -1) : "execution failure";
  char cut[MAX_PLAIN_ERROR + 1];
  strncpy(cut, message, MAX_PLAIN_ERROR);
  cut[MAX_PLAIN_ERROR] = 0;
  perilune_add_to_error("ERR Error running script ");
  perilune_add_to_error(push_name(state, script));
  perilune_add_to_error(", ");
  perilune_add_to_error(cut);
}

static void write_table_error(lua_State *state, int script) {
  const char *message = error_field(state, "err");
  const char *source = error_field(state, "source");
  const char *line = error_field(state, "line");
  lua_getfield(state, -1, "ignore_error_stats_update");
  perilune_io.error_counted = lua_isboolean(state, -1) && lua_toboolean(state, -1);
  perilune_add_to_error(message ? message : "ERR (error object is a table value)");
  if (!source || !line) return;
  perilune_add_to_error(" script: ");
  perilune_add_to_error(push_name(state, script));
  perilune_add_to_error(", on ");
  perilune_add_to_error(source);
  perilune_add_to_error(":");
  perilune_add_to_error(line);
  perilune_add_to_error(".");
}

/* Writes the error on top of the stack, which ended the script. */
static void write_script_error(lua_State *state, int script) {
  perilune_begin_error();
  if (lua_istable(state, -1))
    write_table_error(state, script);
  else
    write_plain_error(state, script);
  perilune_end_error();
}

/*
 * Runs the script and writes its answer, all in one protected call: an error of the script has been through the error
 * handler when it ends this.
 */
static void run_script(lua_State *state, void *argument) {
  struct run *run = argument;
  luaC_checkGC(state);
  const uint32_t *table = (const uint32_t *)perilune_io.input;
  int mentioned = mentions[run->script];
  set_global(MENTIONS_KEYS, mentioned, keys_name, table, run->keys);
  set_global(MENTIONS_ARGV, mentioned, argv_name, table + 2 * run->keys, run->arguments);
  lua_rawgeti(state, LUA_REGISTRYINDEX, run->script);
  luaD_call(state, state->top - 1, 1);
  perilune_write_value(state, run->protocol);
}

static void write_error(lua_State *state, void *argument) {
  perilune_io.output_length = 0;
  write_script_error(state, ((struct run *)argument)->script);
}

/* What collectgarbage() of one script may have changed for the next. */
static void reset_collector(void) {
  global_State *g = G(L);
  if (g->GCthreshold == MAX_LUMEM) lua_gc(L, LUA_GCRESTART, 0);
  g->gcpause = LUAI_GCPAUSE;
  g->gcstepmul = LUAI_GCMUL;
}

/*
 * Runs a script. The input buffer begins with an array of pairs (offset in the input buffer, length), first of the keys,
 * then of the other arguments. Returns 1 when the script ended with an error.
 */
PERILUNE_EXPORT(run) int perilune_run(int script, int keys, int arguments, int protocol) {
  struct run run = {script, keys, arguments, protocol};
  ptrdiff_t bottom = savestack(L, L->top);
  perilune_io.output_length = 0;
  perilune_io.protocol = 2;
  perilune_io.error_counted = 0;
  perilune_running = L;
  int status = luaD_pcall(L, run_script, &run, bottom, savestack(L, L->base));
  perilune_alarm = 0;
  if (status != 0) {
    int second = luaD_pcall(L, write_error, &run, bottom + (ptrdiff_t)sizeof(TValue), 0);
    if (second != 0) write_outer_error(second);
  }
  reset_collector();
  lua_settop(L, HANDLER_INDEX);
  return status != 0;
}
