/** What a request is counted against. `none` is free of charge. */
export type Pool = 'requestWeight' | 'futuresData' | 'fundingInfo' | 'none';

/** Accepted, refused (429), or sent during a ban (418). */
export type Outcome = 'accepted' | 'refused' | 'banned';

/** What one address did in one minute of the wall clock. */
export type MinuteTally = {
  /** Epoch ms of the minute's start. */
  minute: number;
  address: string;
  requests: number;
  /** Never above the limit. */
  acceptedWeight: number;
  /** Weight of requests that were refused or arrived during a ban. */
  refusedWeight: number;
  futuresDataRequests: number;
  /** Answered 429. */
  refused: number;
  /** Answered 418. */
  duringBan: number;
};

/** Epoch ms of the wall clock. An extended ban counts as another one. */
export type Ban = { address: string; from: number; until: number };

/** `GET /simulator/stats`: the exchange's own account of its callers. */
export type SimulatorStats = {
  /** Simulated, epoch ms. */
  time: number;
  /** Oldest first. */
  minutes: MinuteTally[];
  bans: Ban[];
  totals: {
    requests: number;
    refused: number;
    duringBan: number;
    /** By path, then by what was answered: `200`, `429`, `hang`, `torn`, … */
    answers: Record<string, Record<string, number>>;
  };
  sockets: { open: number; opened: number; dropped: number; framesSent: number };
};
