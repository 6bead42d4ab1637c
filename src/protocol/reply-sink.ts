/**
 * What a command writes its reply to. Text is bytes, one character a byte (latin1). The RESP writer encodes for a socket, the Lua sink encodes into the interpreter's
 * memory; a command sees neither. Where RESP2 and RESP3 differ the sink decides (a map is a flat array in RESP2, a
 * double a bulk string, a boolean an integer, a null is null): a command asks `protocol` only where Valkey's replies
 * differ in more than that.
 */
import type { Bytes } from '../memory/bytes.ts'

export interface ReplySink {
  /** 2 or 3: the protocol of whoever reads the reply. */
  readonly protocol: number
  /** `+OK` */
  ok(): void
  /** A simple string; ASCII without line breaks. */
  status(text: string): void
  /** An error with its code: `ERR no such key`. Line breaks are replaced by spaces. */
  error(text: string): void
  /** A 64-bit signed integer; a `bigint` where it may lie beyond 2^53. */
  integer(value: number | bigint): void
  bulk(value: Bytes): void
  /** A bulk string. */
  text(value: string): void
  /** The null bulk string of RESP2, `_` in RESP3. */
  null(): void
  /** The null array of RESP2, `_` in RESP3. */
  nullArray(): void
  boolean(value: boolean): void
  double(value: number): void
  bigNumber(digits: string): void
  /** A verbatim string (`txt`, `mkd`), a bulk string in RESP2. */
  verbatim(format: string, value: string): void
  /** Opens an array; exactly `count` replies must follow. */
  array(count: number): void
  /** Opens a map; exactly `count` keys and values must follow. */
  map(count: number): void
  set(count: number): void
  /** Opens a push of RESP3, an array in RESP2; exactly `count` replies must follow. */
  push(count: number): void
  /**
   * Opens an attribute of RESP3, remarks that precede a reply: exactly `count` keys and values must follow, then the
   * reply itself. False where the reader takes none: then the reply alone must follow.
   */
  attribute(count: number): boolean
  /** Opens an array whose length is not known yet; pass what it returns to `endArray`. These may nest. */
  beginArray(): number
  /** Says how many replies were written since `beginArray` returned `mark`. */
  endArray(mark: number, count: number): void
  /** The same for sets and maps of unknown length (`count` is of pairs for a map). */
  endSet(mark: number, count: number): void
  endMap(mark: number, count: number): void
}
