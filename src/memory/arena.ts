/** Contract only: the implementation replaces this file. */
export declare class Arena {
  /** Views of each segment. A reference `r` is in segment `r >>> SHIFT` at byte `(r & MASK) << 3`. 0 is no reference. */
  readonly u8: Buffer[]
  readonly i32: Int32Array[]
  readonly f64: Float64Array[]
  /** Bytes in live chunks. */
  used: number
  /** A chunk of at least `bytes` bytes, 8-byte aligned, contents undefined. */
  alloc(bytes: number): number
  /** Gives back a chunk got by `alloc(bytes)` (or by any size of the same class). */
  release(ref: number, bytes: number): void
  /** The size of the chunk that alloc(bytes) gives. */
  static chunkSize(bytes: number): number
}
export declare const SHIFT: number
export declare const MASK: number
