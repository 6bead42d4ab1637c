/** Lua for TypeScript programs: the interpreter the server runs its scripts in, by itself. */
export { type BuildInfo, readBuildInfo } from './interpreter.ts'
export { loadModule } from './load-module.ts'
