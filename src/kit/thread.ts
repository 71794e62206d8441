import { Worker } from 'node:worker_threads';

/**
 * Starts a module in a thread of its own; `data` is its `workerData`. `url`: of the source, beside that of the caller, as in
 * `new URL('./some.worker.ts', import.meta.url)`; in a build it is the compiled module.
 */
export function startThread(url: URL, data: unknown): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  if (!isSource) return new Worker(new URL(url.href.replace(/\.ts$/, '.js')), { workerData: data });
  // A thread has no loader of TypeScript from the options of its process.
  const load = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${JSON.stringify(url.href)}); })`;
  return new Worker(load, { eval: true, execArgv: [], workerData: data });
}
