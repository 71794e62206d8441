import { z } from 'zod';
import { BoardBody, RemovedRow, Source } from '../openInterest.types.ts';
import { UsualChanges } from './usual.types.ts';
import { WINDOWS } from './windows.shared.ts';

/**
 * Frames 2: rows as columns. A client asks for them with `auth: {frames: 2}`; without it, it receives named rows. Both
 * carry the same rows, exactly. The number grows with each change of the columns, so that a page that was loaded before
 * an update of the server receives named rows afterwards.
 */
export const FRAMES = 2;

const optional = z.number().nullable();
/** A number in units of 1e-8, in which most rates are whole; any other is sent as it is, in brackets. */
const rate = z.union([z.number(), z.tuple([z.number()]), z.null()]);
/** One value where all rows have the same, else one a row. */
const same = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.array(schema)]);
/** Basis points, a column a window, shortest first, each as `encodeWholes` writes it. */
const windowColumns = z.array(z.string()).length(WINDOWS.length);
/** Row, value, row, value, … of the rows that have one; absent: none has. A row is named by its index. */
const pairs = <Schema extends z.ZodType>(schema: Schema) => z.array(z.union([z.number(), schema])).optional();

/** Index i of each column belongs to row i. */
export const RowColumns = z.object({
  /** The number of each row's symbol, ascending: the first, then how much greater each is than the one before. */
  ids: z.array(z.number()),
  /** The symbols that these rows introduce. A number means one symbol for the whole epoch. */
  symbols: pairs(z.string()),
  /** Contracts. */
  oi: z.array(z.number()),
  /** Mark prices, USD. */
  px: z.array(optional),
  /** Times of the samples: the earliest, epoch ms, and how much later each is. */
  t0: z.number(),
  t: z.array(z.number()),
  /** Funding rates. */
  f: z.array(rate),
  every: same(z.number()),
  source: same(Source),
  /** USD values that are not contracts × mark price. */
  usd: pairs(optional),
  /** Changes of contracts and of the mark price. */
  d: windowColumns,
  p: windowColumns,
  /**
   * Changes of USD, a number a row as `encodeWholes` writes it: a digit to the base of 3 for each window, -1, 0 or 1, the
   * first one lowest. The change is what those of contracts and price make, rounded, plus the digit. `null`: see `dUsdOther`.
   */
  dUsd: z.string(),
  /** The changes of USD of each row whose number is `null`, in order. */
  dUsdOther: z.array(z.array(optional).length(WINDOWS.length)).optional(),
  /** 24 h volumes, hours between two fundings, supplies in contracts, sectors, usual changes and sparks that are new. */
  vol: pairs(optional),
  hours: pairs(optional),
  supply: pairs(optional),
  sectors: pairs(z.array(z.string()).nullable()),
  usual: pairs(UsualChanges.nullable()),
  spark: pairs(z.string().nullable()),
});
export type RowColumns = z.infer<typeof RowColumns>;

/** A window's update as columns. Its rows have the frame's `seq`. */
export const UpdateFrame = RowColumns.extend({
  epoch: z.string(),
  from: z.number(),
  seq: z.number(),
  asOf: optional,
  serverTime: z.number(),
  /** The symbols that left the board. */
  gone: z.array(z.string()).optional(),
});
export type UpdateFrame = z.infer<typeof UpdateFrame>;

/** The answer to a sync as columns. Each row introduces its symbol. */
export const BodyFrame = BoardBody.omit({ rows: true }).extend({
  rows: RowColumns.extend({
    /** The `seq` of each row. */
    seqs: same(z.number()),
    gone: z.array(RemovedRow),
  }),
});
export type BodyFrame = z.infer<typeof BodyFrame>;
