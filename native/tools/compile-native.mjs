export function compileNative() {
  throw new Error('later')
}
