import { z } from 'zod';
import { createTokenSigner } from '../access/tokenSigner.ts';
import { Role, Tier } from '../access/access.types.ts';
import { HOUR_MS, systemClock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { runProgram, UsageError } from '../kit/program.ts';
import { secretsFile, selectOptionalSecrets } from './madeUpSecrets.ts';
import { parseServerConfig } from './config.ts';

/**
 * `--tier pro --sub ada` prints a token that the server of the same settings takes: started in the same
 * folder with the same environment, it finds the secret where the server does. For operators and first looks; people's
 * tokens come from the account service.
 */
const USAGE = `Usage: node dist/server/token.js --tier free|pro|elite --sub NAME [--role user|admin] [--name TEXT] [--hours 1]
Prints a token that the server of the same settings and folder takes.
`;

const Wanted = z.object({
  tier: Tier,
  sub: z.string().min(1),
  role: Role.default('user'),
  name: z.string().optional(),
  hours: z.coerce.number('must be a number').positive().max(720).default(1),
});

const text = { type: 'string' } as const;

await runProgram({
  usage: USAGE,
  options: { tier: text, sub: text, role: text, name: text, hours: text },
  async run({ values }) {
    console.log(await signToken(parseWanted(values), process.env));
  },
});

function parseWanted(values: object): z.output<typeof Wanted> {
  const parsed = Wanted.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new UsageError(parsed.error.issues.map((it) => `--${it.path.join('.')}: ${it.message}`).join('\n'));
}

async function signToken(wanted: z.output<typeof Wanted>, env: NodeJS.ProcessEnv): Promise<string> {
  const { access, dataDir } = parseServerConfig(env);
  const { jwtIssuer: issuer, jwtAudience: audience } = access;
  if (access.jwksUrl !== undefined) {
    throw new SettingsError(
      'Tokens are verified with the keys of AUTH_JWKS_URL: only its owner can sign them.',
    );
  }
  const secret = access.jwtSecret ?? (await selectMadeUpSecret(secretsFile(dataDir)));
  const { hours, name, ...claims } = wanted;
  const issuedAt = systemClock.now();
  return createTokenSigner({ secret, issuer, audience }).sign({
    ...claims,
    ...(name !== undefined && { name }),
    issuedAt,
    expiresAt: issuedAt + hours * HOUR_MS,
  });
}

/** Makes none where there is none: the server that would take it might stand elsewhere. */
async function selectMadeUpSecret(file: string): Promise<string> {
  const secrets = await selectOptionalSecrets(file);
  if (secrets === null) {
    throw new SettingsError(
      `No secret to sign with: AUTH_JWT_SECRET is not set, and no server has made one in ${file}.\n` +
        "Run this with the server's AUTH_JWT_SECRET or DATA_DIR, in its folder; or start the server first.",
    );
  }
  console.error(`signed with the secret in ${file}`);
  return secrets.jwtSecret;
}
