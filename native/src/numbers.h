/*
 * Numbers as text, much faster than musl's printf and strtod and exact: what the fast paths cannot decide for certain
 * goes to the library.
 */
#ifndef PERILUNE_NUMBERS_H
#define PERILUNE_NUMBERS_H

#include <math.h>
#include <stdlib.h>

/* printf("%.14g"), which is how Lua prints numbers; returns the length. */
int perilune_number_to_text(char *text, double number);

double perilune_text_to_number(const char *text, char **end);

/* strtoul() with the 64 bits it has on x86-64; in some versions of musl it takes a lone "0x" for a number. */
unsigned long long perilune_text_to_unsigned(const char *text, char **end, int base);

/* frexp(), with an exponent of 0 where there is none. */
double perilune_split(double number, int *exponent);

/* The decimal digits of an integer; returns the position behind them. */
char *perilune_put_integer(char *p, long long value);

#undef lua_number2str
#define lua_number2str(s, n) perilune_number_to_text((s), (n))
#undef lua_str2number
#define lua_str2number(s, p) perilune_text_to_number((s), (p))

/* Called by these names: by cjson, by the reader of hexadecimal numbers and by math.frexp. */
#define strtod perilune_text_to_number
#define strtoul perilune_text_to_unsigned
#define frexp perilune_split

#endif
