import { z } from 'zod';
import { OPERATOR_KEY } from '../support/testServer.ts';

const Stage = z.object({
  stage: z.string(),
  finding: z.string(),
  state: z.enum(['ok', 'WAITING', 'LATE', 'DEGRADED', 'BROKEN']),
  next: z.string().default(''),
  /** Set at the stage that doctor calls the first to look at. */
  first: z.boolean().default(false),
});
export type Stage = z.infer<typeof Stage>;

const Answer = z.object({ healthy: z.boolean(), stages: z.array(Stage) });

/** What doctor says at one moment; without stages where it does not answer. */
export type Look = { healthy: boolean; stages: readonly Stage[] };

const PATIENCE_MS = 15_000;

export async function askDoctor(url: string): Promise<Look> {
  try {
    const answer = await fetch(`${url}/debug/doctor?format=json`, {
      headers: { 'X-API-Key': OPERATOR_KEY },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return Answer.parse(await answer.json());
  } catch {
    return { healthy: false, stages: [] };
  }
}

export function describeStage({ stage, finding, state, next }: Stage): string {
  return `${stage} ${state}: ${finding}${next ? ` → ${next}` : ''}`;
}

/** Rows move. After the exchange's clock was ahead none does for up to a minute: the stored ones are newer. */
export function isMoving({ stages }: Look): boolean {
  return !stages.some((it) => it.stage === 'stored' && it.finding.startsWith('0 symbols moved'));
}

/** What an operator reads first. */
export function describeLook({ healthy, stages }: Look): string {
  if (stages.length === 0) return 'doctor does not answer';
  if (healthy) return 'all ok';
  const wrong = stages.filter((it) => it.state !== 'ok');
  const first = wrong.find((it) => it.first) ?? wrong[0];
  return first ? describeStage(first) : 'not healthy, and no stage says why';
}
