/* The two places that need the compiler's exceptions; see exceptions.h. The only C++ of the build. */
extern "C" {

void perilune_try(void (*body)(void *, void *), void *state, void *argument, volatile int *status) {
  try {
    body(state, argument);
  } catch (...) {
    if (*status == 0) *status = -1;
  }
}

[[noreturn]] void perilune_throw(void *jump) { __builtin_wasm_throw(0, jump); }

}
