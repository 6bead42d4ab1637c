/* Numbers to text and back; see numbers.h. */
#include "numbers.h"

/* Here the library's are meant. */
#undef strtod
#undef strtoul
#undef frexp

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef unsigned __int128 uint128;

/* Significant digits of "%.14g", and the powers of ten that have so many digits. */
#define DIGITS 14
#define SMALLEST_14_DIGITS 10000000000000ULL
#define SMALLEST_15_DIGITS 100000000000000ULL

static char *put_unsigned(char *p, uint64_t value) {
  char digits[20];
  int n = 0;
  while (value >> 32) {
    digits[n++] = '0' + value % 10;
    value /= 10;
  }
  uint32_t low = (uint32_t)value; /* 32-bit divisions are several times as fast */
  do {
    digits[n++] = '0' + low % 10;
    low /= 10;
  } while (low);
  while (n) *p++ = digits[--n];
  return p;
}

char *perilune_put_integer(char *p, long long value) {
  uint64_t magnitude = (uint64_t)value;
  if (value < 0) {
    *p++ = '-';
    magnitude = -magnitude;
  }
  return put_unsigned(p, magnitude);
}

static uint64_t power_of_five(int exponent) {
  uint64_t power = 1;
  uint64_t base = 5;
  for (; exponent; exponent >>= 1, base *= base)
    if (exponent & 1) power *= base;
  return power;
}

/*
 * The 14 digits of `number`, correctly rounded (ties to even, as the exact value is at hand), and the decimal exponent
 * of the first of them. `number` is in [1e-4, 1e14): mantissa * 5^scale then fits 128 bits.
 */
static int fourteen_digits(double number, uint64_t *digits, int *exponent) {
  uint64_t bits;
  memcpy(&bits, &number, 8);
  int binary_exponent = (int)(bits >> 52 & 2047) - 1075;
  uint64_t mantissa = (bits & 0xfffffffffffffULL) | 0x10000000000000ULL;
  /* An estimate of floor(log10(number)) that is never too small: 10^k > number is corrected below. */
  int k = (int)floor((binary_exponent + 52) * 0.30103) + 1;
  for (;; k--) {
    int scale = DIGITS - 1 - k;
    if (scale < 0 || scale > 19) return 0;
    uint128 product = (uint128)mantissa * power_of_five(scale);
    int shift = -(binary_exponent + scale);
    if (shift >= 127) return 0;
    uint64_t rounded = (uint64_t)(shift > 0 ? product >> shift : product << -shift);
    if (rounded < SMALLEST_14_DIGITS) continue; /* before rounding, which might hide that k is too large */
    if (shift > 0) {
      uint128 rest = product & (((uint128)1 << shift) - 1);
      uint128 half = (uint128)1 << (shift - 1);
      if (rest > half || (rest == half && (rounded & 1))) rounded++;
    }
    if (rounded >= SMALLEST_15_DIGITS) { /* 99999999999999.5 and the like were rounded up to one digit more */
      rounded /= 10;
      k++;
    }
    *digits = rounded;
    *exponent = k;
    return 1;
  }
}

/* Lays the digits out as %g does for exponents from -5 to 14, without trailing zeros. */
static char *put_fixed(char *p, uint64_t digits, int exponent) {
  char text[20];
  int count = DIGITS;
  while (count > 1 && digits % 10 == 0) {
    digits /= 10;
    count--;
  }
  put_unsigned(text, digits);
  int whole = exponent + 1; /* digits before the point */
  if (whole <= 0) {
    *p++ = '0';
    *p++ = '.';
    for (; whole < 0; whole++) *p++ = '0';
  } else {
    int given = count < whole ? count : whole;
    memcpy(p, text, given);
    p += given;
    for (; given < whole; given++) *p++ = '0';
    if (count <= whole) return p;
    *p++ = '.';
  }
  int from = exponent + 1 > 0 ? exponent + 1 : 0;
  memcpy(p, text + from, count - from);
  return p + count - from;
}

int perilune_number_to_text(char *text, double number) {
  char *p = text;
  uint64_t digits;
  int exponent;
  double magnitude = fabs(number);
  if (magnitude < 2147483648.0 && number == (double)(int32_t)number && !(number == 0 && signbit(number))) {
    p = perilune_put_integer(text, (int32_t)number);
  } else if (magnitude < 1e14 && magnitude >= 1 && number == (double)(int64_t)number) {
    p = perilune_put_integer(text, (int64_t)number);
  } else if (magnitude >= 1e-4 && magnitude < 1e14 && fourteen_digits(magnitude, &digits, &exponent) &&
             exponent >= -4 && exponent < DIGITS) {
    if (number < 0) *p++ = '-';
    p = put_fixed(p, digits, exponent);
  } else {
    return sprintf(text, "%.14g", number);
  }
  *p = 0;
  return (int)(p - text);
}

/* Decimal digits that always fit 64 bits. */
#define MAX_FAST_DIGITS 18
/* Powers of ten and mantissas up to these are exact doubles, so that one multiplication or division rounds correctly. */
#define MAX_EXACT_POWER 22
#define MAX_EXACT_MANTISSA (1ULL << 53)

static const double exact_powers[MAX_EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                         1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                         1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static int is_digit(char c) { return (unsigned)(c - '0') < 10; }

/* Reads digits into the mantissa; returns 0 when there are too many of them. */
static int read_digits(const char **at, uint64_t *mantissa, int *count) {
  const char *p = *at;
  for (; is_digit(*p); p++) {
    *mantissa = *mantissa * 10 + (*p - '0');
    if (*mantissa && ++*count > MAX_FAST_DIGITS) return 0;
  }
  *at = p;
  return 1;
}

double perilune_text_to_number(const char *text, char **end) {
  const char *p = text;
  uint64_t mantissa = 0;
  int count = 0;
  int exponent = 0;
  while (*p == ' ' || (*p >= '\t' && *p <= '\r')) p++;
  int negative = *p == '-';
  if (*p == '-' || *p == '+') p++;
  if (*p == '0' && (p[1] | 32) == 'x') return strtod(text, end);
  const char *start = p;
  if (!read_digits(&p, &mantissa, &count)) return strtod(text, end);
  int any = p > start;
  if (*p == '.') {
    const char *point = ++p;
    if (!read_digits(&p, &mantissa, &count)) return strtod(text, end);
    exponent = (int)(point - p);
    any |= p > point;
  }
  if (!any) { /* inf, nan or no number at all; a NaN keeps its sign here, as with glibc */
    double special = strtod(text, end);
    return special != special ? copysign(special, negative ? -1 : 1) : special;
  }
  if ((*p | 32) == 'e') {
    const char *q = p + 1;
    int minus = *q == '-';
    int value = 0;
    if (*q == '-' || *q == '+') q++;
    if (is_digit(*q)) {
      for (; is_digit(*q); q++) {
        value = value * 10 + (*q - '0');
        if (value > 9999) return strtod(text, end);
      }
      exponent += minus ? -value : value;
      p = q;
    }
  }
  double number = (double)mantissa;
  if (mantissa) {
    if (mantissa >= MAX_EXACT_MANTISSA || exponent < -MAX_EXACT_POWER || exponent > MAX_EXACT_POWER)
      return strtod(text, end);
    if (exponent < 0)
      number /= exact_powers[-exponent];
    else
      number *= exact_powers[exponent];
  }
  if (end) *end = (char *)p;
  return negative ? -number : number;
}

unsigned long long perilune_text_to_unsigned(const char *text, char **end, int base) {
  const char *p = text;
  while (isspace((unsigned char)*p)) p++;
  if (*p == '-' || *p == '+') p++;
  if (base == 16 && *p == '0' && (p[1] | 32) == 'x' && !isxdigit((unsigned char)p[2])) {
    if (end) *end = (char *)p + 1;
    return 0;
  }
  return strtoull(text, end, base);
}

double perilune_split(double number, int *exponent) {
  if (isfinite(number)) return frexp(number, exponent);
  *exponent = 0;
  return number;
}
