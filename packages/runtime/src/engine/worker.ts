/**
 * Entry of the engine's thread.
 */
import { takeTask } from '../threads/take-task.ts';
import { Engine } from './engine.ts';
import type { EngineEvent, EngineTask } from './messages.ts';

const task = await takeTask<EngineTask>();
try {
  const engine = new Engine(task);
  const ready: EngineEvent[] = [{ kind: 'ready' }];
  task.port.postMessage(ready);
  engine.run();
} catch (error) {
  const reason = String(Error.isError(error) ? error.stack : error);
  const crash: EngineEvent[] = [{ kind: 'crashed', reason }];
  task.port.postMessage(crash);
}
task.port.close();
