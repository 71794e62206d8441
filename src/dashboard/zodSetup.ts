import { config } from 'zod';

/** Imported before every schema: compiled ones need `eval`, which the content security policy refuses, loudly. */
config({ jitless: true });
