/**
 * 5. A machine that is not here: real tokens, and beside them the time that two H100 would have
 * taken, by their numbers. That is the virtual clock; nothing was measured on such a chip.
 *
 *     node examples/05-described-machine.ts
 */
import { Wafer } from '@wafer/runtime';

async function virtualMs(link: string): Promise<number> {
  const options = { model: 'stories', grid: '2x1', dice: '2x1' } as const;
  await using wafer = await Wafer.start({ ...options, virtual: { machine: 'h100', link } });
  let virtualNs = 0;
  for await (const piece of wafer.generate('Once', { maxTokens: 20, temperature: 0 })) {
    virtualNs = piece.virtualNs ?? virtualNs;
  }
  return virtualNs / 1e6;
}

const nvlink = await virtualMs('nvlink4');
const ethernet = await virtualMs('ethernet-100g');
const [fast, slow] = [nvlink.toFixed(2), ethernet.toFixed(2)];
console.log(`20 tokens on two H100, virtual clock: NVLink ${fast} ms, Ethernet ${slow} ms`);
if (!(nvlink > 0 && ethernet > nvlink)) throw new Error('a slower link took no longer');
