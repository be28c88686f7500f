/**
 * For tests: a server of a process of its own, which keeps its state in the folder that is named.
 * The first line it prints is its address.
 */
import { startTestServer } from './test-server.ts';

const [folder] = process.argv.slice(2);
const server = await startTestServer({ store: { folder } });
process.stdout.write(`${server.url}\n`);
process.once('SIGTERM', () => void server.close());
