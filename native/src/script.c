/*
 * Scripts: an interpreter is made once, scripts are loaded into it under a number, and a run is one call from the host:
 * the arguments lie in the input buffer, the answer is left as RESP in the output buffer.
 */
#include <stdlib.h>

#include "lauxlib.h"

#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"

#include "abi.h"
#include "arguments.h"
#include "debugger.h"
#include "heap.h"
#include "mentions.h"
#include "resp-writer.h"
#include "run.h"
#include "sandbox.h"
#include "server-api.h"
#include "state.h"

#define SHA_LENGTH 40

static lua_State *L;
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

/* The arguments of scripts have their place in the table of globals before it is closed. */
static TString *make_argument(lua_State *state, const char *name) {
  lua_newtable(state);
  lua_setglobal(state, name);
  TString *string = luaS_new(state, name);
  luaS_fix(string);
  return string;
}

static int make_sandbox(lua_State *state) {
  perilune_open_sandbox(state, lua_toboolean(state, 1));
  perilune_open_script_api(state);
  keys_name = make_argument(state, "KEYS");
  argv_name = make_argument(state, "ARGV");
  perilune_close_sandbox(state);
  perilune_init_runs(state);
  return 1;
}

/* Makes the interpreter for scripts; 0 when there is not enough memory for it. */
PERILUNE_EXPORT(init_sandbox) int perilune_init_sandbox(int insecure) {
  L = perilune_new_interpreter(make_sandbox, insecure);
  return L != NULL;
}

static void note_mentions(lua_State *state, int script, int mentioned) {
  if (script >= mentions_size) {
    int size = script * 2;
    unsigned char *moved = realloc(mentions, (size_t)size);
    if (!moved) {
      perilune_release(state, script);
      perilune_throw_memory_error(state);
    }
    mentions = moved;
    mentions_size = size;
  }
  mentions[script] = (unsigned char)mentioned;
}

struct loading {
  size_t length; /* of SHA and text, in the input buffer */
  int script;    /* its number; 0 before it has one */
};

static void load_script(lua_State *state, void *argument) {
  struct loading *loading = argument;
  const char *sha = perilune_io.input;
  if (luaL_loadbuffer(state, sha + SHA_LENGTH, loading->length - SHA_LENGTH, "@user_script") != 0) {
    const char *what = "Error compiling script (new function): ";
    if (lua_istable(state, -1)) {
      /* It was killed before any of it ran; its error begins with a code already. */
      lua_getfield(state, -1, "err");
      lua_pushlstring(state, sha, SHA_LENGTH);
      lua_pushfstring(state, "%s script: %s, on @user_script:1.", lua_tostring(state, -2), lua_tostring(state, -1));
      what = "-";
    }
    perilune_write_error_of(state, what);
    return;
  }
  /* Who debugs a script can look at both. */
  int mentioned = perilune_debugger.active ? MENTIONS_ALL : perilune_mentions(clvalue(state->top - 1)->l.p);
  int script = perilune_keep(state, sha, SHA_LENGTH);
  note_mentions(state, script, mentioned);
  loading->script = script;
}

/*
 * Compiles a script: its SHA (40 digits) and text lie in the input buffer. Returns its number, or 0 with the error in
 * the output buffer.
 */
PERILUNE_EXPORT(load) int perilune_load(uint32_t length) {
  struct loading loading = {length, 0};
  perilune_io.output_length = 0;
  int status = luaD_pcall(L, load_script, &loading, savestack(L, L->top), 0);
  if (status != 0) perilune_write_outer_error(L, status);
  lua_settop(L, PERILUNE_HANDLER_INDEX);
  return loading.script;
}

PERILUNE_EXPORT(unload) void perilune_unload(int script) { perilune_release(L, script); }

/* Sets KEYS or ARGV, which scripts cannot. */
static void set_strings(TString *name, const uint32_t *table, int count) {
  perilune_push_strings(L, table, count);
  Table *globals = hvalue(gt(L));
  TValue *slot = luaH_setstr(L, globals, name);
  setobj(L, slot, L->top - 1);
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

/*
 * Runs a script. The input buffer begins with an array of pairs (offset in the input buffer, length), first of the keys,
 * then of the other arguments. Returns 1 when the script ended with an error.
 */
PERILUNE_EXPORT(run) int perilune_run(int script, int keys, int arguments, int protocol) {
  struct run run = {script, keys, arguments, protocol};
  return perilune_run_protected(L, run_script, &run, script);
}
