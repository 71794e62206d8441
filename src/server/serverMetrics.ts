import { Gauge, type Registry } from 'prom-client';
import type { PoolState } from '../platform/database/database.ts';

export function registerPools(registry: Registry, pools: () => readonly PoolState[]): void {
  const registers = [registry];
  new Gauge({
    name: 'oi_pg_pool_connections',
    help: 'Open connections to Postgres, by pool and by whether a statement uses them',
    labelNames: ['pool', 'state'] as const,
    registers,
    collect() {
      for (const { name: pool, open, idle } of pools()) {
        this.set({ pool, state: 'used' }, open - idle);
        this.set({ pool, state: 'idle' }, idle);
      }
    },
  });
  new Gauge({
    name: 'oi_pg_pool_waiting',
    help: 'Statements that wait for a connection to Postgres, by pool',
    labelNames: ['pool'] as const,
    registers,
    collect() {
      for (const { name: pool, waiting } of pools()) this.set({ pool }, waiting);
    },
  });
}

type Diagnosis = { healthy: boolean; stages: readonly { stage: string; state: string }[] };

/** Doctor's diagnosis, at the cost of a few small statements per scrape. */
export function registerHealth(registry: Registry, diagnose: () => Promise<Diagnosis>): void {
  const registers = [registry];
  let pending: Promise<Diagnosis> | null = null;

  /** Shared by both gauges of a scrape. A failure must not fail the scrape. */
  function shareDiagnosis(): Promise<Diagnosis> {
    pending ??= diagnose()
      .catch(() => ({ healthy: false, stages: [] }))
      .finally(() => (pending = null));
    return pending;
  }

  new Gauge({
    name: 'oi_healthy',
    help: '1 while doctor finds every stage ok, else 0',
    registers,
    async collect() {
      this.set((await shareDiagnosis()).healthy ? 1 : 0);
    },
  });
  new Gauge({
    name: 'oi_stage_ok',
    help: '1 while doctor finds a stage ok, else 0; several collectors are one stage',
    labelNames: ['stage'] as const,
    registers,
    async collect() {
      const { stages } = await shareDiagnosis();
      this.reset();
      for (const { stage } of stages) this.set({ stage }, 1);
      for (const { stage, state } of stages) if (state !== 'ok') this.set({ stage }, 0);
    },
  });
}
