/* The output buffer: what C answers to the host. */
#ifndef PERILUNE_OUTPUT_H
#define PERILUNE_OUTPUT_H

#include <stdint.h>
#include <string.h>

#include "abi.h"

int perilune_output_init(void);
void perilune_output_shrink(void);

/* Makes room for `size` more bytes; raises "not enough memory". Returns where they go. */
char *perilune_output_reserve(uint32_t size);

static inline void perilune_output_put(const void *bytes, uint32_t size) {
  perilune_copy(perilune_output_reserve(size), bytes, size);
  perilune_io.output_length += size;
}

#define perilune_output_literal(text) perilune_output_put("" text, sizeof(text) - 1)

#endif
