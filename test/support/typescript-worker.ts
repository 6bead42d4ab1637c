/**
 * Runs a TypeScript file as a worker thread: Node 20 does not pass the loader on to workers, so their entry is a few lines
 * that set it up and import the file.
 */
export function typescriptWorker(file: URL): URL {
  const loader = import.meta.resolve('tsx/esm/api')
  const program = `import { register } from '${loader}'; register(); await import('${file}')`
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`)
}
