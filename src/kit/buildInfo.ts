import { Gauge, type Registry } from 'prom-client';

/** `oi_build_info{program,version,node} 1`: the running build, to be joined with other metrics. */
export function registerBuildInfo(registry: Registry, program: string, version: string): void {
  const info = new Gauge({
    name: 'oi_build_info',
    help: 'Always 1; the labels are the program, its version and the version of Node',
    labelNames: ['program', 'version', 'node'] as const,
    registers: [registry],
  });
  info.set({ program, version, node: process.versions.node }, 1);
}
