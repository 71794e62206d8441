import { createDatabase } from '../../src/platform/database/database.ts';
import { createDeliveryRig } from './deliveryRig.ts';
import { silentLogger } from './silentLogger.ts';

/** A process that sends what is in the outbox of a database, until it is killed: `deliveryNode.ts DATABASE_URL KEY_HEX`. */
const [, , url = '', key = ''] = process.argv;
const db = createDatabase({ url, max: 4, logger: silentLogger });
createDeliveryRig({ db, key: Buffer.from(key, 'hex'), leaseMs: 1_000 }).startSender();
setInterval(() => undefined, 60_000);
process.stdout.write('sending\n');
