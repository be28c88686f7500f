/**
 * Entry of the thread that fills in chat templates. It holds nothing worth keeping: whatever a
 * template does to it, it is ended and another one started.
 */
import { parentPort } from 'node:worker_threads';
import { renderChat, type ChatTask } from './render-chat.ts';

parentPort?.on('message', (task: ChatTask) => {
  parentPort?.postMessage({ kind: 'started' });
  parentPort?.postMessage(renderChat(task));
});
