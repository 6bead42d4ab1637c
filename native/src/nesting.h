/*
 * Limits on what a script can make the C code do. The host's stack for WebAssembly is about a megabyte: C functions that
 * call themselves end with a Lua error before they reach its end.
 */
#ifndef PERILUNE_NESTING_H
#define PERILUNE_NESTING_H

/* Nested calls of the pattern matcher; one for every item of a pattern that can match in more than one way. */
#define PERILUNE_MAX_MATCH_DEPTH 2000

/* Nesting of JSON, MessagePack and of command replies. cjson's own default is 1000. */
#define PERILUNE_MAX_NESTING 1000

#endif
