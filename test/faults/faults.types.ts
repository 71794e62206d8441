import type { Stage } from './doctorClient.ts';
import type { Rig, RigPlan } from './rig.ts';

/** What doctor has to say of a fault, at the stage that it calls the first to look at. */
export type Expected = {
  stage: string;
  /** `ok`: nothing is broken, and doctor says so in the finding all the same. */
  state?: 'ok';
  cause: RegExp;
  remedy?: RegExp;
  withinSec: number;
};

/** How a fault is taken back. */
export type Undo = () => unknown;

export type Fault = {
  name: string;
  /** Makes the system one in which it can strike; that has to be healthy before it does. */
  prepare?: (rig: Rig) => unknown;
  /** Brings it about; what it answers takes back what the repair does not. */
  inject: (rig: Rig) => Promise<Undo | void> | Undo | void;
  /** Proof that it has really struck, in a few words; `null`: not yet. */
  bites: (rig: Rig) => Promise<string | null> | string | null;
  expect: Expected;
  /** Does what the remedy says; left out where `inject` takes it back, or where it ends by itself. */
  repair?: (rig: Rig, said: Stage) => unknown;
  okWithinSec?: number;
};

/** Faults that share a system. */
export type Family = { name: string; plan: RigPlan; faults: readonly Fault[] };

/** A system in which all is well, so that doctor must not complain once. */
export type Watch = {
  name: string;
  plan: RigPlan;
  /** What happens in it; answers the addresses of all nodes to be asked. */
  arrange?: (rig: Rig) => Promise<readonly string[]>;
};

/** A line of the report. */
export type Outcome = {
  family: string;
  name: string;
  passed: boolean;
  /** Stage and text as doctor gave them; of a failure, the last that was seen. */
  seen: string;
  secondsToName: number | null;
  secondsToOk: number | null;
  /** Proof that the fault has struck. */
  proof: string;
  /** What is wrong with it; empty when it passed. */
  complaint: string;
  /** The last lines of its programs, where something is wrong. */
  logs?: Record<string, string>;
};

/** Of a fault or a watch that has not ended yet. */
export const NO_OUTCOME: Omit<Outcome, 'family' | 'name'> = {
  passed: false,
  seen: '',
  secondsToName: null,
  secondsToOk: null,
  proof: '',
  complaint: '',
};
