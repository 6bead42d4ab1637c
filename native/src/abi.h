/*
 * The border between WebAssembly and the host, in one place: what the host provides (imports), what it may call
 * (exports, in abi.c, state.c, script.c and engine.c) and the block of memory both read and write. The host's side is
 * src/scripting/abi.ts.
 */
#ifndef PERILUNE_ABI_H
#define PERILUNE_ABI_H

#include <stdint.h>

/* A string of Lua's, as the host sees an argument. */
struct perilune_bytes {
  const char *data;
  uint32_t length;
};

/* The shared block. abi.ts has the same offsets. */
struct perilune_io {
  double number;           /*  0: the number a command answered */
  uint32_t length;         /*  8: bytes in the reply buffer */
  char *reply;             /* 12: the reply buffer: what the host answers */
  uint32_t reply_capacity; /* 16 */
  char *input;             /* 20: the input buffer: scripts and their arguments */
  uint32_t input_capacity; /* 24 */
  char *output;            /* 28: what the script answered, in RESP */
  uint32_t output_length;  /* 32 */
  uint32_t protocol;       /* 36: 2 or 3, of the commands a script calls (setresp) */
  uint32_t memory_failed;  /* 40: an allocation failed since the host set this to 0 */
  uint32_t memory_growth;  /* 44: bytes that the run added to Lua's objects, at most */
};

extern struct perilune_io perilune_io;

/* What a command answered: the values of the reply stream too, see reply-reader.c. */
enum perilune_tag {
  TAG_FALSE = 0,
  TAG_NIL = 1,
  TAG_TRUE = 2,
  TAG_NUMBER = 3,
  TAG_STRING = 4,
  TAG_STATUS = 5,
  TAG_ERROR = 6,
  TAG_ARRAY = 7,
  TAG_MAP = 8,
  TAG_SET = 9,
  TAG_DOUBLE = 10,
  TAG_BIG_NUMBER = 11,
  TAG_VERBATIM = 12,
  TAG_FUNCTION = 13,
  TAG_LUA_FUNCTION = 14,
  /* Results of host_call only. */
  RESULT_STREAM = 32,
  RESULT_OK = 33,
  RESULT_NO_MEMORY = 34,
};

/* Why a script stopped in the debugger. */
enum perilune_stop {
  STOP_STEP = 0,
  STOP_BREAKPOINT = 1,
  STOP_ASKED_FOR = 2,
  STOP_TIMEOUT = 3,
};

#define PERILUNE_IMPORT(name) __attribute__((import_module("host"), import_name(#name))) extern
#define PERILUNE_EXPORT(name) __attribute__((export_name(#name)))

/* The id of a command, or -1. */
PERILUNE_IMPORT(resolve) int host_resolve(const char *name, uint32_t length);
/* Calls a command; answers a tag or a RESULT. */
PERILUNE_IMPORT(call) int host_call(int id, int count, const struct perilune_bytes *arguments);
/* Called when the alarm is set; 1 when the script must end, with the error in the reply buffer. */
PERILUNE_IMPORT(poll) int host_poll(void);
PERILUNE_IMPORT(log) void host_log(int level, const char *text, uint32_t length);
/* An error became part of the answer; `counted`: it is a command's, and was counted when that command failed. */
PERILUNE_IMPORT(error) void host_error(const char *text, uint32_t length, int counted);
/* 1 allowed, 0 denied, -1 no such command. */
PERILUNE_IMPORT(acl_check) int host_acl_check(int count, const struct perilune_bytes *arguments);
PERILUNE_IMPORT(set_repl) void host_set_repl(int flags);
/* Writes a double as Valkey prints it; returns the length, at most 32. */
PERILUNE_IMPORT(format_double) int host_format_double(double number, char *text);
/* Processor time in seconds. */
PERILUNE_IMPORT(clock) double host_clock(void);
/* Calls a function of the host's with `count` values of a stream; answers RESULT_STREAM with its value, or TAG_ERROR. */
PERILUNE_IMPORT(function) int host_function(int id, int count, const char *stream);
/* The script has stopped in the debugger: returns when it may go on, 1 when it must end, with the error in the reply buffer. */
PERILUNE_IMPORT(debug_stop) int host_debug_stop(enum perilune_stop reason);
/* 1: the script has run for so long since its last stop that its debugger should be asked. */
PERILUNE_IMPORT(debug_overdue) int host_debug_overdue(void);
/* As poll, in an interpreter that is debugged. */
PERILUNE_IMPORT(debug_poll) int host_debug_poll(void);
/* Something to be shown by the debugger. */
PERILUNE_IMPORT(debug_log) void host_debug_log(const char *text, uint32_t length);

#endif
