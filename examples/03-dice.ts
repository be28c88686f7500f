/**
 * 3. The cut: the same program on a whole wafer and diced into two chips, each a process of its
 * own, joined by a socket. The tokens are the same; what crossed the kerf can be counted.
 *
 *     node examples/03-dice.ts
 */
import { Wafer } from '@wafer/runtime';
import type { WaferOptions } from '@wafer/runtime';

async function tell(options: Partial<WaferOptions>): Promise<string> {
  await using wafer = await Wafer.start({ model: 'stories', grid: '2x1', ...options });
  let text = '';
  let tokenCount = 0;
  const startMs = performance.now();
  for await (const piece of wafer.generate('One day', { maxTokens: 60, temperature: 0 })) {
    text += piece.text;
    tokenCount += 1;
  }
  const rate = (1000 * tokenCount) / (performance.now() - startMs);
  const linkBytes = wafer.traffic().channels.reduce((sum, { payloadBytes, overheadBytes }) => {
    return overheadBytes > 0 ? sum + payloadBytes : sum;
  }, 0);
  console.log(
    `${rate.toFixed(0)} tokens/s, ${linkBytes} bytes over links: ${JSON.stringify(options)}`,
  );
  return text;
}

const whole = await tell({});
const diced = await tell({ dice: '2x1', link: 'unix' });
if (whole !== diced) throw new Error('the cut changed the text');
