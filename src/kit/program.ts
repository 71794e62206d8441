import { parseArgs, type ParseArgsConfig } from 'node:util';
import { coerceError, ExplainedError } from './errors.ts';
import { readVersion } from './version.ts';

/** Invalid arguments. The program prints its usage below the message. */
export class UsageError extends ExplainedError {
  override readonly name = 'UsageError';
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Given<Wanted extends Options> = {
  values: ReturnType<typeof parseArgs<{ options: Wanted }>>['values'];
  positionals: string[];
};

const COMMON = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const satisfies Options;

const COMMON_USAGE = '  -h, --help   print this text\n  --version    print the version\n';

/**
 * Runs a program: handles `--help` and `--version`, refuses unknown arguments, and prints an ExplainedError of `run` as one
 * message, any other error with its stack. Exit codes: 0, 1 failed, 2 wrong usage.
 */
export async function runProgram<const Wanted extends Options = Record<string, never>>(program: {
  /** Starts with `Usage: ` and ends with a line break; the common options are appended. */
  usage: string;
  options?: Wanted;
  /** Allows positional arguments. */
  words?: boolean;
  run: (given: Given<Wanted>) => Promise<void>;
}): Promise<void> {
  const usage = program.usage + COMMON_USAGE;
  try {
    const given = parse(program.options ?? {}, program.words ?? false);
    if (given.values['help']) process.stdout.write(usage);
    else if (given.values['version']) process.stdout.write(`${readVersion()}\n`);
    else await program.run(given as Given<Wanted>);
  } catch (thrown) {
    const error = coerceError(thrown);
    const isUsage = error instanceof UsageError;
    const text = error instanceof ExplainedError ? error.message : (error.stack ?? String(error));
    process.stderr.write(`${text}\n${isUsage ? usage : ''}`);
    // Open handles would keep the process alive.
    process.exit(isUsage ? 2 : 1);
  }
}

function parse(options: Options, allowPositionals: boolean) {
  try {
    return parseArgs({ options: { ...options, ...COMMON }, allowPositionals });
  } catch (thrown) {
    // Node's advice after the first sentence does not apply.
    throw new UsageError(coerceError(thrown).message.split('. ')[0]!, { cause: thrown });
  }
}
