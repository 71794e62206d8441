import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Creates metrics of one registry. Their labels must be closed lists: no input of a client may create a series. */
export function metricsOf(registry: Registry) {
  const registers = [registry];
  return {
    counter: <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
      new Counter({ name, help, labelNames, registers }),
    gauge: <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
      new Gauge({ name, help, labelNames, registers }),
    /** `buckets` in seconds. */
    histogram: <Label extends string = never>(
      name: string,
      help: string,
      buckets: number[],
      labelNames: readonly Label[] = [],
    ) => new Histogram({ name, help, buckets, labelNames, registers }),
  };
}

/**
 * A registry with the metrics of the process, and `oi_build_info{program,version,node} 1`: the running build, to be joined
 * with other metrics.
 */
export function createProgramRegistry(program: string, version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  metricsOf(registry)
    .gauge('oi_build_info', 'Always 1; the labels are the program, its version and the version of Node', [
      'program',
      'version',
      'node',
    ])
    .set({ program, version, node: process.versions.node }, 1);
  return registry;
}
