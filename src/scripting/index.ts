/** Lua for TypeScript programs: the interpreter the server runs its scripts in, by itself. */

export { LuaFactory } from './factory.ts'
export { type BuildInfo, readBuildInfo } from './interpreter.ts'
export { loadModule } from './load-module.ts'
export { type EngineOptions, LuaEngine, LuaError, type LuaFunction, LuaGlobals } from './lua-engine.ts'
