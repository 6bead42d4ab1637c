/**
 * V8's compiler inlines functions until so much bytecode has come together. The way of a command through the server is a
 * chain of small functions, for which the usual 920 is too little: this makes scripts 10 to 15% faster, measured by
 * bench/micro/connection.ts. Must be said before anything is compiled.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--max-inlined-bytecode-size-cumulative=2500')
