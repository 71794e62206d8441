/**
 * The import arrows of the house (docs/oi_realtime/design.md#rooms), run by `npm run lint` and by
 * test/architecture.spec.ts. Each room lists what it may import of ours; everything else is an error.
 */
const TYPES = '\\.(types|shared)\\.ts$';

/** @param {string} room @param {string[]} allowed rooms or patterns under src/ */
const room = (name, allowed) => ({
  name: `${name}-imports`,
  comment: `src/${name} may import: ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: {
    path: '^src/',
    pathNot: [`^src/${name}/`, TYPES, ...allowed.map((it) => (it.includes('\\') ? it : `^src/${it}/`))],
  },
});

/**
 * The rooms inside a room. What is shared at its root is for all of them; its other root files compose and import every room.
 * @param {string} parent @param {string[]} shared patterns of files under src/{parent}/
 * @returns {(name: string, allowed: string[]) => object} `allowed`: rooms under src/{parent}/
 */
const roomsOf = (parent, shared) => (name, allowed) => ({
  name: `${parent}-${name}-imports`,
  comment: `src/${parent}/${name} may import: ${allowed.join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: `^src/${parent}/${name}/` },
  to: {
    path: `^src/${parent}/`,
    pathNot: [
      TYPES,
      ...[name, ...allowed].map((it) => `^src/${parent}/${it}/`),
      ...shared.map((it) => `^src/${parent}/${it}$`),
    ],
  },
});
const openInterestRoom = roomsOf('openInterest', ['openInterest\\.context\\.ts']);
const collectorRoom = roomsOf('collector', ['config\\.ts']);
const simulatorRoom = roomsOf('simulator', []);
const platformRoom = roomsOf('platform', []);

module.exports = {
  forbidden: [
    { ...room('kit', []), to: { path: '^src/', pathNot: ['^src/kit/'] } },
    {
      name: 'types-imports',
      comment: '*.types.ts and *.shared.ts run anywhere, the browser included: zod, kit and each other only',
      severity: 'error',
      from: { path: TYPES },
      to: { pathNot: [TYPES, '^src/kit/', 'node_modules/zod/'] },
    },
    room('platform', ['kit']),
    platformRoom('database', []),
    platformRoom('embedded', []),
    platformRoom('redis', []),
    platformRoom('http', ['database']),
    room('access', ['kit', 'platform/http', 'platform/database/postgres\\.ts$']),
    room('openInterest', ['kit', 'platform']),
    openInterestRoom('ingest', ['board', 'history', 'universe', 'operator/recorder']),
    openInterestRoom('board', []),
    openInterestRoom('history', ['board', 'alerts', 'ingest']),
    openInterestRoom('cluster', ['alerts', 'board', 'history', 'ingest', 'universe']),
    openInterestRoom('alerts', ['board', 'cluster', 'history', 'ingest', 'rules']),
    openInterestRoom('universe', ['cluster', 'ingest']),
    openInterestRoom('positioning', ['history', 'ingest', 'views']),
    openInterestRoom('delivery', []),
    openInterestRoom('views', []),
    openInterestRoom('rules', ['board', 'cluster', 'delivery', 'history', 'ingest', 'universe', 'views']),
    openInterestRoom('operator', ['alerts', 'board', 'delivery', 'history', 'ingest', 'rules', 'universe']),
    room('sockets', ['kit', 'access', 'platform/http']),
    room('server', ['kit', 'platform', 'access', 'openInterest', 'sockets']),
    room('collector', ['kit', 'openInterest/openInterest\\.liquidUniverse\\.service\\.ts$']),
    collectorRoom('process', []),
    collectorRoom('outbound', []),
    collectorRoom('store', []),
    collectorRoom('server', ['outbound', 'process']),
    collectorRoom('binance', ['outbound', 'process']),
    collectorRoom('spool', ['process', 'server', 'store']),
    collectorRoom('heartbeat', ['binance', 'server']),
    collectorRoom('metrics', ['heartbeat', 'process']),
    collectorRoom('streams', ['outbound']),
    collectorRoom('markPrices', ['binance', 'outbound', 'process', 'streams']),
    collectorRoom('proxy', ['binance', 'process']),
    collectorRoom('liquidUniverse', ['process', 'server']),
    collectorRoom('alerts', ['server', 'spool', 'store']),
    collectorRoom('backfill', ['binance', 'process', 'server', 'spool', 'store']),
    collectorRoom('positioning', ['binance', 'outbound', 'process', 'server', 'streams']),
    collectorRoom('poller', ['alerts', 'binance', 'process', 'server', 'spool', 'store']),
    collectorRoom('snapshots', ['binance', 'poller', 'process', 'spool']),
    room('simulator', ['kit']),
    simulatorRoom('facts', []),
    simulatorRoom('market', ['facts']),
    simulatorRoom('faults', ['market']),
    simulatorRoom('exchange', ['faults', 'market']),
    simulatorRoom('stream', ['exchange', 'market']),
    room('demo', ['kit', 'platform', 'access', 'server', 'collector', 'simulator']),
    room('client', ['kit/clock\\.ts$']),
    room('dashboard', ['client']),
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-dev-dependencies-in-src',
      comment: 'what the dashboard imports is bundled when it is built, so nobody needs it to run',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/dashboard/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // Its parser reads no JSX; test/architecture.spec.ts reads the imports of these files itself.
    exclude: { path: '\\.tsx$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
