/*
 * Numbers as text, much faster than musl's printf and strtod and exact: what the fast paths cannot decide for certain
 * goes to the library.
 */
#ifndef PERILUNE_NUMBERS_H
#define PERILUNE_NUMBERS_H

#include <stdlib.h>

/* printf("%.14g"), which is how Lua prints numbers; returns the length. */
int perilune_number_to_text(char *text, double number);

double perilune_text_to_number(const char *text, char **end);

/* The decimal digits of an integer; returns the position behind them. */
char *perilune_put_integer(char *p, long long value);

#undef lua_number2str
#define lua_number2str(s, n) perilune_number_to_text((s), (n))
#undef lua_str2number
#define lua_str2number(s, p) perilune_text_to_number((s), (p))

#ifndef PERILUNE_NUMBERS_C
#define strtod perilune_text_to_number
#endif

#endif
