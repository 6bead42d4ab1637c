/** Makes interpreters for TypeScript programs. The module is compiled once for all of them. */

import { loadModule } from './load-module.ts'
import { type EngineOptions, LuaEngine } from './lua-engine.ts'
import type { WasmModule } from './webassembly.ts'

export class LuaFactory {
  private module: WasmModule | undefined

  /** `module` is the compiled wasm/perilune.wasm, for programs that load it themselves. */
  constructor(module?: WasmModule) {
    this.module = module
  }

  async createEngine(options?: EngineOptions): Promise<LuaEngine> {
    return this.createEngineSync(options)
  }

  createEngineSync(options?: EngineOptions): LuaEngine {
    this.module ??= loadModule()
    return new LuaEngine(this.module, options)
  }
}
