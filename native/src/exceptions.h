/*
 * Lua's errors as WebAssembly exceptions: entering a protected call is free and raising an error costs what a throw
 * costs, where setjmp and longjmp would go through the host for every call made inside a protected one.
 */
#ifndef PERILUNE_EXCEPTIONS_H
#define PERILUNE_EXCEPTIONS_H

typedef void (*perilune_body)(void *state, void *argument);

/* Runs body(state, argument); an exception ends it and is swallowed. */
void perilune_try(perilune_body body, void *state, void *argument, volatile int *status);

void perilune_throw(void *jump) __attribute__((noreturn));

#undef LUAI_THROW
#undef LUAI_TRY
#undef luai_jmpbuf
#define LUAI_THROW(L, c) perilune_throw(c);
#define LUAI_TRY(L, c, a) perilune_try((perilune_body)f, L, ud, &lj.status);
#define luai_jmpbuf int

#endif
