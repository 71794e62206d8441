import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import pg from 'pg';
import { Server } from 'socket.io';

/**
 * The pattern that this project replaces, re-created to be measured beside it: each sample is inserted by a statement of
 * its own, each symbol is emitted by an event of its own to three rooms, and a client that hears one waits two seconds
 * and fetches everything. A child process of the benchmark; DATABASE_URL names an empty database.
 */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });
await pool.query(`
  create table open_interest_snapshots (
    id text primary key,
    symbol text not null,
    ts timestamp(3) not null,
    open_interest numeric(30, 8) not null,
    open_interest_usd numeric(30, 2),
    mark_price numeric(20, 8),
    source text not null default 'snapshot',
    created_at timestamp(3) not null default now()
  );
  create index on open_interest_snapshots (symbol, ts);
  create index on open_interest_snapshots (ts);
  create index on open_interest_snapshots (source, ts)`);

type Item = { symbol: string; openInterest: number; openInterestUsd: number; markPrice: number };
type Body = { data: Item[]; timestamp: string; source: string };

const cache = new Map<string, number>();
const app = express();
app.use(express.json({ limit: '1mb' }));
const http = createServer(app);
const io = new Server(http);
let nextId = 0;

io.on('connection', (socket) => void socket.join('tier-pro'));

app.post('/api/market/open-interest/ingest', async (request, response) => {
  const { data, timestamp, source } = request.body as Body;
  for (const item of data) {
    await pool.query(
      `insert into open_interest_snapshots (id, symbol, ts, open_interest, open_interest_usd, mark_price, source)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        `c${process.pid.toString(36)}${(nextId++).toString(36).padStart(20, '0')}`,
        item.symbol,
        timestamp,
        item.openInterest,
        item.openInterestUsd,
        item.markPrice,
        source,
      ],
    );
    cache.set(item.symbol, item.openInterestUsd);
  }
  for (const item of data) {
    for (const room of ['tier-elite', 'tier-pro', 'tier-free']) {
      io.to(room).emit('open-interest-update', { ...item, source, timestamp: new Date().toISOString() });
    }
  }
  response.json({ success: true, inserted: data.length, cached: cache.size });
});

app.get('/api/market/open-interest', (_request, response) => {
  response.json({ data: Object.fromEntries(cache), stale: false, asOf: Date.now() });
});

http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }));
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit(0));
