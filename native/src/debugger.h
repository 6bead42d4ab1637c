/*
 * The debugger's part inside the interpreter: a hook that finds out where the script is and whether to stop there, and what
 * the host may ask while it has stopped. What the debugger says, and to whom, is the host's (src/scripting/debugger).
 */
#ifndef PERILUNE_DEBUGGER_H
#define PERILUNE_DEBUGGER_H

#include <stddef.h>
#include <stdint.h>

#include "lua.h"

#define PERILUNE_BREAKPOINTS 64

/* The host reads and writes it; abi.ts has the same offsets. */
struct perilune_debugger {
  int32_t active;           /*  0: this interpreter is debugged */
  int32_t step;             /*  4: stop at the next line; commands and errors are told meanwhile */
  int32_t break_next;       /*  8: the same, asked for by redis.breakpoint() */
  int32_t line;             /* 12: where the script is */
  int32_t breakpoint_count; /* 16 */
  int32_t breakpoints[PERILUNE_BREAKPOINTS]; /* 20: lines */
};

extern struct perilune_debugger perilune_debugger;

/* As the host's poll, of which it is in the place; see alarm.c. */
int perilune_debugger_poll(void);

/* redis.breakpoint() and redis.debug(). */
int perilune_breakpoint(lua_State *L);
int perilune_debug_message(lua_State *L);

/* An error is made for the script: tells the debugger, if there is one and it steps. */
void perilune_debug_error(const char *text, size_t length);

#endif
