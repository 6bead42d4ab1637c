/* The output buffer; see output.h. */
#include "output.h"

#include <stdlib.h>

#include "heap.h"

#define FIRST_CAPACITY 65536

static uint32_t capacity;

int perilune_output_init(void) {
  free(perilune_io.output);
  perilune_io.output = malloc(FIRST_CAPACITY);
  perilune_io.output_length = 0;
  capacity = perilune_io.output ? FIRST_CAPACITY : 0;
  return capacity != 0;
}

void perilune_output_shrink(void) {
  if (capacity > FIRST_CAPACITY) perilune_output_init();
}

char *perilune_output_reserve(uint32_t size) {
  uint32_t needed = perilune_io.output_length + size;
  if (needed < size) perilune_throw_memory_error(perilune_running);
  if (__builtin_expect(needed > capacity, 0)) {
    uint32_t wanted = needed > capacity * 2 ? needed : capacity * 2;
    char *grown = realloc(perilune_io.output, wanted);
    if (!grown) grown = perilune_realloc(perilune_io.output, wanted = needed);
    perilune_io.output = grown;
    capacity = wanted;
  }
  return perilune_io.output + perilune_io.output_length;
}
