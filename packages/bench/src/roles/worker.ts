/**
 * The child process of one runner. It ends when its parent does.
 */
import { assert, WaferError } from '@wafer/core';
import type { ChildAnswer, ChildRequest } from '../process/messages.ts';
import type { Runner } from '../process/runner.ts';
import { OPENERS } from './openers.ts';

type AnyRunner = Runner<unknown, unknown>;
type Opener = (options: unknown) => Promise<AnyRunner>;

let runner: AnyRunner | undefined;

async function answer(request: ChildRequest): Promise<unknown> {
  switch (request.kind) {
    case 'open': {
      // The parent's side is typed by role; here a role is only a name.
      const openers = OPENERS as unknown as Record<string, Opener>;
      const open = Object.hasOwn(openers, request.role) ? openers[request.role] : undefined;
      assert(open !== undefined, 'a child has one of these roles', {
        role: request.role,
        roles: Object.keys(openers),
      });
      runner = await open(request.options);
      return undefined;
    }
    case 'measure':
      assert(runner !== undefined, 'a runner is opened before it is measured');
      return runner.measure(request.task);
    case 'close':
      await runner?.close();
      process.disconnect?.();
      return undefined;
  }
}

function send(message: ChildAnswer): void {
  if (process.connected) process.send?.(message);
}

process.on('message', (request: ChildRequest) => {
  answer(request).then(
    (sample) => send({ kind: 'done', sample }),
    (error: unknown) => {
      const message = Error.isError(error) ? (error.stack ?? error.message) : String(error);
      send({
        kind: 'failed',
        message,
        error: error instanceof WaferError ? error.toJSON() : undefined,
      });
    },
  );
});
process.on('disconnect', () => process.exit());
