/*
 * Functions: an interpreter of their own, into which libraries are loaded. A library runs once, to register its functions,
 * and sees nothing but the means for that; its functions run later and see what scripts see, without what belongs to EVAL.
 */
#include "lauxlib.h"

#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "ltable.h"
#include "ltm.h"

#include "abi.h"
#include "alarm.h"
#include "arguments.h"
#include "heap.h"
#include "library-api.h"
#include "resp-writer.h"
#include "run.h"
#include "sandbox.h"
#include "state.h"

static lua_State *L;

/* What the empty table of globals that all code has refers to, held in the registry: one of these two. */
static int function_globals;
static int library_globals;

struct run {
  int function;
  int keys;
  int arguments;
  int protocol;
};

/* All code has one empty table of globals, whose metatable says where they are looked up. */
static void open_globals(lua_State *state) {
  perilune_push_library_globals(state);
  library_globals = luaL_ref(state, LUA_REGISTRYINDEX);
  lua_pushvalue(state, LUA_GLOBALSINDEX);
  function_globals = luaL_ref(state, LUA_REGISTRYINDEX);
  lua_newtable(state);
  lua_newtable(state);
  lua_pushvalue(state, LUA_GLOBALSINDEX);
  lua_setfield(state, -2, "__index");
  lua_enablereadonlytable(state, -1, 1);
  lua_setmetatable(state, -2);
  lua_enablereadonlytable(state, -1, 1);
  lua_replace(state, LUA_GLOBALSINDEX);
}

/* Where globals are looked up from now on. Raises no error: the metatable has the field already. */
static void look_up_in(int globals) {
  Table *metatable = hvalue(gt(L))->metatable;
  lua_rawgeti(L, LUA_REGISTRYINDEX, globals);
  TValue *slot = luaH_setstr(L, metatable, G(L)->tmname[TM_INDEX]);
  setobj(L, slot, L->top - 1);
  luaC_barriert(L, metatable, slot);
  L->top--;
}

static int make_sandbox(lua_State *state) {
  perilune_open_sandbox(state, lua_toboolean(state, 1));
  perilune_close_sandbox(state);
  open_globals(state);
  perilune_init_runs(state);
  return 1;
}

/* Makes the interpreter for functions; 0 when there is not enough memory for it. */
PERILUNE_EXPORT(init_functions) int perilune_init_functions(int insecure) {
  L = perilune_new_interpreter(make_sandbox, insecure);
  return L != NULL;
}

/* Answers the text on top of the stack, with `what` before it, as the error of the load. */
static void fail(lua_State *state, const char *what) {
  perilune_forget_registered(state);
  perilune_write_error_of(state, what);
}

/* Makes a text of the error on top of the stack. */
static void describe_error(lua_State *state) {
  if (lua_isstring(state, -1)) {
    lua_pushliteral(state, "ERR ");
    lua_insert(state, -2);
    lua_concat(state, 2);
    return;
  }
  if (lua_istable(state, -1)) lua_getfield(state, -1, "err");
  if (!lua_isstring(state, -1)) lua_pushfstring(state, "ERR (error object is a %s value)", luaL_typename(state, -1));
}

struct load {
  uint32_t length;
  int failed;
};

static void load_library(lua_State *state, void *argument) {
  struct load *load = argument;
  load->failed = 1;
  if (luaL_loadbuffer(state, perilune_io.input, load->length, "@user_function") != 0) {
    if (!lua_isstring(state, -1)) describe_error(state); /* time was up */
    fail(state, "Error compiling function: ");
  } else if (lua_pcall(state, 0, 0, 0) != 0) {
    describe_error(state);
    fail(state, "Error registering functions: ");
  } else {
    load->failed = 0;
  }
}

/*
 * Runs the library whose code lies in the input buffer. Returns 1 with its functions in the output buffer, see
 * library-api.h, or 0 with the error there.
 */
PERILUNE_EXPORT(load_library) int perilune_load_library(uint32_t length) {
  struct load load = {length, 0};
  ptrdiff_t bottom = savestack(L, L->top);
  perilune_io.output_length = 0;
  perilune_running = L;
  perilune_loading_library = 1;
  look_up_in(library_globals);
  int status = luaD_pcall(L, load_library, &load, bottom, 0);
  perilune_alarm = 0;
  look_up_in(function_globals);
  perilune_loading_library = 0;
  if (status != 0) perilune_write_outer_error(L, status);
  perilune_reset_collector(L);
  lua_settop(L, PERILUNE_HANDLER_INDEX);
  return status == 0 && !load.failed;
}

PERILUNE_EXPORT(unload_function) void perilune_unload_function(int function) { perilune_release(L, function); }

static void run_function(lua_State *state, void *argument) {
  struct run *run = argument;
  luaC_checkGC(state);
  lua_rawgeti(state, LUA_REGISTRYINDEX, run->function);
  const uint32_t *table = (const uint32_t *)perilune_io.input;
  perilune_push_strings(state, table, run->keys);
  perilune_push_strings(state, table + 2 * run->keys, run->arguments);
  luaD_call(state, state->top - 3, 1);
  perilune_write_value(state, run->protocol);
}

/* As `run` of a script: the function gets keys and arguments as two arrays. */
PERILUNE_EXPORT(call_function)
int perilune_call_function(int function, int keys, int arguments, int protocol) {
  struct run run = {function, keys, arguments, protocol};
  return perilune_run_protected(L, run_function, &run, function);
}
