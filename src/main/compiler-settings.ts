/**
 * V8's compiler inlines functions of up to 460 bytes of bytecode that are called nearly always, until 920 have come
 * together. The way of a command through the server is a chain of small functions with rare branches, for which that is too
 * little. They once made scripts a good deal faster; what they gain now is less than 3%, measured by
 * bench/micro/connection.ts. Must be said before anything is compiled.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--max-inlined-bytecode-size-cumulative=6000')
setFlagsFromString('--max-inlined-bytecode-size=1000')
setFlagsFromString('--min-inlining-frequency=0.02')
