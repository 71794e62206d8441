import { ExplainedError } from '../../kit/errors.ts';

/** The embedded database cannot be started; the message contains the remedy. */
export class EmbeddedPostgresError extends ExplainedError {
  override readonly name = 'EmbeddedPostgresError';
}
