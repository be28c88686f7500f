import { expect, test } from 'vitest';
import type { WaferError } from '@wafer/core';
import { connectLink } from '@wafer/fabric/links';
import type { LinkAddress, LinkEnd, SocketLink } from '@wafer/fabric/links';
import { INFERENCE } from './chip.ts';
import { runChipProcess } from './chip-process.ts';
import { hostChannels, linkIdentity, PARENT } from './protocol.ts';
import { WALL_CLOCK } from './link-clock.ts';

const secret = new Uint8Array(32).fill(7);
const identity = linkIdentity('plain');

/** Connects as a parent would, with some things changed; how the link opened or did not. */
async function knock(address: LinkAddress, changes: Partial<LinkEnd>): Promise<SocketLink> {
  const spec: LinkEnd = {
    name: 'Wafer.Link[test]',
    role: 'connect',
    chip: PARENT,
    identity,
    secret,
    nonce: new Uint8Array(16).fill(1),
    ...changes,
  };
  const nothing = (): void => undefined;
  const channels = (): ReturnType<typeof hostChannels> => hostChannels('parent');
  const handlers = { channels, onOpen: nothing, onCredit: nothing, onRoom: nothing };
  const link = connectLink(address, {
    spec,
    clock: WALL_CLOCK,
    handlers: { ...handlers, onMessage: nothing, onEnd: nothing },
  });
  await link.opened;
  return link;
}

test('a chip refuses strangers with a code, waits on, and ends with its parent', async () => {
  const refused: string[] = [];
  const listening = Promise.withResolvers<LinkAddress>();
  const served = runChipProcess(
    {
      listen: { kind: 'unix' },
      secret,
      rounding: 'plain',
      revectorize: false,
      onListening: listening.resolve,
      onRefused: (error: WaferError) => refused.push(error.code),
    },
    INFERENCE,
  );
  const address = await listening.promise;
  const wrongSecret = knock(address, { secret: new Uint8Array(32) });
  await expect(wrongSecret).rejects.toMatchObject({ code: 'LINK_SECRET' });
  const kernelHash = '00'.repeat(32);
  const wrongKernels = knock(address, { identity: { ...identity, kernelHash } });
  await expect(wrongKernels).rejects.toMatchObject({
    code: 'LINK_MISMATCH',
    details: { field: 'kernelHash', expected: kernelHash, actual: identity.kernelHash },
  });
  // What a chip of another host is told must not be altered on the way.
  const untagged = knock(address, { isAuthenticated: false });
  await expect(untagged).rejects.toMatchObject({
    code: 'LINK_MISMATCH',
    details: { field: 'isAuthenticated', expected: false, actual: true },
  });
  const tooEarly = knock(address, { chip: 0 });
  // It opens at this end, then the other one says why it does not.
  await tooEarly.then((link) => link.ended).catch(() => undefined);

  const parent = await knock(address, {});
  const second = await knock(address, {}).catch((error: WaferError) => error);
  if (!Error.isError(second)) await second.ended;
  parent.close();
  await served;
  const mismatches = ['LINK_MISMATCH', 'LINK_MISMATCH'];
  expect(refused).toEqual(['LINK_SECRET', ...mismatches, 'LINK_FRAME', 'LINK_FRAME']);
});
