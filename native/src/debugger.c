/*
 * See debugger.h. While an interpreter is debugged its alarm is always set, which makes it look at Lua's own hooks; the host
 * is called when the script stops, and now and then while it does not.
 *
 * The exports but for the first two are called from within that stop, on the Lua thread that stopped. What they answer
 * lies in the output buffer, which is empty until the script has ended, and is left so.
 */
#include "debugger.h"

#include <stdio.h>
#include <string.h>

#include "lauxlib.h"

#include "ldo.h"
#include "lstate.h"

#include "abi.h"
#include "alarm.h"
#include "debug-values.h"
#include "errors.h"
#include "heap.h"
#include "output.h"

/* Instructions, or steps of loops in C, between two looks at the clock. */
#define COUNT 100000

struct perilune_debugger perilune_debugger;

/* The Lua thread that has stopped. */
static lua_State *stopped;

PERILUNE_EXPORT(debugger) struct perilune_debugger *perilune_debugger_address(void) { return &perilune_debugger; }

static int is_breakpoint(int line) {
  for (int i = 0; i < perilune_debugger.breakpoint_count; i++)
    if (perilune_debugger.breakpoints[i] == line) return 1;
  return 0;
}

static int is_script(const lua_Debug *place) { return strstr(place->short_src, "user_script") != NULL; }

static void stop(lua_State *L, enum perilune_stop reason) {
  lua_State *outer = stopped;
  stopped = L;
  perilune_debugger.step = 0;
  perilune_debugger.break_next = 0;
  int must_end = host_debug_stop(reason);
  stopped = outer;
  perilune_io.output_length = 0;
  if (!must_end) return;
  perilune_push_error_reply(L, perilune_io.reply, perilune_io.length);
  lua_error(L);
}

/* Called at every new line, and now and then within one. */
static void look(lua_State *L, lua_Debug *event) {
  struct perilune_debugger *debugger = &perilune_debugger;
  int is_count = event->event == LUA_HOOKCOUNT;
  lua_getstack(L, 0, event);
  lua_getinfo(L, "Sl", event);
  debugger->line = event->currentline;
  if (!is_script(event)) return;
  if (debugger->break_next)
    stop(L, STOP_ASKED_FOR);
  else if (is_breakpoint(debugger->line))
    stop(L, STOP_BREAKPOINT);
  else if (debugger->step)
    stop(L, STOP_STEP);
  else if (is_count && host_debug_overdue())
    stop(L, STOP_TIMEOUT);
}

/* The alarm is also looked at where no hook is called: in C, and in code that the user has evaluated. */
int perilune_debugger_poll(void) {
  static int countdown = COUNT;
  if (--countdown > 0) return 0;
  countdown = COUNT;
  return host_debug_poll();
}

/* From now on this interpreter is debugged; it begins with a stop. */
PERILUNE_EXPORT(debugger_attach) void perilune_debugger_attach(void) {
  lua_sethook(perilune_running, look, LUA_MASKLINE | LUA_MASKCOUNT, COUNT);
  perilune_debugger.active = 1;
  perilune_debugger.step = 1;
  perilune_alarm = 1;
}

int perilune_breakpoint(lua_State *L) {
  perilune_debugger.break_next = perilune_debugger.active;
  lua_pushboolean(L, perilune_debugger.active);
  return 1;
}

static void tell_output(void) {
  host_debug_log(perilune_io.output, perilune_io.output_length);
  perilune_io.output_length = 0;
}

int perilune_debug_message(lua_State *L) {
  if (!perilune_debugger.active) return 0;
  int count = lua_gettop(L);
  char head[40];
  perilune_io.output_length = 0;
  perilune_output_put(head, (uint32_t)snprintf(head, sizeof(head), "<debug> line %d: ", perilune_debugger.line));
  for (int i = 1; i <= count; i++) {
    if (i > 1) perilune_output_literal(", ");
    perilune_describe_value(L, i);
  }
  tell_output();
  return 0;
}

void perilune_debug_error(const char *text, size_t length) {
  if (!perilune_debugger.active || !perilune_debugger.step) return;
  perilune_io.output_length = 0;
  perilune_output_literal("<error> ");
  perilune_output_put(text, (uint32_t)length);
  tell_output();
}

static void put_error_text(lua_State *L) {
  size_t length = 0;
  const char *text = lua_tolstring(L, -1, &length);
  perilune_io.output_length = 0;
  if (text) perilune_output_put(text, (uint32_t)length);
}

/* The error on top of the stack; of a command it is a table, which may be the script's: none of its metamethods are called. */
static void put_error(lua_State *L) {
  if (lua_istable(L, -1)) {
    lua_pushliteral(L, "err");
    lua_rawget(L, -2);
  }
  put_error_text(L);
}

/*
 * Runs a body on the stopped thread, whose stack is then as it was: it is that of the function that stopped. -1 when the
 * body ended with an error, which is in the output buffer.
 */
static int ask(void (*body)(lua_State *L, void *answer), int argument) {
  lua_State *L = stopped;
  int answer = argument;
  perilune_io.output_length = 0;
  if (!L) return -1;
  ptrdiff_t top = savestack(L, L->top);
  lua_State *running = perilune_running;
  perilune_running = L;
  int status = luaD_pcall(L, body, &answer, top, 0);
  perilune_running = running;
  if (status == 0) {
    L->top = restorestack(L, top);
    return answer;
  }
  /* Of Lua itself, and so a text: what the bodies call is called in protected mode. */
  put_error_text(L);
  L->top = restorestack(L, top);
  return -1;
}

/* Copies the input buffer, whose content ends with `length`, to a Lua string. */
static const char *push_input(lua_State *L, int length) {
  lua_pushlstring(L, perilune_io.input, (size_t)length);
  return lua_tostring(L, -1);
}

/* Pushes the innermost local variable of that name; 0 where there is none. */
static int push_local(lua_State *L, const char *wanted) {
  lua_Debug frame;
  for (int level = 0; lua_getstack(L, level, &frame); level++) {
    const char *name;
    for (int i = 1; (name = lua_getlocal(L, &frame, i)) != NULL; i++) {
      if (strcmp(name, wanted) == 0) return 1;
      lua_pop(L, 1);
    }
  }
  return 0;
}

static void print(lua_State *L, void *argument) {
  int *answer = argument;
  const char *name = push_input(L, *answer);
  *answer = push_local(L, name);
  if (!*answer && (strcmp(name, "KEYS") == 0 || strcmp(name, "ARGV") == 0)) {
    lua_getglobal(L, name);
    *answer = 1;
  }
  if (*answer) perilune_describe_value(L, lua_gettop(L));
}

/* The variable whose name is in the input buffer: 1 with its value, 0: there is none. */
PERILUNE_EXPORT(debugger_print) int perilune_debugger_print(int length) { return ask(print, length); }

static void put_word(uint32_t word) { perilune_output_put(&word, sizeof(word)); }

/* A text of a length that is only known when it has been written. */
static uint32_t begin_text(void) {
  put_word(0);
  return perilune_io.output_length;
}

static void end_text(uint32_t start) {
  uint32_t length = perilune_io.output_length - start;
  memcpy(perilune_io.output + start - sizeof(length), &length, sizeof(length));
}

static void put_text(const char *text) {
  put_word((uint32_t)strlen(text));
  perilune_output_put(text, (uint32_t)strlen(text));
}

static void print_locals(lua_State *L, void *argument) {
  lua_Debug frame;
  const char *name;
  int count = 0;
  if (!lua_getstack(L, 0, &frame)) return;
  for (int i = 1; (name = lua_getlocal(L, &frame, i)) != NULL; i++) {
    if (!strstr(name, "(*temporary)")) {
      put_text(name);
      uint32_t start = begin_text();
      perilune_describe_value(L, lua_gettop(L));
      end_text(start);
      count++;
    }
    lua_pop(L, 1);
  }
  *(int *)argument = count;
}

/* The local variables of the function that stopped: how many, each with its name and value as two texts. */
PERILUNE_EXPORT(debugger_locals) int perilune_debugger_locals(void) { return ask(print_locals, 0); }

static void print_trace(lua_State *L, void *argument) {
  lua_Debug frame;
  int level = 0;
  for (; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Snl", &frame);
    if (!is_script(&frame)) continue;
    put_word((uint32_t)level);
    put_word((uint32_t)frame.currentline);
    put_text(frame.name ? frame.name : "top level");
  }
  *(int *)argument = level;
}

/* The functions that are being called: how many; of those of the script level, line, and name as a text. */
PERILUNE_EXPORT(debugger_trace) int perilune_debugger_trace(void) { return ask(print_trace, 0); }

/* Compiles `code`, as an expression if it is one; leaves the function or the error on the stack. */
static int compile(lua_State *L, const char *code, size_t length) {
  static const char name[] = "@ldb_eval";
  lua_pushliteral(L, "return ");
  lua_pushlstring(L, code, length);
  lua_concat(L, 2);
  size_t expression_length;
  const char *expression = lua_tolstring(L, -1, &expression_length);
  if (luaL_loadbuffer(L, expression, expression_length, name) == 0) return 0;
  return luaL_loadbuffer(L, code, length, name);
}

static void evaluate(lua_State *L, void *argument) {
  int *answer = argument;
  const char *code = push_input(L, *answer);
  int status = compile(L, code, (size_t)*answer);
  if (status == 0) status = lua_pcall(L, 0, 1, 0);
  if (status == 0)
    perilune_describe_value(L, lua_gettop(L));
  else
    put_error(L);
  *answer = status == 0;
}

/* Runs the Lua code in the input buffer: 1 with its value, 0 or -1 with the error. */
PERILUNE_EXPORT(debugger_eval) int perilune_debugger_eval(int length) { return ask(evaluate, length); }

static void call(lua_State *L, void *argument) {
  int count = *(int *)argument;
  luaL_checkstack(L, count + 2, "max lua stack reached");
  lua_getglobal(L, "server");
  lua_getfield(L, -1, "call");
  const uint32_t *pair = (const uint32_t *)perilune_io.input;
  for (int i = 0; i < count; i++, pair += 2) lua_pushlstring(L, perilune_io.input + pair[0], pair[1]);
  lua_pcall(L, count, 1, 0);
}

/* Calls a command: its arguments lie in the input buffer as those of a script do. It is told as if it were stepped over. */
PERILUNE_EXPORT(debugger_call) void perilune_debugger_call(int count) {
  perilune_debugger.step = 1;
  ask(call, count);
  perilune_debugger.step = 0;
}
