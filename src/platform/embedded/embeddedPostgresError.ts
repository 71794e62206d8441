import { ExplainedError } from '../../kit/errors.ts';

/** The embedded database cannot be started; the message says what the operator can do about it. */
export class EmbeddedPostgresError extends ExplainedError {
  override readonly name = 'EmbeddedPostgresError';
}
