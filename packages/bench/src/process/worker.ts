/**
 * The child process of one runner. It ends when its parent does.
 */
import { assert, WaferError } from '@wafer/core';
import type { ChildAnswer, ChildRequest } from './messages.ts';
import type { Runner } from './runner.ts';
import { OPENERS } from './roles.ts';

type AnyRunner = Runner<unknown, unknown>;

let runner: AnyRunner | undefined;

async function answer(request: ChildRequest): Promise<unknown> {
  switch (request.kind) {
    case 'open': {
      // The parent's side is typed by role; here a role is only a name.
      const open = OPENERS[request.role] as (options: unknown) => Promise<AnyRunner>;
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
