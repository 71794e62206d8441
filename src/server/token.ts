import { z } from 'zod';
import { createTokenSigner } from '../access/tokenSigner.ts';
import { Role, Tier } from '../access/access.types.ts';
import { HOUR_MS, systemClock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { runProgram, UsageError } from '../kit/program.ts';
import { secretsFile, selectOptionalSecrets } from './generatedSecrets.ts';
import { parseServerConfig } from './config.ts';

/**
 * For operators and first tests: in the same folder with the same environment, it finds the server's secret. In production,
 * the account service issues users' tokens.
 */
const USAGE = `Usage: node dist/server/token.js --tier free|pro|elite --sub NAME [--role user|admin] [--name TEXT] [--hours 1]
Prints a token that a server with the same settings and folder accepts.
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
    throw new SettingsError('AUTH_JWKS_URL is set, so only the owner of its keys can sign tokens.');
  }
  const secret = access.jwtSecret ?? (await selectGeneratedSecret(secretsFile(dataDir)));
  const { hours, name, ...claims } = wanted;
  const issuedAt = systemClock.now();
  return createTokenSigner({ secret, issuer, audience }).sign({
    ...claims,
    ...(name !== undefined && { name }),
    issuedAt,
    expiresAt: issuedAt + hours * HOUR_MS,
  });
}

/** Generates no secret: the server may use another folder. */
async function selectGeneratedSecret(file: string): Promise<string> {
  const secrets = await selectOptionalSecrets(file);
  if (secrets === null) {
    throw new SettingsError(
      `No secret to sign with: AUTH_JWT_SECRET is not set, and no server has generated one in ${file}.\n` +
        "Run this with the server's AUTH_JWT_SECRET or DATA_DIR, in its folder; or start the server first.",
    );
  }
  console.error(`signed with the secret in ${file}`);
  return secrets.jwtSecret;
}
