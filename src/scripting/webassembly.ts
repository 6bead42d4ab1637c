/**
 * The part of the WebAssembly API that is used here, typed: neither Node's types nor the language's have it, and the
 * browser's bring much else.
 */
export interface WasmModule {
  readonly kind?: 'module'
}

export interface WasmMemory {
  readonly buffer: SharedArrayBuffer
}

interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>
}

export type WasmImports = Record<string, Record<string, unknown>>

interface ImportDescription {
  readonly module: string
  readonly name: string
  readonly kind: string
}

interface WebAssemblyApi {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule
    imports(module: WasmModule): ImportDescription[]
    customSections(module: WasmModule, name: string): ArrayBuffer[]
  }
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory
}

export const wasm: WebAssemblyApi = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
