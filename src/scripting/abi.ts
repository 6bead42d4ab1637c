/**
 * The border to WebAssembly, in one place: what the module exports, what it imports, and the block of memory both sides
 * read and write. The other side is native/src/abi.h.
 */

/** Functions of the module. Pointers and lengths are in bytes of linear memory. */
export interface Exports {
  _initialize(): void
  /** Address of the shared block, see the offsets below. */
  io(): number
  /** Address of the alarm: a word that is not 0 makes the interpreter call `poll` at its next instruction. */
  alarm(): number
  /** Address of the place in the sequence of math.random, 48 bits. */
  random_state(): number
  /** Room for a script or its arguments; returns the input buffer, 0 when there is no memory. */
  reserve_input(size: number): number
  /** Room for a reply, keeping what it holds; returns the reply buffer, 0 when there is no memory. */
  reserve_reply(size: number): number
  /** Gives back the memory of large buffers. */
  shrink_buffers(): void
  /** Makes the interpreter for scripts; 0 when there is not enough memory. */
  init_sandbox(insecure: number): number
  /** Makes an interpreter without a sandbox; 0 when there is not enough memory. */
  init_engine(): number
  /** Compiles SHA and text in the input buffer; the script's number, or 0 with the error in the output buffer. */
  load(length: number): number
  unload(script: number): void
  /** Runs a script with the arguments in the input buffer; 1 when it ended with an error. */
  run(script: number, keys: number, args: number, protocol: number): number
  /** Makes the interpreter for functions; 0 when there is not enough memory. */
  init_functions(insecure: number): number
  /**
   * Runs the library in the input buffer; 1 with the functions it registered in the output buffer (FUNCTION_RECORD), 0 with
   * the error there.
   */
  load_library(length: number): number
  unload_function(number: number): void
  /** As `run`, of a function. */
  call_function(number: number, keys: number, args: number, protocol: number): number
  /** Bytes of Lua's objects. */
  memory_used(): number
  /** A full garbage collection. */
  collect(): void
  /** The end of the linear memory ever used. */
  heap_top(): number
  /** Runs the text in the input buffer; 0 with the values in the output buffer, 1 with the error there. */
  engine_run(length: number): number
  /** Sets the global whose name and value are in the input buffer. */
  engine_set(length: number): number
  /** Reads the global whose name is in the input buffer to the output buffer. */
  engine_get(length: number): number
  /** Calls a Lua function held by `reference` with the values in the input buffer. */
  engine_call(reference: number, length: number): number
  /** Lets a held Lua function go. */
  engine_release(reference: number): void
  /** Address of the debugger's block, see the offsets below. */
  debugger(): number
  /** From now on this interpreter is debugged; it stops before the first line. */
  debugger_attach(): void
  // The following only while it has stopped (debug_stop); answers lie in the output buffer.
  /** The variable whose name is in the input buffer: 1 with its value, 0 when there is none. */
  debugger_print(length: number): number
  /** How many local variables there are: for each its name and its value, a length (4 bytes) and bytes each. */
  debugger_locals(): number
  /** How many calls there are; for those in the script level, line, and the function's name, its length and bytes. */
  debugger_trace(): number
  /** Runs the code in the input buffer: 1 with its value, 0 or -1 with the error. */
  debugger_eval(length: number): number
  /** Calls a command with the arguments in the input buffer. */
  debugger_call(count: number): void
}

/** Functions the module calls. None may throw: a JS exception would unwind Lua's frames without their knowing. */
export interface Imports {
  /** The id of a command, -1 when there is none. */
  resolve(name: number, length: number): number
  /** Calls a command; `args` is an array of pairs (pointer, length). Answers a TAG or a RESULT. */
  call(id: number, count: number, args: number): number
  /** 1: the script must end, the error is in the reply buffer. */
  poll(): number
  log(level: number, text: number, length: number): void
  /** An error became part of the answer; `counted`: it is a command's, and was counted when that command failed. */
  error(text: number, length: number, counted: number): void
  /** 1 allowed, 0 denied, -1 no such command. */
  acl_check(count: number, args: number): number
  set_repl(flags: number): void
  /** Writes a double as text; returns the length, at most 32. */
  format_double(value: number, text: number): number
  /** Processor time in seconds. */
  clock(): number
  /** Calls a function of the host's with `count` values of a stream; answers RESULT_STREAM with its value, or TAG_ERROR. */
  function(id: number, count: number, stream: number): number
  /** The script has stopped, see STOP; 1: it must end, the error is in the reply buffer. Interpreters that are debugged only. */
  debug_stop?(reason: number): number
  /** 1: the script has run for so long that its debugger is to be asked. */
  debug_overdue?(): number
  /** As `poll`. */
  debug_poll?(): number
  /** Something for the debugger to show. */
  debug_log?(text: number, length: number): void
}

export const IMPORT_MODULE = 'host'

/** Offsets in the shared block. */
export const IO_NUMBER = 0
export const IO_LENGTH = 8
export const IO_REPLY = 12
export const IO_REPLY_CAPACITY = 16
export const IO_INPUT = 20
export const IO_INPUT_CAPACITY = 24
export const IO_OUTPUT = 28
export const IO_OUTPUT_LENGTH = 32
export const IO_PROTOCOL = 36
export const IO_MEMORY_FAILED = 40
export const IO_MEMORY_GROWTH = 44

/** What a value is, in answers to `call` and in streams of values. */
export const TAG_FALSE = 0
export const TAG_NIL = 1
export const TAG_TRUE = 2
export const TAG_NUMBER = 3
export const TAG_STRING = 4
export const TAG_STATUS = 5
export const TAG_ERROR = 6
export const TAG_ARRAY = 7
export const TAG_MAP = 8
export const TAG_SET = 9
export const TAG_DOUBLE = 10
export const TAG_BIG_NUMBER = 11
export const TAG_VERBATIM = 12
export const TAG_FUNCTION = 13
export const TAG_LUA_FUNCTION = 14

/** Answers to `call` that are no values: a stream in the reply buffer, the status OK, and no memory for the reply. */
export const RESULT_STREAM = 32
export const RESULT_OK = 33
export const RESULT_NO_MEMORY = 34

/**
 * A function that a library registered: four words (number, flags, length of the name, length of the description or
 * NO_DESCRIPTION), then the name and the description.
 */
export const FUNCTION_RECORD = 16
export const NO_DESCRIPTION = 0xffffffff

/** Offsets in the debugger's block, of words. */
export const DEBUG_STEP = 4
export const DEBUG_LINE = 12
export const DEBUG_BREAKPOINT_COUNT = 16
export const DEBUG_BREAKPOINTS = 20
export const BREAKPOINTS_MAX = 64

/** Why a script has stopped. */
export const STOP_STEP = 0
export const STOP_BREAKPOINT = 1
export const STOP_ASKED_FOR = 2
export const STOP_TIMEOUT = 3

/** Digits of a script's SHA, which precede its text in the input buffer. */
export const SHA_LENGTH = 40

/** The custom section with the build information, JSON. */
export const BUILD_SECTION = 'perilune.build'
