/* What the compiler calls around a handler. We throw no C++ objects, so there is nothing to keep count of. */
void *__cxa_begin_catch(void *exception) { return exception; }
void __cxa_end_catch(void) {}
