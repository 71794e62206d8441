/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  // They need a built dashboard and a browser: npm run test:browser.
  testPathIgnorePatterns: ['<rootDir>/test/browser/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'es6' },
      },
    ],
  },
  // Most specs wait for servers rather than compute: one worker for each core, instead of all but one.
  maxWorkers: '100%',
  globalSetup: '<rootDir>/test/support/globalSetup.ts',
  globalTeardown: '<rootDir>/test/support/globalTeardown.ts',
  // Ends a test that hangs. A busy machine needs many times what a quiet one does, and no test may fail by that.
  testTimeout: 180_000,
};
export default config;
