/**
 * The live view: figures, the wafer, tokens and queue over time, requests as timelines.
 */
import type { LiveAnswer, LiveModel } from '../src/live-snapshot.ts';
import { count, sum, useLive } from './live-state.ts';
import type { LiveState } from './live-state.ts';
import { Plot } from './plot.tsx';
import { WaferMap } from './wafer-map.tsx';

const ANSWERS_SHOWN = 12;

export function Live({ serverKey }: { serverKey: string }) {
  const state = useLive(serverKey);
  const { now, error, needsKey } = state;
  if (now === undefined) {
    return (
      <section class="wide" aria-live="polite">
        <h2>The wafer, live</h2>
        {needsKey ? (
          <p>{`Type a key of the role admin above. The server said: ${error ?? ''}`}</p>
        ) : (
          <p class="quiet">{error ?? 'Waiting for the server.'}</p>
        )}
      </section>
    );
  }
  return (
    <>
      {error === undefined ? null : (
        <p class="wide error" role="alert">{`Not connected: ${error}`}</p>
      )}
      <Figures state={state} />
      {now.models.map((model) => (
        <Model key={model.id} model={model} state={state} />
      ))}
      <Charts state={state} />
      <Answers answers={now.answers} />
    </>
  );
}

function Figures({ state }: { state: LiveState }) {
  const { now, history } = state;
  const wafers = now!.models.flatMap(({ wafer }) => (wafer ? [wafer] : []));
  const total = (pick: (wafer: (typeof wafers)[number]) => number): number => sum(wafers.map(pick));
  const looked = total(({ prefixHitCount, prefixMissCount }) => prefixHitCount + prefixMissCount);
  const rate = sum(Object.values(history.at(-1)?.tokensPerSecond ?? {}));
  const entries: readonly [string, string][] = [
    ['tokens/s', rate.toFixed(rate < 100 ? 1 : 0)],
    ['running', count(total(({ runningCount }) => runningCount))],
    ['waiting', count(total(({ waitingCount }) => waitingCount))],
    [
      'KV blocks held',
      `${count(total((w) => w.kvHeldCount))} of ${count(total((w) => w.kvBlockCount))}`,
    ],
    [
      'prefix hits',
      looked === 0 ? '–' : `${Math.round((100 * total((w) => w.prefixHitCount)) / looked)}%`,
    ],
    ['answers', count(sum(now!.tenants.map(({ answerCount }) => answerCount)))],
  ];
  return (
    <section class="wide">
      <h2>Now</h2>
      <dl class="figures">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Model({ model, state }: { model: LiveModel; state: LiveState }) {
  const { now, before } = state;
  const last = before?.models.find(({ id }) => id === model.id)?.wafer;
  const seconds = before === undefined ? 0 : (now!.atMs - before.atMs) / 1000;
  return (
    <section class="wide">
      <h2>{`${model.id} · ${model.state}`}</h2>
      {model.wafer === undefined ? (
        <p class="quiet">Not loaded.</p>
      ) : (
        <WaferMap wafer={model.wafer} before={last} seconds={seconds} />
      )}
    </section>
  );
}

function Charts({ state }: { state: LiveState }) {
  const { history, now } = state;
  const seconds = history.map(({ atSeconds }) => Math.round(atSeconds * 10) / 10);
  const tenants = now!.tenants.map(({ tenant }) => tenant);
  const tokens = tenants.map((name) => ({
    name: name === '' ? 'nobody' : name,
    values: history.map(({ tokensPerSecond }) => tokensPerSecond[name] ?? 0),
  }));
  const queue = [
    { name: 'running', values: history.map(({ runningCount }) => runningCount) },
    { name: 'waiting', values: history.map(({ waitingCount }) => waitingCount) },
  ];
  return (
    <>
      <section>
        <h2>Tokens per second, by tenant</h2>
        {tokens.length === 0 ? (
          <p class="quiet">Nobody has asked yet.</p>
        ) : (
          <Plot label="Tokens per second by tenant" seconds={seconds} lines={tokens} />
        )}
      </section>
      <section>
        <h2>Requests</h2>
        <Plot label="Requests" seconds={seconds} lines={queue} />
      </section>
    </>
  );
}

const PHASES = [
  ['wait', 'queueMs', 'waited'],
  ['prefill', 'prefillMs', 'read its prompt'],
  ['compute', 'decodeMs', 'wrote'],
] as const;

function Answers({ answers }: { answers: readonly LiveAnswer[] }) {
  const shown = answers.slice(-ANSWERS_SHOWN).toReversed();
  const lengthOf = (one: LiveAnswer): number => one.queueMs + one.prefillMs + one.decodeMs;
  const longest = Math.max(1, ...shown.map(lengthOf));
  return (
    <section class="wide">
      <h2>Timelines of the last requests</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Timelines">
        <table>
          <thead>
            <tr>
              <th scope="col">request</th>
              <th scope="col">tenant</th>
              <th scope="col">prompt</th>
              <th scope="col">cached</th>
              <th scope="col">written</th>
              <th scope="col">ms</th>
              <th scope="col">waited, read, wrote</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((answer) => (
              <tr key={answer.number}>
                <td>{`#${answer.number} ${answer.model}`}</td>
                <td>{answer.tenant}</td>
                <td>{answer.promptTokens}</td>
                <td>{answer.cachedTokens}</td>
                <td>{`${answer.generatedTokens}, ${answer.finish}`}</td>
                <td>{Math.round(lengthOf(answer))}</td>
                <td>
                  <Timeline answer={answer} longest={longest} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul class="legend">
        {PHASES.map(([kind, , name]) => (
          <li key={kind}>
            <i class={kind} />
            {name}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Timeline({ answer, longest }: { answer: LiveAnswer; longest: number }) {
  const text = PHASES.map(([, field, name]) => `${name} ${Math.round(answer[field])} ms`).join(
    ', ',
  );
  let left = 0;
  return (
    <svg viewBox="0 0 200 14" preserveAspectRatio="none" role="img" aria-label={text}>
      <title>{text}</title>
      {PHASES.map(([kind, field]) => {
        const width = (200 * answer[field]) / longest;
        left += width;
        return <rect key={kind} class={kind} x={left - width} width={width} y={1} height={12} />;
      })}
    </svg>
  );
}
