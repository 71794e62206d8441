import { createLogger, type Logger } from '../../src/kit/logger.ts';

export const silentLogger: Logger = createLogger({ level: 'silent', name: 'test' });
