/** Methods of Node's Buffer that its type declarations leave out: they skip the argument checks of `toString` and `write`. */
interface Buffer {
  latin1Slice(start: number, end: number): string
  latin1Write(text: string, offset: number): number
}
