/**
 * Entry of the thread that fills in chat templates. It holds nothing worth keeping: whatever a
 * template does to it, it is ended and another one started.
 */
import { parentPort } from 'node:worker_threads';
import { renderTemplate, type TemplateTask } from './render-template.ts';

parentPort?.on('message', (task: TemplateTask) => {
  parentPort?.postMessage({ kind: 'started' });
  parentPort?.postMessage(renderTemplate(task));
});
